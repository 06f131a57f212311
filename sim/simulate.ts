import type { Logger } from '../src/engine/ports/logger.ts';
import type { Checker, LawName } from './checkers/checker.ts';
import { CHECKERS } from './checkers/checkers.ts';
import { type Choices, choose } from './choices.ts';
import type { Fact } from './fact.ts';
import type { FaultKind } from './faults.ts';
import { Chance } from './kernel/chance.ts';
import { settled } from './kernel/eventLoop.ts';
import { People } from './people.ts';
import { Scene } from './scene.ts';
import type { ServerWraps } from './server/serverHost.ts';
import { Truth } from './truth.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Kinds of faults that may be drawn. */
  readonly faults: readonly FaultKind[];
  /** Checks these laws only; all when left out. */
  readonly laws?: readonly LawName[];
  readonly wraps?: ServerWraps;
  /** How likely each kind of fault is part of the run; left out: the seed decides. */
  readonly faultDensity?: number;
  /** How long everything has to settle; left out: longer than every deadline, one after the other. */
  readonly livenessMs?: number;
  readonly onChoices?: (choices: Choices) => void;
  /** Called for every fact, with the step it belongs to. */
  readonly onFact?: (step: number, atMs: number, fact: Fact) => void;
  readonly logger?: Logger;
}

export interface Outcome {
  readonly seed: number;
  readonly breach: {
    readonly law: LawName;
    readonly step: number;
    readonly atMs: number;
    readonly says: string;
  } | null;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly targets: number;
  readonly rollouts: { readonly completed: number; readonly rolledBack: number };
  readonly faultsStruck: number;
}

/** Everything must have settled so long after the last fault. Longer than every deadline of the pipeline, one after the other. */
const LIVENESS_MS = 20 * 60_000;
/** What has settled must stay so for as long. */
const QUIET_MS = 25_000;
const LOOK_MS = 250;

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** One seed, from the first step to the last, or to the first breach of a law. */
export async function simulate(options: SimulationOptions): Promise<Outcome> {
  const chance = new Chance(options.seed);
  const choices = choose(chance.fork('choices'), options.faults, options.faultDensity ?? null);
  options.onChoices?.(choices);
  let step = 0;
  let faultsStruck = 0;
  let breach: Outcome['breach'] = null;
  const found = (law: LawName, says: string) => {
    breach ??= { law, step, atMs: scene.loop.now, says };
  };
  const witness = (fact: Fact) => {
    if (fact.kind === 'fault') faultsStruck++;
    truth.take(fact);
    options.onFact?.(step, scene.loop.now, fact);
    for (const checker of checkers) {
      const says = checker.take?.(fact) ?? null;
      if (says !== null) found(checker.law, says);
    }
  };
  const scene = new Scene({ choices, chance, witness, logger: options.logger ?? SILENT, wraps: options.wraps ?? {} });
  const truth = new Truth(scene, choices.confirmWithinMs);
  const wanted = CHECKERS.filter(({ law }) => options.laws?.includes(law) ?? true);
  const checkers: readonly Checker[] = wanted.map(({ law, make }) => ({ law, ...make(truth) }));

  let lookedAt = 0;
  const run = async (untilMs: number, enough: () => boolean = () => false) => {
    // What was set off from outside has yet to ask for its first step.
    await settled();
    while (breach === null && !enough() && (await scene.loop.step(untilMs))) {
      step++;
      const { now } = scene.loop;
      if (now - lookedAt < LOOK_MS) continue;
      lookedAt = now;
      truth.look();
      for (const checker of checkers) {
        const says = checker.look?.() ?? null;
        if (says !== null) found(checker.law, says);
      }
    }
  };

  await setUp(scene, choices, chance, witness, run);
  const people = new People(scene, choices, chance.fork('people'), witness);
  people.begin();
  scene.unleash(choices.faults);
  const safetyEnds = scene.loop.now + choices.safetyMs;
  await run(safetyEnds, () => people.isDone && [...truth.log.running()].length === 0 && truth.log.rollouts.size > 0);

  scene.calmDown();
  witness({ kind: 'fault', says: 'faults stop here; everything must settle' });
  const calmAt = scene.loop.now;
  let settledSince: number | null = null;
  await run(calmAt + (options.livenessMs ?? LIVENESS_MS), () => {
    if (unsettled(truth) !== null) settledSince = null;
    else settledSince ??= scene.loop.now;
    return settledSince !== null && scene.loop.now - settledSince >= QUIET_MS;
  });
  const open = unsettled(truth);
  if (breach === null && open !== null && (options.laws === undefined || options.laws.includes('liveness')))
    found('liveness', open);
  if (breach === null) {
    for (const checker of checkers) {
      const says = (await checker.end?.()) ?? null;
      if (says !== null) found(checker.law, says);
    }
  }
  const rollouts = [...truth.log.rollouts.values()];
  return {
    seed: options.seed,
    breach,
    steps: step,
    simulatedMs: scene.loop.now,
    targets: scene.machines.length,
    rollouts: {
      completed: rollouts.filter(({ phase }) => phase === 'completed').length,
      rolledBack: rollouts.filter(({ phase }) => phase === 'rolledBack').length,
    },
    faultsStruck,
  };
}

/** A server, its manifests, and every agent connected: where every run begins. */
async function setUp(
  scene: Scene,
  choices: Choices,
  chance: Chance,
  witness: (fact: Fact) => void,
  run: (untilMs: number, enough: () => boolean) => Promise<void>,
): Promise<void> {
  const [server] = scene.servers;
  server?.start();
  await run(10_000, () => scene.plane !== null);
  if (scene.plane === null) throw new Error('invariant broken: the first server does not start');
  let prepared = false;
  void new People(scene, choices, chance, witness).prepare(scene.plane).then(() => {
    prepared = true;
  });
  await run(20_000, () => prepared);
  for (const host of scene.hosts) host.start();
  await run(60_000, () => scene.hosts.every(({ contact }) => contact));
}

/** Why the world has not settled: a rollout that is not over, or a target that is not on what it should hold. `null`: it has. */
function unsettled(truth: Truth): string | null {
  for (const rollout of truth.log.running()) return `${rollout.id} is not over, it is ${rollout.phase}`;
  for (const host of truth.scene.hosts) {
    const { machine } = host;
    if (!host.contact) return `${machine.name} is not connected`;
    for (const slot of machine.slots.keys()) {
      const wanted = truth.log.lastKnownGood(machine.role, slot) ?? machine.baseline.get(slot);
      const { file, running } = machine.holding(slot);
      // What somebody took back by hand stays away until something else is rolled out.
      if (file === running && file === machine.takenBack.get(slot)) continue;
      if (file !== wanted || running !== wanted)
        return `${machine.name} should hold ${wanted} in ${slot}; its file holds ${file}, its service runs ${running}`;
    }
  }
  return null;
}
