import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FailureProportionInput, judgeFailureProportion } from './failureProportion.ts';

/** Seeded and small (mulberry32): the same sequences in every run, on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Story {
  readonly treated: (look: number) => number;
  readonly untouched: (look: number) => number;
  readonly treatedPerLook: number;
  readonly untouchedPerLook: number;
  readonly margin: number;
}

const ALPHA = 0.1;
const SEQUENCES = 150;
const LOOKS = 30;

/** Runs whole sequences, judging after every batch, and counts those that were ever given the outcome. */
function countEver(outcome: 'pass' | 'fail', story: Story, seed: number): number {
  const random = generator(seed);
  const draw = (events: number, share: number) => {
    let failures = 0;
    for (let event = 0; event < events; event++) if (random() < share) failures++;
    return failures;
  };
  let ever = 0;
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const treated = { failures: 0, total: 0 };
    const untouched = { failures: 0, total: 0 };
    for (let look = 0; look < LOOKS; look++) {
      treated.failures += draw(story.treatedPerLook, story.treated(look));
      treated.total += story.treatedPerLook;
      untouched.failures += draw(story.untouchedPerLook, story.untouched(look));
      untouched.total += story.untouchedPerLook;
      if (judgeFailureProportion(inputOf(story.margin, ALPHA, treated, untouched)).outcome === outcome) {
        ever++;
        break;
      }
    }
  }
  return ever;
}

function inputOf(
  margin: number,
  alpha: number,
  treated: FailureProportionInput['treated'],
  untouched: FailureProportionInput['untouched'],
): FailureProportionInput {
  return {
    check: 'errors',
    role: 'api',
    events: 'requests',
    margin,
    alpha,
    treated,
    untouched,
    compared: 'at-the-same-time',
    exposure: null,
  };
}

/** The largest share that still gives so few hits with probability 5 %: the exact (Clopper–Pearson) one-sided limit. */
function upperLimit(hits: number, of: number): number {
  let [low, high] = [hits / of, 1];
  for (let step = 0; step < 50; step++) {
    const share = (low + high) / 2;
    let term = (1 - share) ** of;
    let atMost = 0;
    for (let count = 0; count <= hits; count++) {
      atMost += term;
      term *= ((of - count) / (count + 1)) * (share / (1 - share));
    }
    if (atMost > 0.05) low = share;
    else high = share;
  }
  return high;
}

const always = (share: number) => () => share;
const daily = (look: number) => 0.11 - 0.1 * Math.cos((2 * Math.PI * look) / 20);

describe('no difference: the share of whole sequences that are ever failed stays within alpha', () => {
  const even = { treatedPerLook: 10, untouchedPerLook: 10, margin: 0 };
  const unequal = { treatedPerLook: 2, untouchedPerLook: 198, margin: 0 };
  const unequalReversed = { treatedPerLook: 198, untouchedPerLook: 2, margin: 0 };
  const stories: Readonly<Record<string, Story>> = {
    'both 0.001, margin 0': { ...even, treated: always(0.001), untouched: always(0.001) },
    'both 0.02, margin 0': { ...even, treated: always(0.02), untouched: always(0.02) },
    'both 0.1, margin 0': { ...even, treated: always(0.1), untouched: always(0.1) },
    'both 0.5, margin 0': { ...even, treated: always(0.5), untouched: always(0.5) },
    'both 0.01, arms 1:99': { ...unequal, treated: always(0.01), untouched: always(0.01) },
    'both 0.1, arms 99:1': { ...unequalReversed, treated: always(0.1), untouched: always(0.1) },
    'both follow the hour, arms 1:99': { ...unequal, treated: daily, untouched: daily },
    'worse by exactly the margin': { ...even, margin: 0.05, treated: always(0.06), untouched: always(0.01) },
  };
  for (const [name, story] of Object.entries(stories)) {
    it(name, (t) => {
      const ever = countEver('fail', story, 1);
      const limit = upperLimit(ever, SEQUENCES);
      t.diagnostic(`${ever} of ${SEQUENCES} ever failed; at most ${limit.toFixed(3)} at 95 %, allowed ${ALPHA}`);
      assert.ok(limit <= ALPHA);
    });
  }
});

describe('harm beyond the margin: the share of whole sequences that are ever passed stays within alpha', () => {
  const stories: Readonly<Record<string, Story>> = {
    '0.0301 against 0.01, margin 0.02': {
      treated: always(0.0301),
      untouched: always(0.01),
      treatedPerLook: 20,
      untouchedPerLook: 40,
      margin: 0.02,
    },
    '0.3 against 0.19, margin 0.1': {
      treated: always(0.3),
      untouched: always(0.19),
      treatedPerLook: 10,
      untouchedPerLook: 100,
      margin: 0.1,
    },
    'harm on top of the hour, margin 0.05': {
      treated: (look) => daily(look) + 0.06,
      untouched: daily,
      treatedPerLook: 4,
      untouchedPerLook: 100,
      margin: 0.05,
    },
  };
  for (const [name, story] of Object.entries(stories)) {
    it(name, (t) => {
      const ever = countEver('pass', story, 2);
      const limit = upperLimit(ever, SEQUENCES);
      t.diagnostic(`${ever} of ${SEQUENCES} ever passed; at most ${limit.toFixed(3)} at 95 %, allowed ${ALPHA}`);
      assert.ok(limit <= ALPHA);
    });
  }
});

it('power: 20 % failures against 0.1 % are found soon, against what no method can beat', (t) => {
  const random = generator(3);
  const alpha = 0.01 / 6;
  const margin = 0.02;
  const delays: number[] = [];
  const started = process.cpuUsage().user;
  let judgements = 0;
  for (let run = 0; run < 200; run++) {
    const treated = { failures: 0, total: 0 };
    const untouched = { failures: 0, total: 0 };
    do {
      judgements++;
      treated.total++;
      if (random() < 0.2) treated.failures++;
      untouched.total += 10;
      for (let event = 0; event < 10; event++) if (random() < 0.001) untouched.failures++;
    } while (judgeFailureProportion(inputOf(margin, alpha, treated, untouched)).outcome !== 'fail');
    delays.push(treated.total);
  }
  const microseconds = process.cpuUsage().user - started;
  delays.sort((a, b) => a - b);
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  // Harmless is anything up to the untouched share plus the margin, so that is what the failures must be told from.
  const harmless = 0.001 + margin;
  const divergence = 0.2 * Math.log(0.2 / harmless) + 0.8 * Math.log(0.8 / (1 - harmless));
  const wald = Math.log(1 / alpha) / divergence;
  t.diagnostic(
    `treated requests until FAIL: mean ${mean.toFixed(1)}, median ${delays[100]}, 95 % by ${delays[190]}, all by ${delays[199]}; ` +
      `Wald's limit ${wald.toFixed(1)} on average: ${(mean / wald).toFixed(2)} times the limit`,
  );
  t.diagnostic(`${Math.round(microseconds / judgements)} µs of processor time for one judgement`);
  assert.ok(mean <= 2.6 * wald, `${mean} on average`);
  assert.ok((delays[190] ?? Number.POSITIVE_INFINITY) <= 120, `95 % within ${delays[190]}`);
});
