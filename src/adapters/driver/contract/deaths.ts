import type { Reading, Revision } from '../../../engine/ports/driver.ts';
import { forward, inPlace, NotProven, ready, same } from './driverProofs.ts';
import type { KindPlace, MakePlace, PlaceTraits } from './kindPlace.ts';

/** One way of a driver, from its first step to its last. */
export type Way = 'forward' | 'back';

/** When a process is killed: before its n-th step, or `afterUs` microseconds into it. Steps are what a driver asks of the system. */
export interface Death {
  readonly step: number;
  readonly afterUs: number | null;
}

/** Starts a process of its own that goes the way with the place's driver, and dies when told to. */
export interface Killer {
  /** The step at which it died (`apply: rename`), or `null` when it came to the end of the way. */
  run(order: MortalOrder): Promise<string | null>;
}

export interface MortalOrder {
  readonly source: unknown;
  readonly way: Way;
  readonly next: Revision;
  readonly back: Revision;
  readonly death: Death;
}

/** What came of one death. */
export interface Fate {
  readonly way: Way;
  readonly death: Death;
  /** The step it died in, in the driver's words. */
  readonly step: string;
  /** What was in force when it was dead: `half` only where the kind says that this may be. */
  readonly found: 'old' | 'new' | 'half';
}

/** No way has more. */
const MAX_STEPS = 2_000;
/** Deaths within a step come this soon after it began, spread by the seed. */
const WITHIN_US = 1_500;
const LOOKS = /: (?:readFile|stat|lstat|readdir|readlink|access)$/;
const SIGNAL = new AbortController().signal;

/**
 * Goes forward and back again and again, killed (SIGKILL) before each step and within each. Whenever that is, what is in force is old or
 * new and never half; undone by a new process, it is old; tidied, nothing lies about. Rejects with {@link NotProven}.
 */
export async function deaths(
  make: MakePlace,
  killer: Killer,
  { seed, traits = {} }: { readonly seed: number; readonly traits?: PlaceTraits },
): Promise<readonly Fate[]> {
  const fates: Fate[] = [];
  const random = randomOf(seed);
  await inPlace(async (place) => {
    const states = await statesOf(place);
    for (const way of ['forward', 'back'] as const) {
      for (const within of [false, true]) {
        for (let step = 1; ; step++) {
          if (step > MAX_STEPS) throw new NotProven(`${way} takes more than ${MAX_STEPS} steps`);
          const death: Death = { step, afterUs: within ? Math.floor(random() * WITHIN_US) : null };
          // Within a step that only looks there is nothing to break: that is the death before the step after it.
          const looks = fates.some((fate) => fate.way === way && fate.death.step === step && LOOKS.test(fate.step));
          if (within && looks) continue;
          const fate = await die(place, states, killer, { way, death, traits });
          if (fate === null) break;
          fates.push(fate);
        }
      }
    }
  })(make);
  return fates;
}

/** What there is between two deaths, which is the same every time. */
interface States {
  readonly back: Reading;
  readonly next: Revision;
  readonly old: string;
  readonly fresh: string;
  readonly clean: string;
}

async function statesOf(place: KindPlace): Promise<States> {
  const { back, next } = await ready(place);
  const old = await place.effect();
  const clean = (await place.litter()).join('\n');
  await forward(place.driver(), next, back);
  const states = { back, next, old, fresh: await place.effect(), clean };
  await comeBack(place, states, 'never killed');
  return states;
}

async function die(
  place: KindPlace,
  states: States,
  killer: Killer,
  { way, death, traits }: { readonly way: Way; readonly death: Death; readonly traits: PlaceTraits },
): Promise<Fate | null> {
  const { next, back, old, fresh } = states;
  if (way === 'back') await forward(place.driver(), next, back);
  const died = await killer.run({ source: place.source, way, next, back, death });
  const moment = death.afterUs === null ? 'before' : `${death.afterUs} µs into`;
  const when =
    died === null ? `not killed on the way ${way}` : `killed ${moment} step ${death.step} (${died}) of the way ${way}`;
  const effect = await place.effect();
  const found = effect === old ? 'old' : effect === fresh ? 'new' : 'half';
  if (found === 'half' && traits.halvesUntilUndone === undefined)
    throw new NotProven(`${when}: what is in force is neither old nor new: ${JSON.stringify(effect.slice(0, 500))}`);
  await comeBack(place, states, when);
  return died === null ? null : { way, death, step: died, found };
}

/** As the agent does when it starts and finds what it had not finished. */
async function comeBack(place: KindPlace, { back, next, old, clean }: States, when: string): Promise<void> {
  const driver = place.driver();
  await driver.undo(back, next.content, SIGNAL, 'reload');
  same(`${when}, then undone: there is in force`, await place.effect(), old);
  same(`${when}, then undone: what is read`, (await driver.read(SIGNAL)).content, back.content);
  await driver.tidy(null, new Set([back.content]));
  same(`${when}, then undone and tidied: there lies about`, (await place.litter()).join('\n'), clean);
}

/** The table that shows it: one line for each way and step. */
export function fateLines(fates: readonly Fate[]): readonly string[] {
  const byStep = new Map<string, Fate[]>();
  for (const fate of fates) {
    const at = `${fate.way.padEnd(8)}${String(fate.death.step).padStart(4)}  ${fate.step}`;
    byStep.set(at, [...(byStep.get(at) ?? []), fate]);
  }
  const widest = Math.max(...[...byStep.keys()].map((at) => at.length));
  const foundBy = (fates: readonly Fate[], within: boolean) =>
    fates.find(({ death }) => (death.afterUs !== null) === within)?.found ?? '–';
  return [
    `${'way     step'.padEnd(widest)}  killed before  killed within  then undone`,
    ...[...byStep].map(
      ([at, fates]) =>
        `${at.padEnd(widest)}  ${foundBy(fates, false).padEnd(13)}  ${foundBy(fates, true).padEnd(13)}  old`,
    ),
  ];
}

/** The same seed, the same deaths. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
