import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../core/kernel/canonicalJson.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import { type Assignment, desiredRevision } from '../../../core/rollout/assignment.ts';
import { changeKindOf, type SlotName } from '../../../core/topology/service.ts';
import type { Target } from '../../../core/topology/target.ts';
import type { AssignmentSet, SlotReport } from '../../../engine/ports/fleet.ts';
import { AgentCapability, PackageState, type PackageStatuses } from '../../../wire/opamp/generated/opamp_pb.ts';
import { cutText } from '../fieldLimits.ts';

/** What an agent that is not ours last said of its packages. */
export interface PackagesState {
  /** Of the set it was last offered, hexadecimal; empty: it was offered none. */
  readonly allHash: string;
  readonly error: string;
  readonly packages: ReadonlyMap<string, PackageSaid>;
}

interface PackageSaid {
  /** The hash that we gave to what it has, hexadecimal: the digest of the revision. Empty: it has none, or not from us. */
  readonly hasHash: string;
  readonly hasVersion: string;
  readonly offeredHash: string;
  readonly state: PackageState;
  readonly error: string;
}

/** More packages than this are not looked at, and no agent has them. */
const MOST_PACKAGES = 256;

export function hearPackages(statuses: PackageStatuses): PackagesState {
  const packages = Object.entries(statuses.packages)
    .slice(0, MOST_PACKAGES)
    .map(([name, said]): [string, PackageSaid] => [
      name,
      {
        hasHash: said.agentHasHash.toHex(),
        hasVersion: cutText(said.agentHasVersion),
        offeredHash: said.serverOfferedHash.toHex(),
        state: said.status,
        error: cutText(said.errorMessage),
      },
    ]);
  const allHash = statuses.serverProvidedAllPackagesHash.toHex();
  return { allHash, error: cutText(statuses.errorMessage), packages: new Map(packages) };
}

/** The packages of one agent as a whole: OpAMP offers all of them or none, and the agent removes what is not among them. */
export interface ForeignPackages {
  /** Hexadecimal; OpAMP's `all_packages_hash`. */
  readonly hash: string;
  readonly packages: readonly ForeignPackage[];
}

export interface ForeignPackage {
  readonly slot: SlotName;
  /** The slot's name after the slash. */
  readonly name: string;
  readonly generation: number;
  /** `null`: it is not to have this package. */
  readonly artifact: Digest | null;
}

/** What is known of an agent's packages. */
export interface PackagesKnown {
  readonly capabilities: bigint;
  readonly packages: PackagesState | null;
  /** Hashes of what it has that are revisions of ours. */
  readonly ours: ReadonlySet<string>;
}

/** What this target is to have. The same computation that our own agents do for themselves. */
export function desiredPackages(set: AssignmentSet, target: Target, { packages }: PackagesKnown): ForeignPackages {
  const wanted = packageSlotsOf(set).map((assignment): ForeignPackage => {
    const { slot, generation } = assignment;
    const name = slot.slice(slot.indexOf('/') + 1);
    return { slot, name, generation, artifact: desiredRevision(assignment, target, heldOf(packages, name)) };
  });
  const present = wanted.filter(({ artifact }) => artifact !== null).map(({ name, artifact }) => [name, artifact]);
  const hash = createHash('sha256')
    .update(canonicalJson(Object.fromEntries(present)))
    .digest('hex');
  return { hash, packages: wanted };
}

/** The packages to offer now, or `null`. Who has acknowledged the set is not offered it again, whatever came of it. */
export function packagesToOffer(
  known: PackagesKnown,
  offered: { readonly hash: string; readonly at: DurationMs } | null,
  set: AssignmentSet,
  target: Target,
  now: DurationMs,
  reofferMs: DurationMs,
): ForeignPackages | null {
  const desired = desiredPackages(set, target, known);
  if (desired.packages.length === 0 || unable(known) !== null || strangerIn(known, set) !== null) return null;
  const isEmpty = desired.packages.every(({ artifact }) => artifact === null);
  const has = [...(known.packages?.packages.values() ?? [])].some(isThere);
  // Who was never offered anything is left alone, even by an offer of nothing.
  if (isEmpty && !has) return null;
  if (known.packages?.allHash === desired.hash) return null;
  if (offered !== null && offered.hash === desired.hash && now - offered.at < reofferMs) return null;
  return desired;
}

/** How it stands, in the words of our own agents. It knows no provisional apply: what it has installed is settled. */
export function packageReports(known: PackagesKnown, set: AssignmentSet, target: Target): readonly SlotReport[] {
  const desired = desiredPackages(set, target, known);
  const against = unable(known) ?? strangerIn(known, set);
  return desired.packages.map((wanted) => reportOf(known.packages, desired.hash, against, wanted));
}

function reportOf(
  said: PackagesState | null,
  allHash: string,
  against: string | null,
  { slot, name, generation, artifact }: ForeignPackage,
): SlotReport {
  const held = heldOf(said, name);
  const rest = { slot, generation, baseline: null, failed: null, failureCode: '', failure: '', verifiedBy: '' };
  const failed = (failureCode: string, failure: string): SlotReport => ({
    ...rest,
    phase: 'failed',
    current: held,
    failed: artifact,
    failureCode,
    failure,
  });
  // Nothing was begun, and nothing will be: as long as it is to have nothing of ours, that is fine.
  if (against !== null)
    return artifact === null
      ? { ...rest, phase: 'settled', current: held }
      : failed('prepare-failed', `${against}; nothing was begun`);
  const found = said?.packages.get(name);
  const isThereNow = found !== undefined && isThere(found);
  if (artifact === null ? !isThereNow : found?.state === PackageState.INSTALLED && held === artifact)
    return { ...rest, phase: 'settled', current: artifact, verifiedBy: 'package-statuses' };
  const isAbout = artifact !== null && found?.offeredHash === hexOf(artifact);
  if (isAbout && found.state === PackageState.INSTALL_FAILED)
    return failed('apply-failed', found.error || 'the agent gave no reason');
  if (said?.allHash === allHash && said.error !== '') return failed('apply-failed', said.error);
  return { ...rest, phase: 'applying', current: held };
}

/** Why no package can be offered to this agent; `null`: one can. What cannot be verified is not begun. */
function unable({ capabilities, packages }: PackagesKnown): string | null {
  const can = (capability: AgentCapability) => (capabilities & BigInt(capability)) !== 0n;
  if (!can(AgentCapability.ACCEPTS_PACKAGES)) return 'the agent does not accept packages';
  if (!can(AgentCapability.REPORTS_PACKAGE_STATUSES)) return 'the agent does not say what becomes of its packages';
  return packages === null ? 'the agent has not said which packages it has' : null;
}

/**
 * Law 5: an offer is the whole set, so a package that we did not give would be removed by it, and we could not give it back. The agent
 * says of each with which hash it was offered.
 */
function strangerIn({ packages, ours }: PackagesKnown, set: AssignmentSet): string | null {
  const slots = new Set(packageSlotsOf(set).map(({ slot }) => slot.slice(slot.indexOf('/') + 1)));
  for (const [name, said] of packages?.packages ?? []) {
    if (!isThere(said)) continue;
    if (slots.has(name) && ours.has(said.hasHash)) continue;
    return `the agent has ${name || 'a package'} ${said.hasVersion}, which Ringfence did not give it, and an offer would remove it`;
  }
  return null;
}

function packageSlotsOf({ assignments }: AssignmentSet): readonly Assignment[] {
  return assignments.filter(({ slot }) => changeKindOf(slot) === 'opamp');
}

function isThere({ hasHash, hasVersion }: PackageSaid): boolean {
  return hasHash !== '' || hasVersion !== '';
}

function heldOf(said: PackagesState | null, name: string): Digest | null {
  const hash = said?.packages.get(name)?.hasHash ?? '';
  return hash.length === 64 ? `sha256:${hash}` : null;
}

export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
