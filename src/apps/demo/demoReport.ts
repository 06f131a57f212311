import { FLEET, inRing, RINGS, type Ring } from './fleetLayout.ts';
import type { ShopRole } from './shop/routes.ts';

/** What `demo --report FILE` writes. Digests are `sha256:` and 64 digits; moments are milliseconds since 1970. */
export interface DemoReport {
  /** Whether the story came true on the targets' own disks: every condition held. */
  readonly cameTrue: boolean;
  readonly conditions: readonly Condition[];
  readonly changes: { readonly good: ChangeReport; readonly bad: ChangeReport };
  /** From the start of the demo until the end of the story. */
  readonly seconds: number;
  /** Of all processes together, at the end of the story. */
  readonly memory: MemoryReport;
}

export interface MemoryReport {
  readonly processes: number;
  /** Sum of resident sets; memory that several processes share is counted in each. */
  readonly residentBytes: number;
  /** Shared memory counted once; `null` where the system does not say. */
  readonly proportionalBytes: number | null;
}

/** One thing that had to be true, and what was found. */
export interface Condition {
  readonly says: string;
  readonly held: boolean;
  readonly found: string;
}

export interface ChangeReport {
  /** Its name, and the digest by which Ringfence knows it. */
  readonly name: string;
  readonly change: string;
  /** SHA-256 of the bytes it puts into `config/shop`. */
  readonly artifact: string;
  readonly rollout: string;
  /** As the control plane says: `completed` or `rolledBack`. */
  readonly phase: string;
  /** Why it went back; `null` when it did not. */
  readonly rollbackReason: string | null;
  readonly seconds: number;
  /** Targets whose file on disk held the change at any time, and how many there are. */
  readonly reached: Readonly<Record<Ring, { readonly targets: number; readonly reached: number }>>;
  /** When a request first failed under the change, as the shop that answered it says; `null` when none did. */
  readonly firstBadRequestAtMs: number | null;
  /** When the last target that had loaded the change loaded something else; `null` when one still runs it. */
  readonly lastTargetBackAtMs: number | null;
  readonly firstBadRequestToLastTargetBackSeconds: number | null;
  readonly requests: Readonly<Record<ShopRole, RoleRequests>>;
  readonly targets: readonly TargetReport[];
}

export interface RoleRequests {
  /** Answered under the change, from the histories of the targets that ran it. */
  readonly underTheChange: Share;
  /** Answered meanwhile on targets that did not run it. */
  readonly elsewhere: Share;
  /** What customers of the whole role saw meanwhile. */
  readonly customers: Share;
}

export interface Share {
  readonly requests: number;
  readonly failures: number;
  /** failures ÷ requests; `null` without requests. */
  readonly failedShare: number | null;
}

export interface TargetReport {
  readonly target: string;
  readonly role: ShopRole;
  readonly ring: Ring;
  readonly region: string;
  /** From its own disk: what the slot's file held before the rollout started, everything it held until it ended, and then. */
  readonly before: string | null;
  readonly during: readonly (string | null)[];
  readonly after: string | null;
  /** What the running shop says it runs with, after the rollout. */
  readonly inForceAfter: string | null;
  /** Whether any file of its agent holds the change's bytes, after the rollout. */
  readonly agentKeepsCopy: boolean;
}

export function shareOf(counts: readonly { readonly requests: number; readonly failures: number }[]): Share {
  const requests = counts.reduce((sum, count) => sum + count.requests, 0);
  const failures = counts.reduce((sum, count) => sum + count.failures, 0);
  return { requests, failures, failedShare: requests === 0 ? null : failures / requests };
}

/** How many targets of each ring held these bytes at any time. */
export function reachedPerRing(artifact: string, targets: readonly TargetReport[]): ChangeReport['reached'] {
  const perRing = (ring: Ring): readonly [Ring, { targets: number; reached: number }] => [
    ring,
    { targets: inRing(ring).length, reached: targets.filter((one) => one.ring === ring && held(one, artifact)).length },
  ];
  return Object.fromEntries(RINGS.map(perRing)) as unknown as ChangeReport['reached'];
}

function held(target: TargetReport, artifact: string): boolean {
  return [target.before, ...target.during, target.after].includes(artifact);
}

/** The story, condition by condition, against what was found on the targets. */
export function checkStory(
  good: ChangeReport,
  bad: ChangeReport,
  facts: { readonly baseline: string; readonly quarantined: boolean },
): readonly Condition[] {
  const everyTarget = (change: ChangeReport, isTrue: (target: TargetReport) => boolean) => {
    const count = change.targets.filter(isTrue).length;
    return { held: count === FLEET.length, found: `${count} of ${FLEET.length}` };
  };
  const outside = bad.targets.filter(({ ring }) => ring !== 'canary');
  const outsideReached = outside.filter((target) => held(target, bad.artifact) || target.agentKeepsCopy);
  const { api, web } = bad.requests;
  return [
    {
      says: 'every target held the baseline at first',
      ...everyTarget(good, ({ before }) => before === facts.baseline),
    },
    { says: 'the good change completed', held: good.phase === 'completed', found: good.phase },
    { says: 'every target’s disk holds the good change', ...everyTarget(good, ({ after }) => after === good.artifact) },
    {
      says: 'every running shop loaded the good change',
      ...everyTarget(good, ({ inForceAfter }) => inForceAfter === good.artifact),
    },
    { says: 'the bad change was rolled back', held: bad.phase === 'rolledBack', found: bad.phase },
    {
      says: 'the bad change reached the whole canary ring',
      held: bad.reached.canary.reached === bad.reached.canary.targets,
      found: `${bad.reached.canary.reached} of ${bad.reached.canary.targets}`,
    },
    {
      says: 'no disk of the pilot and broad rings ever held the bad change, nor does an agent there keep a copy',
      held: outsideReached.length === 0,
      found: namesOf(outsideReached),
    },
    {
      says: 'requests failed on the api that ran the bad change',
      held: (api.underTheChange.failedShare ?? 0) > 0.05,
      found: shareText(api.underTheChange),
    },
    {
      says: 'no request failed on the web that ran the bad change',
      held: web.underTheChange.failures === 0,
      found: shareText(web.underTheChange),
    },
    {
      says: 'every target’s disk holds the good change again',
      ...everyTarget(bad, ({ after }) => after === good.artifact),
    },
    {
      says: 'every running shop is back on the good change',
      ...everyTarget(bad, ({ inForceAfter }) => inForceAfter === good.artifact),
    },
    { says: 'the bad change is quarantined', held: facts.quarantined, found: facts.quarantined ? 'yes' : 'no' },
  ];
}

/** The first of them by name, and how many more. */
function namesOf(targets: readonly TargetReport[]): string {
  const names = targets.slice(0, 3).map(({ target }) => target);
  const more = targets.length > names.length ? ` and ${targets.length - names.length} more` : '';
  return names.length === 0 ? 'none' : names.join(', ') + more;
}

function shareText({ requests, failures }: Share): string {
  return `${failures} of ${requests} requests`;
}
