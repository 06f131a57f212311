import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RolloutViewBody } from '../../wire/http/rollout.ts';
import { glyphsFor } from '../cli/terminal/glyphs.ts';
import type { StyledLine } from '../cli/terminal/styledLine.ts';
import { RolloutStory } from './rolloutStory.ts';

const WIDTH = 79;
const text = (line: StyledLine) => line.map(({ text }) => text).join('');
const texts = (lines: readonly StyledLine[]) => lines.map(text);

/** As much of a view as the story looks at. */
function view(says: string, rollout: object): RolloutViewBody {
  const plan = [
    { name: 'canary', targets: 2, waves: [{ below: 1, targets: 2 }] },
    {
      name: 'pilot',
      targets: 6,
      waves: [
        { below: 0.5, targets: 2 },
        { below: 1, targets: 6 },
      ],
    },
  ];
  const usual = {
    pipeline: { stages: [] },
    plan,
    stage: 0,
    phase: 'rolling',
    evidence: [],
    rehearsal: null,
    rollback: null,
    endedAt: null,
    holds: [],
    paused: null,
  };
  return { says, rollout: { ...usual, ...rollout } } as unknown as RolloutViewBody;
}

test('each stage is told once, when its evidence is there, with the requests that made it', () => {
  const story = new RolloutStory(glyphsFor({}), WIDTH, 0);
  assert.deepEqual(texts(story.told(view('', {}), 1000)), []);
  const evidence = [{ stage: 'canary', exposure: { web: 402.4, api: 1405 } }];
  const [line = '', ...more] = texts(story.told(view('', { stage: 1, evidence }), 9500));
  assert.match(line, /^ {2}✓ canary {3}2 targets .*passed on 402 web, 1,405 api requests.* 9\.5 s$/);
  assert.equal(line.length, WIDTH);
  assert.deepEqual(more, []);
  assert.deepEqual(texts(story.told(view('', { stage: 1, evidence }), 9600)), []);
});

test('the rehearsal is told once, when the way back has been walked', () => {
  const story = new RolloutStory(glyphsFor({}), WIDTH, 0);
  const rehearsal = { startedAt: '', provenAt: null, targets: 2 };
  assert.deepEqual(texts(story.told(view('', { rehearsal }), 1000)), []);
  const proven = { ...rehearsal, provenAt: '2026-01-01T00:00:00.000Z' };
  assert.match(
    texts(story.told(view('', { rehearsal: proven }), 1500)).join('\n'),
    /^ {2}↩ canary {3}2 targets went back.* 1\.5 s$/,
  );
  assert.deepEqual(texts(story.told(view('', { rehearsal: proven }), 1600)), []);
});

test('a rollback is told with its reason in full, and its end with how long the way back took', () => {
  const story = new RolloutStory(glyphsFor({}), WIDTH, 0);
  const says = `api: 31% of 62 requests failed on treated targets, 0% of 680 on untouched ones; the difference is at least 6.7 points (margin 3.0)`;
  const rollback = { by: 'engine', code: 'guardrail-failed', says, at: '' };
  const [head = '', ...reason] = texts(story.told(view('', { phase: 'rollingBack', rollback }), 3000));
  assert.match(head, /✗ canary .*3\.0 s$/);
  assert.equal(reason.map((line) => line.trim()).join(' '), says);
  assert.ok(reason.every((line) => line.length <= WIDTH));
  const ended = { phase: 'rolledBack', rollback, endedAt: '2026-01-01T00:00:00.000Z' };
  assert.match(texts(story.told(view('', ended), 4200)).join('\n'), /^ {2}↩ rolled back.* 1\.2 s$/);
});

test('what goes on is the control plane’s own sentence, with the sign of its state', () => {
  const story = new RolloutStory(glyphsFor({}), WIDTH, 0);
  assert.match(
    text(story.present(view('"canary" bakes: 1s of 3s', {}), 2000)),
    /^ {2}▶ "canary" bakes: 1s of 3s +2\.0 s$/,
  );
  assert.match(text(story.present(view('held', { holds: [{ reason: 'no-data', says: '' }] }), 0)), /^ {2}‖ held/);
  assert.match(text(story.present(view('back', { phase: 'rollingBack' }), 0)), /^ {2}↩ back/);
});

test('a bake says what it has of time and requests, and then how many more would decide it', () => {
  const story = new RolloutStory(glyphsFor({}), WIDTH, 0);
  const stages = [{ bake: { minimumMs: 3000, exposure: { metric: 'requests', atLeast: 200 } } }];
  const sinceAt = '1970-01-01T00:00:00.000Z';
  const baking = { phase: 'baking', change: { roles: ['api', 'web'] }, pipeline: { stages }, sinceAt };
  const at = (nowMs: number, web: number, missing: number | null) => {
    const next = { missing, of: 'requests', expectedAt: null };
    const verdicts = [missing === 0 ? { outcome: 'pass', next: null } : { outcome: 'inconclusive', next }];
    const seen = { ...view('', baking), exposure: { api: 214, web }, verdicts };
    return text(story.present(seen as unknown as RolloutViewBody, nowMs));
  };
  assert.match(at(2000, 31, 405), /"canary" bakes: 2s of 3s; api 214, web 31 of 200 requests +2\.0 s$/);
  assert.match(at(9000, 199, 55), /"canary" bakes: 3s of 3s; api 214, web 199 of 200 requests/);
  assert.match(at(9000, 201, 55), /"canary" has its requests; some 55 more would tell harm from none/);
  assert.match(at(9000, 201, 0), /"canary" bakes: 3s of 3s; api 214, web 201/);
});
