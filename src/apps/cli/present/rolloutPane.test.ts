import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RolloutViewBody } from '../../../wire/http/rollout.ts';
import type { VerdictBody } from '../../../wire/http/verdict.ts';
import { glyphsFor } from '../terminal/glyphs.ts';
import { NOTHING_DRAWN, redraw } from '../terminal/livePane.ts';
import { lineWidth, paint } from '../terminal/styledLine.ts';
import { rolloutPane } from './rolloutPane.ts';

const START = Date.parse('2026-03-01T12:00:00.000Z');
const DIGEST = `sha256:${'3fa9c1d20b7e'.padEnd(64, '0')}` as const;
const glyphs = glyphsFor({});

const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

function stageOf(name: string, targets: number, waves: readonly number[]) {
  return { name, targets, waves: waves.map((each) => ({ below: each / targets, targets: each })) };
}

const PLAN = [stageOf('canary', 2, [2]), stageOf('pilot', 6, [2, 6]), stageOf('broad', 16, [16])];

function pipelineStage(name: string): RolloutViewBody['rollout']['pipeline']['stages'][number] {
  return {
    name,
    targets: { ring: [name] },
    waves: [{ share: 1 }],
    bake: { minimumMs: 10_000, exposure: { metric: 'requests', atLeast: 200 }, deadlineMs: 600_000 },
    applyDeadlineMs: 60_000,
    tolerateFailures: 0,
    promote: 'auto',
  };
}

/** A rollout of a change on web and api, in its second stage. */
function view(rollout: Partial<RolloutViewBody['rollout']> = {}, rest: Partial<RolloutViewBody> = {}): RolloutViewBody {
  return {
    rollout: {
      id: 'shop-2',
      change: {
        digest: DIGEST,
        name: 'faster',
        service: 'shop',
        roles: ['api', 'web'],
        slots: {},
        reason: 'x',
        author: 'ann',
      },
      pipeline: {
        name: 'shop',
        service: 'shop',
        stages: PLAN.map(({ name }) => pipelineStage(name)),
        checks: [],
        errorBudget: 0.01,
        rehearse: false,
        heldDeadlineMs: 1,
        pausedDeadlineMs: 1,
        rollbackDeadlineMs: 1,
      },
      plan: PLAN,
      position: 7,
      fastTrack: false,
      breakGlass: null,
      kept: null,
      startedBy: 'ann',
      startedAt: at(0),
      phase: 'rolling',
      sinceAt: at(20),
      stage: 1,
      wave: 1,
      openings: [],
      holds: [],
      heldSinceAt: null,
      paused: null,
      accepted: [],
      pace: null,
      rehearsal: null,
      revoked: [],
      evidence: [{ change: DIGEST, stage: 'canary', at: at(20), verdicts: [], exposure: {}, rehearsal: null }],
      failed: [],
      failedCount: 0,
      rollback: null,
      stragglers: [],
      endedAt: null,
      ...rollout,
    },
    tally: {
      opened: 6,
      confirmed: 4,
      underway: 2,
      failed: 0,
      failures: [],
      refused: 0,
      refusals: [],
      notBack: 6,
      notBackNames: ['a', 'b'],
      absent: 0,
      moving: 2,
      slow: 0,
      slowNames: [],
      domains: [],
    },
    verdicts: [],
    exposure: {},
    blast: {
      now: { targets: 8, share: 1 / 3, traffic: 0.4 },
      promoted: { stage: 'broad', reach: { targets: 24, share: 1, traffic: 1 } },
      dependents: [],
      dependencies: [],
      unknownTraffic: 0,
    },
    says: 'what it does now',
    ...rest,
  };
}

const missing = (figure: number) => ({ missing: figure, of: 'requests', expectedAt: at(30) });

function verdict(given: Partial<VerdictBody>): VerdictBody {
  const arm = { level: 0, exposure: 0, targets: 0 };
  return {
    check: 'errors',
    role: 'web',
    outcome: 'pass',
    says: '',
    estimate: 0.001,
    lower: -0.004,
    upper: 0.006,
    margin: 0.02,
    alpha: 0.01,
    treated: arm,
    untouched: arm,
    cause: null,
    unit: 'share',
    compared: 'at-the-same-time',
    evidence: { harm: 0, noHarm: 0 },
    spent: 0,
    noise: { figure: 1, blocks: 0 },
    next: null,
    outliers: [],
    leftOut: [],
    ...given,
  };
}

function shown(given: RolloutViewBody, width = 80, seconds = 25): string {
  return rolloutPane(given, { now: START + seconds * 1000, glyphs, width })
    .map((line) => paint(line, false))
    .join('\n');
}

test('a stage that opens in waves', () => {
  assert.equal(
    shown(view()),
    `▶ rolling out  shop-2  faster 3fa9c1d20b7e  for 25s  by ann
  what it does now

  ✓ canary  2 targets   passed
  ▶ pilot   6 targets   ███████░░░  wave 2 of 2, 4 of 6 confirmed
  · broad   16 targets  not open

  targets  4 confirmed, 2 under way, 0 failed
  blast    now 8 targets (33 %), 40 % of the traffic
           with "broad" 24 targets (100 %), 100 % of the traffic`,
  );
});

test('a stage that bakes: time, exposure of each role, and every check with its interval and what it still needs', () => {
  const verdicts = [
    verdict({}),
    verdict({ role: 'api', outcome: 'inconclusive', says: 'nobody can tell yet', spent: 0.124, next: missing(119.2) }),
    verdict({ role: 'db', outcome: 'no-data', estimate: null, lower: null, upper: null }),
  ];
  assert.equal(
    shown(view({ phase: 'baking' }, { exposure: { web: 250, api: 50 }, verdicts })),
    `▶ baking  shop-2  faster 3fa9c1d20b7e  for 25s  by ann
  what it does now

  ✓ canary  2 targets   passed
  ▶ pilot   6 targets   baking
  · broad   16 targets  not open

  bake      ████████░░░░░░░░  5s of 10s at the least
  exposure  ████░░░░░░░░░░░░  api: 50 of 200 requests
            ████████████████  web: 250 of 200 requests
  checks    errors  web  pass          +0.10 pp (-0.40 to +0.60)  margin 2.00
            errors  api  inconclusive  +0.10 pp (-0.40 to +0.60)  ~120 more
            errors  db   no-data       no estimate yet            margin 2.00
  why       errors on api: nobody can tell yet
  budget    12 % of the 1 % spent by the worst of them
  blast     now 8 targets (33 %), 40 % of the traffic
            with "broad" 24 targets (100 %), 100 % of the traffic`,
  );
});

test('a held rollout says every reason; a paused one by whom and why', () => {
  const holds = [
    { reason: 'line-halted' as const, says: 'somebody halted the line' },
    { reason: 'awaiting-promotion' as const, says: 'the pipeline asks a person' },
  ];
  const text = shown(view({ phase: 'ready', holds }));
  assert.match(text, /^‖ held {2}shop-2/);
  assert.match(text, /‖ pilot {3}6 targets {3}held\n/);
  assert.match(
    text,
    / {2}held {3}line-halted: somebody halted the line\n {9}awaiting-promotion: the pipeline asks a person/,
  );
  const paused = { by: 'ben', reason: 'lunch', at: at(21) };
  assert.match(shown(view({ paused, holds })), /^‖ paused[\s\S]*paused {3}by ben: lunch\n/);
});

test('going back: where it stopped, what is not back, why, and that the rest never saw it', () => {
  const rollback = { by: 'engine', code: 'guardrail-failed' as const, says: 'errors on api', at: at(24) };
  const failed = [{ target: 'shop-9', code: 'verify', says: 'holds another digest' }];
  assert.equal(
    shown(view({ phase: 'rollingBack', rollback, failed, failedCount: 3, stragglers: ['shop-8'] })),
    `↩ rolling back  shop-2  faster 3fa9c1d20b7e  for 25s  by ann
  what it does now

  ↩ canary  2 targets   going back
  ↩ pilot   6 targets   going back; stopped here
  · broad   16 targets  never opened

  rollback    guardrail-failed, ordered by engine: errors on api
  failed      shop-9 (verify): holds another digest
              and 2 more targets
  stragglers  shop-8
  not back    6 targets: a, b and 4 more
  blast       now 8 targets (33 %), 40 % of the traffic
              with "broad" 24 targets (100 %), 100 % of the traffic`,
  );
});

test('an ended one says how long it took', () => {
  assert.match(
    shown(view({ phase: 'completed', stage: 2, endedAt: at(90) }), 80, 5000),
    /^✓ completed {2}shop-2 {2}faster 3fa9c1d20b7e {2}took 1m30s {2}by ann/,
  );
});

test('a long ladder shows the stages around the present one and counts the others', () => {
  const plan = Array.from({ length: 20 }, (_, index) => stageOf(`s${index + 1}`, 1, [1]));
  const text = shown(view({ plan, stage: 9, wave: 0, evidence: [] }));
  assert.match(text, /· and 7 stages before\n {2}✓ s8 [\s\S]*▶ s10[\s\S]*· s13[\s\S]*· and 7 stages after/);
});

test('a target’s own words cannot speak to the terminal', () => {
  const failed = [{ target: 'x\x1b[2J', code: '\x07', says: 'line\none\x1b]0;owned\x07' }];
  const text = shown(view({ failed, failedCount: 1 }));
  assert.match(text, /failed {3}x \(\): line one\n/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

test('at any width nothing of the pane is wider than the screen, whatever is in it', () => {
  const words = fc.string({ unit: fc.constantFrom('a', '設', ' ', '🚀', 'long-word', '\x1b[1m', '\n'), maxLength: 60 });
  const phases = fc.constantFrom('rolling', 'rehearsing', 'baking', 'ready', 'rollingBack', 'rolledBack', 'completed');
  fc.assert(
    fc.property(
      words,
      words,
      phases,
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 5, max: 60 }),
      (name, says, phase, columns, rows) => {
        const plan = PLAN.map((stage) => ({ ...stage, name: `${stage.name}${name}` }));
        const verdicts = [verdict({ check: name, role: says }), verdict({ next: missing(1e9) })];
        const failed = [{ target: name, code: says, says }];
        const given = view(
          { plan, phase, startedBy: name, failed, failedCount: 9 },
          { says, verdicts, exposure: { web: 1e12 } },
        );
        const lines = rolloutPane(given, { now: START, glyphs, width: columns - 1 });
        const { drawn } = redraw(NOTHING_DRAWN, { above: [], lines, footer: [[], []] }, { columns, rows }, true);
        assert.ok(drawn.widths.length < rows, 'it fits the height');
        for (const width of drawn.widths) assert.ok(width < columns, `${width} of ${columns}`);
      },
    ),
  );
});

test('from 60 columns on, nothing is cut but the last column of the checks', () => {
  const verdicts = [verdict({ outcome: 'inconclusive', next: missing(1200) })];
  const lines = rolloutPane(view({ phase: 'baking' }, { verdicts, exposure: { web: 9, api: 9 } }), {
    now: START,
    glyphs,
    width: 59,
  });
  assert.ok(lines.every((line) => lineWidth(line) <= 59));
  assert.match(
    lines.map((line) => paint(line, false)).join('\n'),
    /errors {2}web {2}inconclusive {2}\+0\.10 pp \(-0\./,
  );
});
