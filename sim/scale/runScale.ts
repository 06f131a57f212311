import { createCalendar } from '../../src/adapters/calendar/createCalendar.ts';
import { createRules } from '../../src/adapters/rules/createRules.ts';
import { createSigner } from '../../src/adapters/signing/createSigner.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import type { Pipeline, Stage } from '../../src/core/policy/pipeline.ts';
import { desiredRevision } from '../../src/core/rollout/assignment.ts';
import type { Service } from '../../src/core/topology/service.ts';
import type { Target } from '../../src/core/topology/target.ts';
import { createControlPlane } from '../../src/engine/controlplane/createControlPlane.ts';
import type { ControlPlane } from '../../src/engine/ports/controlPlane.ts';
import type { SlotReport } from '../../src/engine/ports/fleet.ts';
import { toUnstored } from '../../src/wire/recordedEvent.ts';
import { Chance } from '../kernel/chance.ts';
import { EventLoop, settled } from '../kernel/eventLoop.ts';
import { EPOCH, SimProcess } from '../kernel/simProcess.ts';
import { SimDatabase } from '../store/simDatabase.ts';
import { SimStore } from '../store/simStore.ts';
import { Stopwatch } from './stopwatch.ts';

const SLOT = 'config/shop';
const BASELINE: Digest = `sha256:${'b'.repeat(64)}`;
const SERVICE: Service = {
  name: 'shop',
  roles: ['web'],
  slots: { [SLOT]: { roles: ['web'], schema: null, maxBytes: 1024 } },
  metrics: { requests: { counter: 'requests_total' } },
  dependsOn: [],
};
/** Shares of the fleet in each ring. */
const RINGS = { canary: 0.001, pilot: 0.05, broad: 1 } as const;
/** Targets take up what they are told spread over this long, so many of them at a time. */
const SPREAD_MS = 5_000;
const TURNS = 20;
const LONGEST_MS = 30 * 60_000;

/**
 * One rollout over very many targets. The control plane is the real one, on the simulated store; the targets are models that do
 * nothing but evaluate the real `desiredRevision` and report: what is measured is the engine.
 */
export async function runScale(count: number, print: (line: string) => void): Promise<void> {
  const chance = new Chance(count);
  const loop = new EventLoop();
  const process_ = new SimProcess('server', loop, { offsetMs: 0 }, () => {});
  const database = new SimDatabase();
  const entropy = { bytes: (size: number) => chance.bytes(size) };
  const targets = Array.from({ length: count }, (_, index) => targetOf(index, count));
  await enrol(database, targets);
  print(`${count} targets are on the record; the server starts and reads it`);

  const opened = new Stopwatch();
  const store = new SimStore(database, (work) => process_.step(2, work));
  const opening = createControlPlane({
    store,
    clock: process_.clock,
    calendar: createCalendar(),
    rules: createRules(),
    entropy,
    signer: await createSigner({ load: async () => [], keep: async () => {} }, entropy),
    logger: {
      debug() {},
      info() {},
      warn: (says, data) => print(`${says} ${JSON.stringify(data ?? {})}`),
      error: print,
    },
  });
  const plane = await during(loop, opening);
  print(`it serves after ${opened}; the rollout begins`);

  const watch = new Stopwatch();
  const fleet = new ModelFleet(plane, loop, targets);
  fleet.connect();
  await during(loop, begin(plane, 'faster'));
  const isOver = () => [...plane.world().rollouts.values()].every(({ endedAt }) => endedAt !== null);
  const beganAt = loop.now;
  let told = '';
  for (let more = true; more && !isOver() && loop.now - beganAt < LONGEST_MS; ) {
    more = await loop.step(beganAt + LONGEST_MS);
    const [rollout] = plane.world().rollouts.values();
    const says = `${rollout?.phase} in stage ${rollout?.stage}`;
    if (says !== told)
      print(`  ${((loop.now - beganAt) / 1000).toFixed(1).padStart(6)} s simulated, ${watch}: ${says}`);
    told = says;
  }
  const simulatedMs = loop.now - beganAt;
  const [rollout] = plane.world().rollouts.values();
  if (rollout?.phase !== 'completed')
    throw new Error(`the rollout did not complete: it is ${rollout?.phase}: ${rollout?.rollback?.says ?? ''}`);
  const hours = (count * simulatedMs) / 3_600_000;
  const perSecond = [watch.seconds, watch.processorSeconds].map((seconds) => Math.round(hours / seconds));
  print(`${count} targets: ${(simulatedMs / 1000).toFixed(0)} simulated seconds in ${watch}`);
  print(`  ${perSecond[0]} targets × simulated hours per second (${perSecond[1]} per second of the processor)`);
  print(`  ${fleet.confirmed} targets confirmed`);

  await during(loop, begin(plane, 'slower'));
  const back = new Stopwatch();
  const ordered = await during(loop, plane.rollback('person:operator', 'shop-2', 'to see how long it takes'));
  if (!ordered.ok || ordered.value.phase !== 'rollingBack') throw new Error('invariant broken: it is not rolling back');
  print(`  a rollback is decided, on the record and published after ${(back.seconds * 1000).toFixed(1)} ms`);
  print(`  at most ${((process.resourceUsage().maxRSS * 1024) / 2 ** 30).toFixed(1)} GiB of memory`);
}

/** Targets that do at once what they are told, and say so. */
class ModelFleet {
  readonly #plane: ControlPlane;
  readonly #loop: EventLoop;
  readonly #targets: readonly Target[];
  readonly #holds: (Digest | null)[];
  confirmed = 0;

  constructor(plane: ControlPlane, loop: EventLoop, targets: readonly Target[]) {
    this.#plane = plane;
    this.#loop = loop;
    this.#targets = targets;
    this.#holds = targets.map(() => BASELINE);
  }

  connect(): void {
    for (const [index] of this.#targets.entries()) this.#report(index, 0, 'settled');
    this.#observe();
    this.#plane.fleet.onChange((change) => {
      if (change.kind === 'assignments')
        for (let turn = 0; turn < TURNS; turn++)
          this.#loop.after(((turn + 1) * SPREAD_MS) / TURNS, () => this.#follow(turn));
    });
  }

  /** One part of the fleet evaluates its assignment and does what it says. */
  #follow(turn: number): void {
    const { fleet } = this.#plane;
    const set = fleet.assignmentsFor(this.#targets[0]?.uid ?? '');
    const assignment = set?.assignments.find(({ slot }) => slot === SLOT);
    if (assignment === undefined) return;
    for (let index = turn; index < this.#targets.length; index += TURNS) {
      const target = this.#targets[index];
      // What a rollout has opened stays open until it goes back: who holds its candidate need not look again.
      if (target === undefined || (assignment.candidate?.artifact ?? null) === this.#holds[index]) continue;
      const wanted = desiredRevision(assignment, target) ?? BASELINE;
      if (wanted === this.#holds[index]) continue;
      this.#holds[index] = wanted;
      this.#report(index, assignment.generation, 'provisional');
      const [confirmation] = fleet.confirmationsFor(target.uid);
      if (confirmation?.artifact !== wanted) throw new Error(`invariant broken: ${target.name} is not confirmed`);
      this.#report(index, assignment.generation, 'settled');
      this.confirmed++;
    }
  }

  #report(index: number, generation: number, phase: SlotReport['phase']): void {
    const uid = this.#targets[index]?.uid ?? '';
    const current = this.#holds[index] ?? null;
    const slot: SlotReport = {
      slot: SLOT,
      generation,
      phase,
      current,
      baseline: BASELINE,
      failed: null,
      failureCode: '',
      failure: '',
      verifiedBy: 'file',
    };
    this.#plane.fleet.report(uid, { slots: [slot], checks: [] });
  }

  /** A few say what they count, so that the plan knows that the metric is there. */
  #observe(): void {
    for (const [index, { uid }] of this.#targets.slice(0, 100).entries()) {
      const artifact = this.#holds[index] ?? null;
      const observation = {
        metric: 'requests',
        slot: SLOT,
        artifact,
        epoch: 1,
        total: Math.floor(this.#loop.now),
        present: true,
      };
      this.#plane.fleet.observe(uid, {
        observations: [observation],
        exposedCounters: ['requests_total'],
        scrapeError: '',
      });
    }
    this.#loop.after(5_000, () => this.#observe());
  }
}

async function begin(plane: ControlPlane, name: string): Promise<void> {
  const slots = { [SLOT]: Buffer.from(JSON.stringify({ name })) };
  const applied = await plane.apply('person:operator', [
    { kind: 'Pipeline', pipeline: pipelineOfRings() },
    { kind: 'Change', change: { name, service: 'shop', roles: ['web'], slots, reason: '' } },
  ]);
  if (!applied.ok) throw new Error(`invariant broken: refused: ${JSON.stringify(applied.error)}`);
  const outcome = await plane.start('person:operator', name, 'shop');
  if (!outcome.ok) throw new Error(`invariant broken: refused: ${JSON.stringify(outcome.error)}`);
}

function pipelineOfRings(): Pipeline {
  const stage = (name: string): Stage => ({
    name,
    targets: { ring: [name] },
    waves: name === 'broad' ? [{ share: 0.1 }, { share: 1 }] : [{ share: 1 }],
    bake: { minimumMs: 20_000, exposure: null, deadlineMs: 600_000 },
    applyDeadlineMs: 120_000,
    tolerateFailures: 0,
    promote: 'auto',
  });
  return {
    name: 'shop',
    service: 'shop',
    stages: Object.keys(RINGS).map(stage),
    checks: [],
    errorBudget: 0.01,
    rehearse: false,
    heldDeadlineMs: 3_600_000,
    pausedDeadlineMs: 3_600_000,
    rollbackDeadlineMs: 600_000,
  };
}

function targetOf(index: number, count: number): Target {
  const [ring = 'broad'] = Object.entries(RINGS).find(([, share]) => index < Math.max(1, share * count)) ?? [];
  const uid = index.toString(16).padStart(32, '0');
  return { uid, name: `shop-${index}`, service: 'shop', role: 'web', labels: { ring } };
}

/** Puts the service and its targets on the record, as if they had enrolled long ago. */
async function enrol(database: SimDatabase, targets: readonly Target[]): Promise<void> {
  const store = new SimStore(database, async (work) => work());
  await store.append(0, [toUnstored({ type: 'ServiceApplied', data: { service: SERVICE } }, EPOCH, 'person:operator')]);
  for (let from = 0; from < targets.length; from += 50_000) {
    const events = targets
      .slice(from, from + 50_000)
      .map((target) => toUnstored({ type: 'TargetEnrolled', data: { target } }, EPOCH, `agent:${target.name}`));
    await store.append(1 + from, events);
  }
}

/** Lets simulated time go by until a promise has settled. */
async function during<T>(loop: EventLoop, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const done = () => {
    isSettled = true;
  };
  promise.then(done, done);
  await settled();
  while (!isSettled && (await loop.step(loop.now + 60_000)));
  return promise;
}
