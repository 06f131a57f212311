import type { Blame } from '../../core/analysis/blame.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { Refusal } from '../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { TokenRole } from '../../core/policy/authority.ts';
import type { Change } from '../../core/policy/change.ts';
import type { Freeze, FreezeWindow } from '../../core/policy/freeze.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { Plan } from '../../core/policy/plan.ts';
import { planRollout } from '../../core/policy/planRollout.ts';
import type { Signed } from '../../core/policy/signed.ts';
import type { Checkpoint } from '../../core/record/checkpoint.ts';
import type { Command } from '../../core/record/decideCommand.ts';
import { unknownRollout, unknownService } from '../../core/record/unknown.ts';
import type { RecordedKey, Token, World } from '../../core/record/world.ts';
import type { Assessment } from '../../core/rollout/assessment.ts';
import type { RolloutInput } from '../../core/rollout/decideRollout.ts';
import { publicationsOf } from '../../core/rollout/publications.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { sayEnd, sayRollout } from '../../core/rollout/sayRollout.ts';
import type { Service } from '../../core/topology/service.ts';
import { fromStored } from '../../wire/recordedEvent.ts';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import type { Approvals } from '../ports/approvals.ts';
import type { Calendar } from '../ports/calendar.ts';
import type { CheckpointWitness } from '../ports/checkpointWitness.ts';
import type { Clock } from '../ports/clock.ts';
import type { ContentFaults } from '../ports/contentFaults.ts';
import type {
  AppliedManifest,
  ControlPlane,
  LogVerification,
  ManifestInput,
  PastMoment,
  PastWorld,
  RolloutView,
  TargetView,
} from '../ports/controlPlane.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { FigureIntake } from '../ports/figures.ts';
import type { Fleet } from '../ports/fleet.ts';
import type { ForeseenDeed } from '../ports/foreseenDeed.ts';
import type { JudgedRollout } from '../ports/judged.ts';
import type { Logger } from '../ports/logger.ts';
import { Refused } from '../ports/refused.ts';
import type { Rules } from '../ports/rules.ts';
import type { Signer } from '../ports/signer.ts';
import type { Store } from '../ports/store.ts';
import { ApprovalDesk } from './approvalDesk.ts';
import { Assessor } from './assessor.ts';
import { BlameDesk } from './blameDesk.ts';
import { BlastLookup } from './blastLookup.ts';
import { Checkpointer, haltOnFault } from './checkpointer.ts';
import { CommandQueue } from './commandQueue.ts';
import { ConditionsLookup } from './conditionsLookup.ts';
import { describeApplied } from './describeApplied.ts';
import { EffectsCursor } from './effectsCursor.ts';
import { FigureDesk } from './figureDesk.ts';
import { findChange, findPipeline, findRollout } from './findNamed.ts';
import { FleetState } from './fleetState.ts';
import { foreseeDeeds } from './foreseeDeeds.ts';
import { FreezeLookup } from './freezeLookup.ts';
import { KeyRing } from './keyRing.ts';
import { lastVerdicts } from './lastVerdicts.ts';
import { Notary } from './notary.ts';
import { PastWorlds } from './pastWorlds.ts';
import { readManifests } from './readManifests.ts';
import { RuleLookup } from './ruleLookup.ts';
import { hashSecret, newSecret, TokenIndex } from './secretToken.ts';
import { verifyRecord } from './verifyRecord.ts';

export interface ControlPlaneOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly rules: Rules;
  /** What only who carries out a kind of change can tell of its content. Left out: nothing is asked. */
  readonly contents?: ContentFaults;
  readonly entropy: Entropy;
  readonly signer: Signer;
  /** Without one, a record that was cut off or rewritten while no server ran is noticed by its own signatures alone. */
  readonly witness?: CheckpointWitness;
  readonly logger: Logger;
  /** How long an agent keeps an unconfirmed apply before it reverts by itself. */
  readonly confirmWithinMs?: number;
}

/** Opens the control plane on its store: replays the log, takes up what was under way, and goes on. Rejects with a StoreError. */
export async function createControlPlane(
  options: ControlPlaneOptions,
): Promise<ControlPlane & { close(): Promise<void> }> {
  const freezes = new FreezeLookup(options.calendar);
  const { store, clock, signer, logger, witness = null } = options;
  const checkpointer = await Checkpointer.create({ signer, witness, clock, logger });
  const notary = new Notary(signer);
  const queue = await CommandQueue.open({ store, clock, freezes, notary, checkpointer, logger });
  const effects = await EffectsCursor.open(store, logger);
  const controlPlane = new LiveControlPlane({ options, queue, freezes, checkpointer, effects });
  await controlPlane.open();
  return controlPlane;
}

class LiveControlPlane implements ControlPlane {
  readonly #queue: CommandQueue;
  readonly #store: Store;
  readonly #options: ControlPlaneOptions;
  readonly #fleet: FleetState;
  readonly #figures: FigureDesk;
  readonly #freezes: FreezeLookup;
  readonly #rules: RuleLookup;
  readonly #blame: BlameDesk;
  readonly #assessor: Assessor;
  readonly #conditions: ConditionsLookup;
  readonly #keys: KeyRing;
  readonly #checkpointer: Checkpointer;
  readonly #past: PastWorlds;
  readonly #approvals: ApprovalDesk;
  readonly #tokens = new TokenIndex();
  readonly #blasts = new BlastLookup((uid) => this.#fleet.rateOf(uid));
  readonly #effects: EffectsCursor;

  constructor(parts: {
    options: ControlPlaneOptions;
    queue: CommandQueue;
    freezes: FreezeLookup;
    checkpointer: Checkpointer;
    effects: EffectsCursor;
  }) {
    const { options, queue, freezes, checkpointer } = parts;
    const { store, clock, logger } = options;
    this.#effects = parts.effects;
    this.#options = options;
    this.#checkpointer = checkpointer;
    this.#past = new PastWorlds(store, () => clock.now());
    this.#store = store;
    this.#queue = queue;
    this.#freezes = freezes;
    this.#keys = new KeyRing(queue, options.signer, logger);
    this.#fleet = new FleetState({
      clock,
      world: () => queue.world,
      verifier: options.signer,
      confirmWithinMs: options.confirmWithinMs ?? 30_000,
      admits: (token) => this.tokenOf(token)?.role === 'agent',
      enrol: async (target) => first(await queue.submit(`agent:${target.name}`, { type: 'enrol', target })),
      artifact: (digest) => store.getArtifact(digest),
      measured: (target, measurement) => this.#figures.measured(target.uid, measurement),
      heard: (target) => this.#assessor.heardOf(target),
      isOvertaken: () => queue.isOvertaken,
    });
    this.#figures = new FigureDesk({
      clock,
      world: () => queue.world,
      standing: (uid) => this.#fleet.standing(uid),
    });
    this.#rules = new RuleLookup(options.rules, this.#fleet, clock);
    this.#blame = new BlameDesk(this.#fleet.faults, () => queue.world, clock);
    this.#assessor = new Assessor({
      queue,
      fleet: this.#fleet,
      figures: this.#figures,
      freezes,
      rules: this.#rules,
      blame: this.#blame,
      store,
      clock,
      logger,
    });
    this.#conditions = new ConditionsLookup({
      fleet: this.#fleet,
      figures: this.#figures,
      freezes,
      rules: this.#rules,
      assessor: this.#assessor,
      world: () => queue.world,
      clock,
    });
    this.#approvals = new ApprovalDesk(queue, clock, () => this.#assessor.heard());
  }

  async open(): Promise<void> {
    await this.#checkpointer.open(this.#queue);
    await this.#keys.open();
    await haltOnFault(this.#queue, this.#checkpointer);
    for (;;) {
      const events = await this.#store.read(this.#effects.at);
      if (events.length === 0) break;
      this.#perform(events, this.#queue.world);
    }
    this.#queue.onAppend((events, world) => this.#perform(events, world));
    await this.#assessor.open();
  }

  async close(): Promise<void> {
    await this.#assessor.close();
    await this.#checkpointer.close();
    await this.#effects.close();
  }

  get approvals(): Approvals {
    return this.#approvals;
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  get figures(): FigureIntake {
    return this.#figures;
  }

  now(): Instant {
    return this.#options.clock.now();
  }

  world(): World {
    return this.#queue.world;
  }

  async apply(
    actor: string,
    inputs: readonly ManifestInput[],
  ): Promise<Result<readonly AppliedManifest[], readonly Refusal[]>> {
    const read = readManifests(inputs, this.#queue.world.services, actor, this.#options);
    if (!read.ok) return read;
    // Law 5 begins here: the bytes are safe before anything on the record speaks of them.
    for (const bytes of read.value.artifacts) await this.#store.putArtifact(bytes);
    const before = this.#queue.world;
    const outcome = await this.#queue.submit(actor, { type: 'apply', manifests: read.value.manifests });
    if (!outcome.ok) return outcome;
    return ok(read.value.manifests.map((manifest) => describeApplied(before, manifest)));
  }

  plan(change: string, pipeline?: string, actor = 'somebody'): Result<Plan, Refusal> {
    const named = this.#named(change, pipeline);
    if (!named.ok) return named;
    const { change: found, pipeline: through, service } = named.value;
    const world = this.#queue.world;
    const conditions = this.#conditions.of(found, through, actor);
    return ok(planRollout(world, found, through, service, conditions, this.#options.clock.now(), actor).plan);
  }

  async start(actor: string, change: string, pipeline?: string): Promise<Result<Rollout, readonly Refusal[]>> {
    const named = this.#named(change, pipeline);
    if (!named.ok) return err([named.error]);
    const { change: found, pipeline: through } = named.value;
    const conditions = this.#conditions.of(found, through, actor);
    const command: Command = { type: 'start', change: found.digest, pipeline: through.name, conditions };
    const outcome = await this.#queue.submit(actor, command);
    if (!outcome.ok) return outcome;
    const [started] = outcome.value;
    return this.#rolloutAfter(String(started?.data.id));
  }

  pause(actor: string, id: string, reason: string): Promise<Result<Rollout, Refusal>> {
    return this.#onRollout(actor, id, () => ({ type: 'pause', reason }));
  }

  resume(actor: string, id: string): Promise<Result<Rollout, Refusal>> {
    return this.#onRollout(actor, id, () => ({ type: 'resume' }));
  }

  promote(actor: string, id: string): Promise<Result<Rollout, Refusal>> {
    return this.#onRollout(actor, id, async (rollout) => {
      await this.#assessor.whole(rollout.id);
      return { type: 'promote', assessment: this.#assessor.assess(rollout) };
    });
  }

  rollback(actor: string, id: string, reason: string): Promise<Result<Rollout, Refusal>> {
    return this.#onRollout(actor, id, () => ({ type: 'rollback', reason }));
  }

  async revokeEvidence(actor: string, name: string, stage: string, reason: string): Promise<Result<Rollout, Refusal>> {
    const rollout = findRollout(this.#queue.world, name);
    if (rollout === undefined) return err(unknownRollout(this.#queue.world, name));
    const command = { type: 'revokeEvidence', rollout: rollout.id, stage, reason } as const;
    const outcome = first(await this.#queue.submit(actor, command));
    this.#assessor.heard();
    return outcome.ok ? this.#rolloutAfter(rollout.id) : outcome;
  }

  async halt(actor: string, reason: string): Promise<Result<void, Refusal>> {
    return first(await this.#queue.submit(actor, { type: 'halt', reason }));
  }

  async lift(actor: string, reason?: string): Promise<Result<void, Refusal>> {
    const command = { type: 'lift', ...(reason === undefined ? {} : { reason }) } as const;
    return first(await this.#queue.submit(actor, command));
  }

  async removeFreeze(actor: string, name: string): Promise<Result<void, Refusal>> {
    const outcome = first(await this.#queue.submit(actor, { type: 'removeFreeze', name }));
    this.#assessor.heard();
    return outcome;
  }

  async removeCatalog(actor: string, name: string): Promise<Result<void, Refusal>> {
    return first(await this.#queue.submit(actor, { type: 'removeCatalog', name }));
  }

  freezeWindows(freeze: Freeze, from: Instant, until: Instant): readonly FreezeWindow[] {
    return this.#options.calendar.windows(freeze, from, until);
  }

  freezesAsICalendar(): string {
    return this.#options.calendar.write([...this.#queue.world.freezes.values()]);
  }

  async retireTarget(actor: string, uid: string): Promise<Result<void, Refusal>> {
    return first(await this.#queue.submit(actor, { type: 'retire', uid }));
  }

  async issueToken(
    actor: string,
    role: TokenRole,
    name: string,
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const secret = newSecret(role, this.#options.entropy);
    const id = Buffer.from(this.#options.entropy.bytes(6)).toString('hex');
    const token: Token = { id, role, name, hash: hashSecret(secret), at: this.#options.clock.now() };
    const outcome = await this.#queue.submit(actor, { type: 'issueToken', token });
    if (!outcome.ok) throw new Refused(outcome.error);
    return { id, secret };
  }

  async revokeToken(actor: string, id: string): Promise<Result<void, Refusal>> {
    return first(await this.#queue.submit(actor, { type: 'revokeToken', id }));
  }

  rotateKey(actor: string): Promise<RecordedKey> {
    return this.#keys.rotate(actor);
  }

  async retireKey(actor: string, id: string): Promise<Result<RecordedKey, Refusal>> {
    return this.#keys.retire(actor, id);
  }

  tokenOf(secret: string): Token | null {
    return this.#tokens.find(this.#queue.world.tokens, secret);
  }

  rolloutView(id: string): RolloutView | null {
    const rollout = findRollout(this.#queue.world, id);
    if (rollout === undefined) return null;
    const now = this.#options.clock.now();
    let known: Assessment | null = null;
    const assessment = () => (known ??= this.#assessor.assess(rollout));
    const blast = () => this.#blasts.of(this.#queue.world, rollout, now);
    return {
      rollout,
      // Of a rollout that ended long ago it is counted anew, so only when somebody asks for it.
      get tally() {
        return assessment().tally;
      },
      get exposure() {
        return assessment().exposure;
      },
      get blast() {
        return blast();
      },
      verdicts: rollout.endedAt === null ? (assessment().verdicts[rollout.stage] ?? []) : lastVerdicts(rollout),
      says: sayEnd(rollout, now) ?? sayRollout(rollout, assessment(), now),
    };
  }

  foresee(actor: string, name: string): Result<readonly ForeseenDeed[], Refusal> {
    const { world } = this.#queue;
    const rollout = findRollout(this.#queue.world, name);
    if (rollout === undefined) return err(unknownRollout(world, name));
    const refresh: FreezeLookup['refresh'] = (...now) => this.#freezes.refresh(...now);
    const assessment = this.#assessor.assess(rollout);
    return ok(foreseeDeeds({ world, rollout, assessment, actor, now: this.#options.clock.now(), refresh }));
  }

  async judged(id: string): Promise<JudgedRollout | null> {
    const rollout = findRollout(this.#queue.world, id);
    return rollout ? this.#assessor.judged(rollout) : null;
  }

  blame(service?: string): Result<Blame, Refusal> {
    const world = this.#queue.world;
    if (service !== undefined && !world.services.has(service))
      return err(unknownService(world, service, 'the question'));
    return ok(this.#blame.look(service));
  }

  targetViews(): Iterable<TargetView> {
    return this.#fleet.views();
  }

  targetView(uid: string): TargetView | null {
    return this.#fleet.view(uid);
  }

  connectedTargets(): number {
    return this.#fleet.connectedCount;
  }

  past(moment: PastMoment): Promise<Result<PastWorld, string>> {
    return this.#past.at(moment);
  }

  log(after: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.#store.read(after, limit);
  }

  verifyLog(given?: { readonly position: number; readonly hash: string }): Promise<LogVerification> {
    const { signer: verifier, witness = null } = this.#options;
    const held = new Set(verifier.keys.map(({ id }) => id));
    const claim = given === undefined ? null : { ...given, says: 'the checkpoint that was given' };
    const noticed = this.#checkpointer.fault;
    return verifyRecord({ log: this.#store, verifier, held, witness, given: claim, noticed });
  }

  async signCheckpoint(): Promise<Signed<Checkpoint> | null> {
    await this.#checkpointer.sign();
    return this.#checkpointer.fault === null ? this.#queue.world.checkpoint : null;
  }

  onAppend(listener: (events: readonly StoredEvent[]) => void): () => void {
    return this.#queue.onAppend(listener);
  }

  get overtaken(): Promise<string> {
    return this.#queue.overtaken.then(({ message }) => message);
  }

  readiness(): { readonly ready: boolean; readonly says: string } {
    const fault = this.#queue.fault;
    return fault === null ? { ready: true, says: 'ready' } : { ready: false, says: fault.message };
  }

  #named(
    changeName: string,
    pipelineName: string | undefined,
  ): Result<{ change: Change; pipeline: Pipeline; service: Service }, Refusal> {
    const world = this.#queue.world;
    const change = findChange(world, changeName);
    if (!change.ok) return change;
    const pipeline = findPipeline(world, change.value.service, pipelineName);
    if (!pipeline.ok) return pipeline;
    const service = world.services.get(change.value.service);
    if (service === undefined)
      return err({ code: 'unknown-service', says: `service "${change.value.service}" is not registered` });
    return ok({ change: change.value, pipeline: pipeline.value, service });
  }

  async #onRollout(
    actor: string,
    name: string,
    inputOf: (rollout: Rollout) => RolloutInput | Promise<RolloutInput>,
  ): Promise<Result<Rollout, Refusal>> {
    const rollout = findRollout(this.#queue.world, name);
    if (rollout === undefined) return err(unknownRollout(this.#queue.world, name));
    const input = await inputOf(rollout);
    const outcome = first(await this.#queue.submit(actor, { type: 'rollout', id: rollout.id, input }));
    this.#assessor.heard();
    return outcome.ok ? this.#rolloutAfter(rollout.id) : outcome;
  }

  #rolloutAfter(id: string): Result<Rollout, never> {
    const rollout = this.#queue.world.rollouts.get(id);
    if (rollout === undefined) throw new Error(`invariant broken: rollout ${id} is not in the world its event made`);
    return ok(rollout);
  }

  #perform(events: readonly StoredEvent[], world: World): void {
    const recorded = events.map(fromStored);
    for (const event of recorded) {
      if (event.type !== 'TargetRetired') continue;
      this.#fleet.forget(event.data.uid);
      this.#figures.forget(event.data.uid);
    }
    for (const { service, role, urgent, reach } of publicationsOf(recorded, world))
      this.#fleet.publish(service, role, urgent, reach);
    const last = events.at(-1);
    if (last !== undefined) this.#effects.performed(last.position);
  }
}

/** For commands that can be refused for one reason only. */
function first(outcome: Result<unknown, readonly Refusal[]>): Result<void, Refusal> {
  if (outcome.ok) return ok(undefined);
  const [refusal] = outcome.error;
  if (refusal === undefined) throw new Error('invariant broken: a refusal without a reason');
  return err(refusal);
}
