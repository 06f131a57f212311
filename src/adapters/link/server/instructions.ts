import { isDigest } from '../../../core/kernel/digest.ts';
import { desiredRevision } from '../../../core/rollout/assignment.ts';
import { isReleased } from '../../../core/rollout/release.ts';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { AssignmentSet, Fleet } from '../../../engine/ports/fleet.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import { AgentCapability, RemoteConfigState, type ServerToAgent } from '../../../wire/opamp/generated/opamp_pb.ts';
import { encodeAssignmentSet, encodeConfirmation, withServerTime } from '../agentMessages.ts';
import { type AgentRecord, confirmationKey } from './agentRecord.ts';
import { ConfigOffers } from './configOffers.ts';
import { type ConfigEffect, effectOf, type Files } from './effectiveConfig.ts';
import { desiredConfig } from './foreignConfig.ts';
import { heldBy } from './foreignHeld.ts';
import { configToOffer, remember } from './foreignOffer.ts';
import { type PackagesState, packagesToOffer } from './foreignPackages.ts';
import { foreignReport, NOTHING } from './foreignReport.ts';
import { can } from './foreignState.ts';
import type { OpampLimits } from './opampLimits.ts';
import type { OpampMetrics } from './opampMetrics.ts';
import { packagesMessage } from './packageOffers.ts';
import { customMessage, toAgent } from './serverMessage.ts';

export interface InstructionsOptions {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly limits: OpampLimits;
  readonly metrics: OpampMetrics;
  readonly logger: Logger;
}

/** What agents are to be told, each in its own language: assignments and confirmations to ours, remote configuration to others. */
export class Instructions {
  readonly #options: InstructionsOptions;
  readonly #offers: ConfigOffers;
  readonly #encoded = new WeakMap<AssignmentSet, Uint8Array>();
  readonly #ours = new WeakMap<PackagesState, ReadonlySet<string>>();
  readonly #effects = new WeakMap<Files, { readonly hash: string; readonly effect: ConfigEffect }>();

  constructor(options: InstructionsOptions) {
    this.#options = options;
    this.#offers = new ConfigOffers(options.fleet, options.logger);
  }

  /** What this agent has not been told on its connection, at most so many messages. They count as told. */
  async next(record: AgentRecord, most: number): Promise<readonly ServerToAgent[]> {
    const set = this.#options.fleet.assignmentsFor(record.uid);
    if (record.isOurs) return this.#forOurs(record, set).take(most).toArray();
    const enforced = this.#options.fleet.enforcedFor(record.uid);
    if (enforced === null) return [];
    const ours = await this.#oursAmong(record);
    this.#reportFor(record, enforced, await this.#effectOf(record, enforced), ours);
    return this.#offer(record, enforced, ours);
  }

  /** Its assignments when they are news to it, then the confirmations it is owed. */
  *#forOurs(record: AgentRecord, set: AssignmentSet | null): Generator<ServerToAgent, void> {
    const { clock, fleet, limits } = this.#options;
    const owed = fleet
      .confirmationsFor(record.uid)
      .filter((each) => !record.toldConfirmations.has(confirmationKey(each)));
    // Over HTTP an answer may be lost without a trace, so what was told is told again from time to time.
    const stale = record.channel?.transport === 'http' && clock.monotonic() - record.toldAt >= limits.reofferMs;
    if (set !== null && (set !== record.toldSet || (stale && owed.length === 0))) {
      const assignment = customMessage('assignment', this.#assignment(set));
      record.toldSet = set;
      record.toldAt = clock.monotonic();
      record.toldDesired = desiredKey(record, set);
      yield toAgent(record.uidBytes, { customMessage: assignment });
    }
    for (const confirmation of owed) {
      record.toldConfirmations.add(confirmationKey(confirmation));
      yield toAgent(record.uidBytes, { customMessage: customMessage('confirm', encodeConfirmation(confirmation)) });
    }
  }

  #assignment(set: AssignmentSet): Uint8Array {
    return withServerTime(this.#encode(set), this.#options.clock.now());
  }

  /** The same bytes for every agent of a role, made once. */
  #encode(set: AssignmentSet): Uint8Array {
    const made = this.#encoded.get(set);
    if (made !== undefined) return made;
    const bytes = encodeAssignmentSet(set);
    this.#options.metrics.assignmentsEncoded++;
    this.#encoded.set(set, bytes);
    return bytes;
  }

  /** What an agent that says it has applied what it should runs with. Compared once for each of what it was given and what it says. */
  async #effectOf({ state, memory, target }: AgentRecord, set: AssignmentSet): Promise<ConfigEffect | null> {
    if (target === null || state.running === null || state.state !== RemoteConfigState.APPLIED) return null;
    if (!can(state, AgentCapability.REPORTS_EFFECTIVE_CONFIG)) return null;
    const desired = desiredConfig(set, target, heldBy(memory, state, set));
    if (desired.isEmpty || state.hash !== desired.hash) return null;
    const before = this.#effects.get(state.running);
    if (before?.hash === desired.hash) return before.effect;
    const given = (await this.#offers.messageOf(desired))?.config?.configMap;
    if (given === undefined) return null;
    const effect = effectOf(new Map(Object.entries(given).map(([name, { body }]) => [name, body])), state.running);
    this.#effects.set(state.running, { hash: desired.hash, effect });
    return effect;
  }

  /** Which of the packages that it has are revisions of ours, in this or an earlier life: asked once for each thing it says. */
  async #oursAmong({ state: { packages } }: AgentRecord): Promise<ReadonlySet<string>> {
    const before = packages === null ? NOTHING : this.#ours.get(packages);
    if (packages === null || before !== undefined) return before ?? NOTHING;
    const ours = new Set<string>();
    for (const { hasHash } of packages.packages.values()) {
      const digest = `sha256:${hasHash}`;
      if (isDigest(digest) && (await this.#options.fleet.artifact(digest).catch(() => null)) !== null)
        ours.add(hasHash);
    }
    this.#ours.set(packages, ours);
    return ours;
  }

  /** Tells the fleet in the agent's name how it stands, when that has changed. */
  #reportFor(record: AgentRecord, set: AssignmentSet, effect: ConfigEffect | null, ours: ReadonlySet<string>): void {
    if (record.target === null) return;
    record.memory = remember(record.memory, record.state, set, record.target);
    const report = foreignReport(record.memory, record.state, set, record.target, effect, ours);
    const reported = JSON.stringify(report);
    if (reported === record.reported) return;
    record.reported = reported;
    this.#options.fleet.report(record.uid, report);
  }

  async #offer(record: AgentRecord, set: AssignmentSet, ours: ReadonlySet<string>): Promise<readonly ServerToAgent[]> {
    const { clock, limits, metrics } = this.#options;
    if (record.target === null) return [];
    record.toldDesired = desiredKey(record, set);
    const now = clock.monotonic();
    const { memory, state, target } = record;
    const config = configToOffer(memory, state, set, target, now, limits.reofferMs);
    const remoteConfig = config && (await this.#offers.messageOf(config));
    const packages = packagesToOffer({ ...state, ours }, memory.packagesOffered, set, target, now, limits.reofferMs);
    const packagesAvailable = packages && (await packagesMessage(packages, this.#options.fleet, this.#options.logger));
    if (config !== null && remoteConfig !== null) {
      record.memory = { ...record.memory, offered: { hash: config.hash, at: now } };
      metrics.configsOffered++;
    }
    if (packages !== null && packagesAvailable !== null)
      record.memory = { ...record.memory, packagesOffered: { hash: packages.hash, at: now } };
    if (remoteConfig === null && packagesAvailable === null) return [];
    return [
      toAgent(record.uidBytes, {
        ...(remoteConfig && { remoteConfig }),
        ...(packagesAvailable && { packagesAvailable }),
      }),
    ];
  }
}

/** What the agent is to hold in each slot, and whether it may wait with that, as one string to compare. */
export function desiredKey({ target }: AgentRecord, set: AssignmentSet): string {
  if (target === null) return '';
  const { uid } = target;
  return set.assignments
    .map((assignment) => {
      const { slot, release } = assignment;
      return `${slot} ${desiredRevision(assignment, target)} ${release === undefined || isReleased(release, uid)}`;
    })
    .join('\n');
}
