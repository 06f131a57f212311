import { evaluateFlag } from '../../core/flags/evaluateFlag.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { World } from '../../core/record/world.ts';
import { desiredRevision } from '../../core/rollout/assignment.ts';
import { changeKindOf, type Service, type SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { ControlPlane } from '../ports/controlPlane.ts';
import type { FlagAnswer, FlagContext, FlagProblem, FlagReader, Flags } from '../ports/flags.ts';
import type { SlotReport } from '../ports/fleet.ts';
import type { Logger } from '../ports/logger.ts';
import { FlagCounts } from './flagCounts.ts';
import { askedFor, type FlagMember } from './flagMember.ts';
import { FlagShelf } from './flagShelf.ts';
import { introduceParts } from './introduceParts.ts';

export interface FlagHostOptions {
  readonly controlPlane: Pick<ControlPlane, 'world' | 'fleet' | 'onAppend'>;
  readonly reader: FlagReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** When something that a role needs could not be had, it is tried again after so long. */
const AGAIN_MS = 5_000;

/**
 * Holds the slots of the kind `flags` for every target: what an agent is to files, this is to flags. A target is to hold what every
 * target is to hold, by the same function of the same assignments; what it holds is what its flags are evaluated from. Parts of the
 * users are targets of this process alone, and are connected as long as it runs.
 *
 * ```
 * assignments ─► follow(role): bytes read, rules compiled ─► served: target × slot ─► evaluate ─► OFREP
 *                                                                  └─► reports to the fleet, as an agent's
 * ```
 */
export class FlagHost implements Flags {
  readonly #options: FlagHostOptions;
  readonly #shelf: FlagShelf;
  readonly #counts: FlagCounts;
  /** By uid: what is in force. A slot that is not in it serves nothing, which is everybody's baseline. */
  readonly #served = new Map<string, Map<SlotName, Digest | null>>();
  readonly #told = new Map<string, string>();
  readonly #dirty = new Set<string>();
  readonly #stops: (() => void)[] = [];
  readonly #retries = new Map<string, () => void>();
  #following: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: FlagHostOptions) {
    this.#options = options;
    this.#shelf = new FlagShelf(options.controlPlane.fleet, options.reader, options.logger);
    this.#counts = new FlagCounts(options);
  }

  /** Resolves when everything that is in force is served. */
  static async open(options: FlagHostOptions): Promise<FlagHost> {
    const host = new FlagHost(options);
    const { controlPlane } = options;
    host.#stops.push(
      controlPlane.fleet.onChange((change) => {
        if (change.kind === 'assignments') host.#follow(change.service, change.role);
      }),
      controlPlane.onAppend((events) => {
        for (const { type, data } of events) {
          if (type === 'ServiceApplied') host.#take((data.service as Service).name);
          if (type === 'TargetEnrolled') host.#follow((data.target as Target).service, (data.target as Target).role);
          if (type === 'TargetRetired') host.#retired(String(data.uid));
        }
      }),
    );
    for (const name of controlPlane.world().services.keys()) host.#take(name);
    await host.#following;
    return host;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of [...this.#stops, ...this.#retries.values()]) stop();
    this.#counts.close();
    await this.#following;
  }

  get #world(): World {
    return this.#options.controlPlane.world();
  }

  evaluate(key: string, context: FlagContext): FlagAnswer {
    const member = askedFor(context, this.#world);
    if (!member.ok) return { key, ...member.error };
    const found = this.#holding(member.value).find(({ set }) => set.flags.has(key));
    if (found === undefined) {
      // Whoever asks for a flag that is not there goes by a default of its own: that is what the baseline serves.
      for (const [slot, artifact] of this.#served.get(member.value.target.uid) ?? [])
        this.#counts.count(member.value.target, slot, artifact, false);
      const errorDetails = `${member.value.target.name} of service "${member.value.target.service}" is served no flag "${key.slice(0, 127)}"`;
      return { key, errorCode: 'FLAG_NOT_FOUND', errorDetails };
    }
    return this.#answer(key, found, member.value);
  }

  evaluateAll(context: FlagContext): Result<readonly FlagAnswer[], FlagProblem> {
    const member = askedFor(context, this.#world);
    if (!member.ok) return err(member.error);
    const answers = new Map<string, FlagAnswer>();
    for (const held of this.#holding(member.value))
      for (const key of held.set.flags.keys())
        if (!answers.has(key)) answers.set(key, this.#answer(key, held, member.value));
    return ok([...answers.values()].sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  #answer(key: string, { slot, artifact, set }: Held, { target, user }: FlagMember): FlagAnswer {
    const flag = set.flags.get(key);
    const value = flag === undefined ? null : evaluateFlag(key, flag, user, set.targeting);
    this.#counts.count(target, slot, artifact, value?.ok !== true);
    if (value === null) return { key, errorCode: 'GENERAL', errorDetails: 'the flag is not there any more' };
    if (!value.ok) return { key, errorCode: value.error.code, errorDetails: value.error.says };
    const metadata = { service: target.service, target: target.name, slot, revision: artifact };
    return { key, ...value.value, metadata };
  }

  /** What the target is served from now, slots in the order of their names. */
  #holding({ target }: FlagMember): readonly Held[] {
    this.#serve(target);
    const held = [...(this.#served.get(target.uid) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return held.flatMap(([slot, artifact]) => {
      const set = artifact === null ? null : this.#shelf.get(artifact);
      return artifact === null || set === null || !set.ok ? [] : [{ slot, artifact, set: set.value }];
    });
  }

  /** Brings in force for one target what is ordered, as far as it is read; what is not keeps the place of what it follows. */
  #serve(target: Target): readonly SlotReport[] {
    const { fleet } = this.#options.controlPlane;
    const slots = flagSlots(this.#world.services.get(target.service), target.role);
    // Without a set another control plane has taken over: what is in force stays (law 21).
    const set = slots.length === 0 ? null : fleet.enforcedFor(target.uid);
    if (set === null) return [];
    const served = this.#served.get(target.uid) ?? new Map<SlotName, Digest | null>();
    this.#served.set(target.uid, served);
    return slots.map((slot) => {
      const assignment = set.assignments.find((each) => each.slot === slot);
      const before = served.get(slot) ?? null;
      const desired = assignment === undefined ? null : desiredRevision(assignment, target, before);
      const read = desired === null ? null : this.#shelf.get(desired);
      const isReady = desired === null || read?.ok === true;
      if (isReady) served.set(slot, desired);
      const failed = read?.ok === false ? desired : null;
      return {
        slot,
        generation: assignment?.generation ?? 0,
        phase: isReady ? 'settled' : failed === null ? 'preparing' : 'failed',
        current: isReady ? desired : before,
        baseline: null,
        failed,
        failureCode: failed === null ? '' : 'prepare-failed',
        failure: read?.ok === false ? read.error : '',
        verifiedBy: isReady ? 'served' : '',
      };
    });
  }

  /** A service is there, or is another one than it was. */
  #take(name: string): void {
    const service = this.#world.services.get(name);
    if (service === undefined || this.#closed) return;
    const roles = service.roles.filter((role) => flagSlots(service, role).length > 0);
    this.#then(async () => {
      const { controlPlane, logger } = this.#options;
      const refused = await introduceParts(controlPlane, service, () => this.#closed);
      if (refused !== null) {
        logger.error(`the shares of "${name}" are not all there, and are tried again: ${refused}`, { service: name });
        this.#again(name, () => this.#take(name));
      }
    });
    for (const role of roles) this.#follow(name, role);
  }

  /** Brings the role's targets to what is ordered now. Asked for again while it waits, it is done once. */
  #follow(service: string, role: string): void {
    const key = `${service}/${role}`;
    const spec = this.#world.services.get(service);
    if (this.#closed || this.#dirty.has(key) || flagSlots(spec, role).length === 0) return;
    this.#dirty.add(key);
    this.#then(async () => {
      this.#dirty.delete(key);
      const world = this.#world;
      const assignments = [...world.assignments.values()].filter(
        (each) => each.service === service && each.role === role && changeKindOf(each.slot) === 'flags',
      );
      if (!(await this.#shelf.fetch(key, assignments))) this.#again(key, () => this.#follow(service, role));
      for (const target of world.targets.values())
        if (target.service === service && target.role === role) this.#tell(target);
    });
  }

  /** Says in the target's name how it stands, when that is news. */
  #tell(target: Target): void {
    const slots = this.#serve(target);
    const { fleet } = this.#options.controlPlane;
    const told = JSON.stringify(slots);
    if (slots.length > 0 && told !== this.#told.get(target.uid)) {
      this.#told.set(target.uid, told);
      const isPart = this.#world.services.get(target.service)?.shares?.[target.role] !== undefined;
      if (isPart) fleet.report(target.uid, { slots, checks: [] });
      else fleet.served(target.uid, slots);
    }
    this.#counts.show(target, this.#served.get(target.uid) ?? new Map());
  }

  /** A part of the users that somebody retired is there again: users cannot be without one. */
  #retired(uid: string): void {
    this.#served.delete(uid);
    this.#told.delete(uid);
    this.#counts.forget(uid);
    for (const { name, shares } of this.#world.services.values()) if (shares !== undefined) this.#take(name);
  }

  #again(key: string, work: () => void): void {
    if (this.#closed || this.#retries.has(key)) return;
    const cancel = this.#options.clock.after(AGAIN_MS, () => {
      this.#retries.delete(key);
      work();
    });
    this.#retries.set(key, cancel);
  }

  #then(work: () => Promise<void>): void {
    this.#following = this.#following.then(work).catch((error: unknown) => {
      this.#options.logger.error(`flags cannot be brought up to date: ${String(error)}`);
    });
  }
}

interface Held {
  readonly slot: SlotName;
  readonly artifact: Digest;
  readonly set: Extract<ReturnType<FlagShelf['get']>, { readonly ok: true }>['value'];
}

function flagSlots(service: Service | undefined, role: string): readonly SlotName[] {
  return Object.entries(service?.slots ?? {}).flatMap(([slot, { roles }]) =>
    changeKindOf(slot) === 'flags' && roles.includes(role) ? [slot] : [],
  );
}
