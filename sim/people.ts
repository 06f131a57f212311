import type { Pipeline } from '../src/core/policy/pipeline.ts';
import type { Rollout } from '../src/core/rollout/rollout.ts';
import type { ControlPlane } from '../src/engine/ports/controlPlane.ts';
import type { Choices } from './choices.ts';
import { AUTHOR, agree, PEOPLE, type Person, STARTERS, speak } from './council.ts';
import { type Answer, DEEDS, WHO } from './deeds.ts';
import type { Witness } from './fact.ts';
import type { Chance } from './kernel/chance.ts';
import type { Scene } from './scene.ts';

const LOOK_EVERY_MS = 3_000;

/** The service, its pipeline, and pipelines that can never be started: whoever starts them must be refused (law 16). */
function pipelines(pipeline: Pipeline): readonly Pipeline[] {
  const [first, ...rest] = pipeline.stages;
  const [check] = pipeline.checks;
  if (first === undefined || check === undefined) return [pipeline];
  return [
    pipeline,
    {
      ...pipeline,
      name: 'nobody',
      stages: [first, { ...first, name: 'nobody', targets: { ring: ['nowhere'] } }, ...rest],
    },
    { ...pipeline, name: 'ghosts', checks: [{ ...check, total: 'ghosts' } as typeof check] },
  ];
}

/**
 * Whoever operates the system: starts one change after the other and now and then does something else, sensible or not. In calm
 * times they only do what brings things to an end.
 */
export class People {
  readonly #scene: Scene;
  readonly #choices: Choices;
  readonly #chance: Chance;
  readonly #witness: Witness;
  #started = 0;
  #busy = false;
  #busySince = 0;

  constructor(scene: Scene, choices: Choices, chance: Chance, witness: Witness) {
    this.#scene = scene;
    this.#choices = choices;
    this.#chance = chance;
    this.#witness = witness;
  }

  /** Sets everything up on the first server, before any fault. Resolves when agents may come. */
  async prepare(plane: ControlPlane): Promise<void> {
    const { secret } = await plane.issueToken(WHO, 'agent', 'fleet');
    this.#scene.token = secret;
    for (const [name, role] of Object.entries(PEOPLE)) {
      const { id } = await plane.issueToken(WHO, role, name);
      this.#scene.actors.set(name, `token:${id}`);
    }
    const applied = await plane.apply(WHO, [
      { kind: 'Service', service: this.#choices.service },
      ...pipelines(this.#choices.pipeline).map((pipeline) => ({ kind: 'Pipeline', pipeline }) as const),
    ]);
    const changes = await plane.apply(
      this.#actor(AUTHOR),
      this.#choices.changes.map(({ input }) => ({ kind: 'Change', change: input }) as const),
    );
    for (const { ok, ...outcome } of [applied, changes])
      if (!ok) throw new Error(`invariant broken: the first manifests are refused: ${JSON.stringify(outcome)}`);
  }

  get isDone(): boolean {
    return this.#started >= this.#choices.changes.length;
  }

  begin(): void {
    this.#scene.loop.after(LOOK_EVERY_MS * this.#chance.between(0.5, 1.5), () => {
      void this.#look();
      this.begin();
    });
  }

  async #look(): Promise<void> {
    const { loop, plane } = this.#scene;
    // An answer that never comes, from a server that died, is not waited for.
    if (plane === null || (this.#busy && loop.now - this.#busySince < 20_000)) return;
    this.#busy = true;
    this.#busySince = loop.now;
    try {
      if (this.#scene.isCalm) await this.#settle(plane);
      else await this.#act(plane);
    } catch (error) {
      this.#witness({ kind: 'command', does: 'ask', rollout: null, refused: 'fault', says: messageOf(error) });
    } finally {
      this.#busy = false;
    }
  }

  async #act(plane: ControlPlane): Promise<void> {
    const running = [...plane.world().rollouts.values()].find(({ endedAt }) => endedAt === null);
    const next = this.#choices.changes[this.#started];
    if (running === undefined) {
      if (plane.world().halted !== null) return this.#do('lift', null, plane.lift(WHO));
      if (this.#chance.happens(0.08)) return this.#startWrongly(plane);
      if (next === undefined) return;
      return this.#asksPeople && this.#chance.happens(0.6)
        ? this.#speak(plane, next.input.name, undefined)
        : this.#start(plane, next.input.name);
    }
    if (this.#asksPeople && running.holds.includes('awaiting-approval') && this.#chance.happens(0.7))
      return this.#speak(plane, running.id, running);
    if (this.#asksPeople && this.#chance.happens(0.05)) return this.#speak(plane, running.id, running);
    if (running.paused !== null && this.#chance.happens(0.15))
      return this.#do('resume', running.id, plane.resume(WHO, running.id));
    if (plane.world().halted !== null && this.#chance.happens(0.2)) return this.#do('lift', null, plane.lift(WHO));
    if (running.holds.includes('awaiting-promotion') && this.#chance.happens(0.3))
      return this.#do('promote', running.id, plane.promote(WHO, running.id));
    for (const { does, probability, ask } of DEEDS) {
      if (!this.#chance.happens(probability)) continue;
      const answer = ask(plane, running, this.#chance);
      return answer === null ? this.#startWrongly(plane) : this.#do(does, running.id, answer);
    }
    if (this.#chance.happens(0.03)) return this.#startWrongly(plane);
  }

  get #asksPeople(): boolean {
    return (this.#choices.pipeline.approvals?.length ?? 0) > 0;
  }

  async #speak(plane: ControlPlane, of: string, running: Rollout | undefined): Promise<void> {
    const actorOf = (person: Person) => this.#actor(person);
    const said = speak({ plane, chance: this.#chance, actorOf }, of, running);
    if (said !== null) await this.#do(said.does, running?.id ?? null, said.answer);
  }

  #actor(person: Person): string {
    return this.#scene.actors.get(person) ?? WHO;
  }

  async #start(plane: ControlPlane, change: string): Promise<void> {
    const outcome = await plane.start(this.#actor(this.#chance.pick(STARTERS)), change, 'shop');
    const refusal = outcome.ok ? null : (outcome.error[0] ?? null);
    // Not yet (nobody has reported its counters, the line is halted) or never: either way the next one is not kept waiting for long.
    const later =
      refusal !== null &&
      ['metric-without-data', 'line-halted', 'frozen', 'approval-missing', 'rollout-in-progress'].includes(
        refusal.code,
      );
    if (!later || this.#chance.happens(0.05)) this.#started++;
    const rollout = outcome.ok ? outcome.value.id : null;
    this.#witness({
      kind: 'command',
      does: `start ${change}`,
      rollout,
      refused: refusal?.code ?? null,
      says: refusal?.says ?? '',
    });
  }

  /** What must be refused: a pipeline with nobody in a stage, a check without data, a quarantined change, a second rollout. */
  async #startWrongly(plane: ControlPlane): Promise<void> {
    const { input } = this.#chance.pick(this.#choices.changes);
    const pipeline = this.#chance.pick(['nobody', 'ghosts', 'shop', 'shop']);
    const quarantined = [...plane.world().quarantine.keys()];
    const change = quarantined.length > 0 && this.#chance.happens(0.5) ? this.#chance.pick(quarantined) : input.name;
    const outcome = await plane.start(WHO, change, pipeline);
    const refusal = outcome.ok ? null : (outcome.error[0] ?? null);
    const rollout = outcome.ok ? outcome.value.id : null;
    const does = `start ${change.slice(0, 16)} through ${pipeline}`;
    this.#witness({ kind: 'command', does, rollout, refused: refusal?.code ?? null, says: refusal?.says ?? '' });
  }

  /** In calm times: nothing stays paused, halted or waiting for a person, and a target that is stuck is restarted. */
  async #settle(plane: ControlPlane): Promise<void> {
    if (plane.world().halted !== null) await this.#do('lift', null, plane.lift(WHO));
    for (const name of plane.world().freezes.keys())
      await this.#do('end a freeze', null, plane.removeFreeze(WHO, name));
    for (const rollout of plane.world().rollouts.values()) {
      if (rollout.endedAt !== null) continue;
      if (rollout.paused !== null) await this.#do('resume', rollout.id, plane.resume(WHO, rollout.id));
      if (rollout.holds.includes('awaiting-promotion'))
        await this.#do('promote', rollout.id, plane.promote(WHO, rollout.id));
      if (rollout.holds.includes('awaiting-approval'))
        await agree({ plane, actorOf: (person) => this.#actor(person) }, rollout.id);
      if (rollout.holds.includes('evidence-revoked'))
        await this.#do('resume', rollout.id, plane.resume(WHO, rollout.id));
      if (rollout.holds.includes('signal-failed'))
        await this.#do('rollback', rollout.id, plane.rollback(WHO, rollout.id, 'a signal failed'));
    }
    for (const { target, report } of plane.targetViews()) {
      if (!report?.slots.some(({ failureCode }) => failureCode === 'revert-failed')) continue;
      const machine = this.#scene.machines.find(({ name }) => name === target.name);
      if (machine === undefined) continue;
      this.#witness({ kind: 'fault', says: `a person restarts the service of ${target.name}, which does not go back` });
      machine.restartService();
    }
  }

  async #do(does: string, rollout: string | null, asked: Answer): Promise<void> {
    const outcome = await asked;
    const [error] = [outcome.error].flat() as readonly ({ readonly code: string; readonly says: string } | undefined)[];
    const refused = outcome.ok ? null : (error?.code ?? null);
    this.#witness({ kind: 'command', does, rollout, refused, says: error?.says ?? '' });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
