import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalJson } from '../kernel/canonicalJson.ts';
import type { Digest } from '../kernel/digest.ts';
import type { Assignment, Opening } from '../rollout/assignment.ts';
import { judgePermits, type PermitContext } from './judgePermit.ts';
import { type Leave, PERMIT_REFUSALS, type Permit, type PermitRefusal, type StageEvidence } from './permit.ts';
import type { CheckSignature, Signed } from './signed.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [CHANGE, NEW, GOOD, OTHER] = [digest('c'), digest('1'), digest('2'), digest('f')];
const TRUSTED = 'a'.repeat(16);
const RETIRED = 'b'.repeat(16);
const OPENED = 5_000;
const NOW = 6_000;

const CANARY: Opening = { stage: 'canary', targets: { ring: ['canary'] }, below: 1 };
const PILOT: Opening = { stage: 'pilot', targets: { ring: ['pilot'] }, below: 1 };
const CANDIDATE = { rollout: 'shop-1', change: CHANGE, artifact: NEW, openings: [CANARY, PILOT] };
const ASSIGNMENT: Assignment = {
  service: 'shop',
  role: 'web',
  slot: 'config/shop',
  generation: 9,
  lastKnownGood: GOOD,
  candidate: CANDIDATE,
};

/** The signature here is what was signed: enough to tell whether it still is. `adapters/signing/` has the real ones. */
function sign<T>(document: T, key = TRUSTED): Signed<T> {
  return { document, key, signature: canonicalJson(document) };
}
const check: CheckSignature = ({ document, key, signature }) => {
  if (key === RETIRED) return 'retired-key';
  if (key !== TRUSTED) return 'unknown-key';
  return signature === canonicalJson(document) ? null : 'bad-signature';
};

function evidence(more: Partial<StageEvidence> = {}): StageEvidence {
  return {
    kind: 'evidence',
    ...{ service: 'shop', role: 'web', change: CHANGE, rollout: 'shop-1', stage: 'canary', index: 0, outcome: 'pass' },
    ...{ checks: [], rehearsedAt: null, exposure: 100, issued: 4_000, expires: 90_000 },
    ...more,
  };
}

function permit(more: Partial<Permit> = {}): Permit {
  return {
    kind: 'permit',
    ...{ service: 'shop', role: 'web', rollout: 'shop-1', change: CHANGE, slots: { 'config/shop': NEW } },
    ...{ stage: { name: 'pilot', index: 1, opened: OPENED }, openings: [CANARY, PILOT], generation: 9 },
    ...{ issued: OPENED, expires: 90_000, evidence: [sign(evidence())] },
    ...more,
  };
}

const ring = (name: string) => ({ uid: 'f'.repeat(32), labels: { ring: name } });
const CONTEXT: PermitContext = {
  permits: [sign(permit())],
  serverTime: NOW,
  check,
  target: ring('pilot'),
  neverFirst: false,
};

const code = (leave: Leave) => (leave.granted ? 'granted' : leave.code);
const judge = (context: Partial<PermitContext>, assignment = ASSIGNMENT) =>
  code(judgePermits(assignment, { ...CONTEXT, ...context }).candidate);
const resigned = (more: Partial<Permit>) => judge({ permits: [sign(permit(more))] });
const withEvidence = (more: Partial<StageEvidence>) => resigned({ evidence: [sign(evidence(more))] });

describe('law 23: a permit is judged by the target that it is for', () => {
  it('lets the target of an opened stage go forward, the first stage without evidence', () => {
    assert.equal(judge({}), 'granted');
    const first = permit({ stage: { name: 'canary', index: 0, opened: 0 }, openings: [CANARY], evidence: [] });
    const assignment = { ...ASSIGNMENT, candidate: { ...CANDIDATE, openings: [CANARY] } };
    assert.equal(judge({ permits: [sign(first)], target: ring('canary') }, assignment), 'granted');
    assert.equal(
      judge({ permits: [sign(first)], target: ring('canary'), neverFirst: true }, assignment),
      'never-first',
    );
    assert.equal(judge({ permits: [sign(first)], target: null, neverFirst: true }, assignment), 'granted', 'a gateway');
  });

  // Every row is the good permit with one thing wrong, signed anew where that is not the thing: who signs cannot make it right.
  const table: readonly (readonly [PermitRefusal, () => string, string])[] = [
    ['no-permit', () => judge({ permits: [] }), 'none came'],
    ['unknown-key', () => judge({ permits: [sign(permit(), 'e'.repeat(16))] }), 'a stranger signed'],
    ['retired-key', () => judge({ permits: [sign(permit(), RETIRED)] }), 'its key is retired'],
    [
      'bad-signature',
      () => judge({ permits: [{ ...sign(permit()), document: permit({ issued: 1 }) }] }),
      'changed afterwards',
    ],
    ['wrong-service', () => resigned({ service: 'till' }), ''],
    ['wrong-role', () => resigned({ role: 'api' }), 'law 3: what api may says nothing of web'],
    ['wrong-rollout', () => resigned({ rollout: 'shop-2' }), ''],
    ['wrong-change', () => resigned({ change: OTHER }), ''],
    ['wrong-artifact', () => resigned({ slots: { 'config/shop': OTHER } }), 'other bytes'],
    ['wrong-artifact', () => resigned({ slots: {} }), 'not for this slot'],
    ['wrong-generation', () => resigned({ generation: 8 }), 'an older permit of the same rollout'],
    ['wrong-openings', () => resigned({ openings: [CANARY, { ...PILOT, below: 0.5 }] }), 'the order reaches further'],
    ['wrong-openings', () => resigned({ openings: [CANARY, { ...PILOT, targets: {} }] }), ''],
    [
      'wrong-stage',
      () => resigned({ stage: { name: 'pilot', index: 0, opened: OPENED } }),
      'a late stage posing as the first',
    ],
    ['wrong-stage', () => resigned({ stage: { name: 'broad', index: 1, opened: OPENED } }), ''],
    ['wrong-stage', () => resigned({ evidence: [sign(evidence()), sign(evidence())] }), 'more evidence than stages'],
    ['not-opened', () => judge({ target: ring('broad') }), 'not its ring'],
    ['expired', () => judge({ serverTime: 90_000 }), "by the server's clock"],
    ['expired', () => resigned({ expires: null }), 'only what finished its rollout is without an end'],
    ['evidence-missing', () => resigned({ evidence: [] }), 'law 2'],
    ['evidence-unknown-key', () => resigned({ evidence: [sign(evidence(), 'e'.repeat(16))] }), ''],
    ['evidence-retired-key', () => resigned({ evidence: [sign(evidence(), RETIRED)] }), ''],
    [
      'evidence-bad-signature',
      () => resigned({ evidence: [{ ...sign(evidence()), document: evidence({ exposure: 1 }) }] }),
      '',
    ],
    ['evidence-wrong-scope', () => withEvidence({ service: 'till' }), ''],
    ['evidence-wrong-scope', () => withEvidence({ role: 'api' }), 'law 3: proven on api'],
    ['evidence-wrong-scope', () => withEvidence({ change: OTHER }), 'law 3: proven of something else'],
    ['evidence-wrong-scope', () => withEvidence({ rollout: 'shop-0' }), 'of an earlier rollout'],
    ['evidence-wrong-stage', () => withEvidence({ stage: 'pilot' }), ''],
    ['evidence-wrong-stage', () => withEvidence({ index: 1 }), ''],
    ['evidence-not-pass', () => withEvidence({ outcome: 'fail' }), 'law 2'],
    ['evidence-not-pass', () => withEvidence({ outcome: 'no-data' }), 'law 2: silence is no pass'],
    ['evidence-expired', () => withEvidence({ expires: OPENED }), 'law 2: the stage was opened too late'],
    ['evidence-expired', () => withEvidence({ issued: OPENED + 1 }), 'the stage was opened before there was any'],
    ['never-first', () => judge({ target: ring('canary'), neverFirst: true }), "the target's own file"],
  ];
  for (const [refusal, decide, why] of table) {
    it(`${refusal}${why === '' ? '' : `: ${why}`}`, () => assert.equal(decide(), refusal));
  }

  it('the table above names every refusal', () => {
    assert.deepEqual(new Set(table.map(([refusal]) => refusal)), new Set(Object.keys(PERMIT_REFUSALS)));
  });

  it('says the values that do not fit', () => {
    const leave = judgePermits(ASSIGNMENT, { ...CONTEXT, permits: [sign(permit({ role: 'api' }))] }).candidate;
    assert.deepEqual(leave, {
      granted: false,
      code: 'wrong-role',
      says: 'the permit is for another role: api, this is web',
    });
  });

  it('law 8: a last known good that was never here needs the evidence of a whole rollout', () => {
    const whole = permit({ stage: null, openings: [], expires: null, slots: { 'config/shop': GOOD } });
    const judged = (permits: PermitContext['permits']) =>
      code(judgePermits(ASSIGNMENT, { ...CONTEXT, permits, serverTime: 10 ** 12 }).lastKnownGood);
    assert.equal(judged([sign(permit()), sign(whole)]), 'granted', 'and it does not expire');
    assert.equal(
      judged([sign(permit({ slots: { 'config/shop': GOOD } }))]),
      'no-permit',
      'a stage is no whole rollout',
    );
    assert.equal(judged([sign({ ...whole, slots: { 'config/shop': OTHER } })]), 'no-permit');
    assert.equal(judged([sign({ ...whole, evidence: [] })]), 'evidence-missing');
    assert.equal(judged([sign({ ...whole, role: 'api' })]), 'wrong-role');
    assert.equal(judged([sign(whole, RETIRED)]), 'retired-key');
    assert.equal(judged([sign({ ...whole, evidence: [sign(evidence({ outcome: 'error' }))] })]), 'evidence-not-pass');
  });
});
