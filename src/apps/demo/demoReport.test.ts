import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChangeReport, checkStory, reachedPerRing, shareOf, type TargetReport } from './demoReport.ts';
import { FLEET, type Ring } from './fleetLayout.ts';

const BASELINE = 'sha256:00';
const GOOD = 'sha256:aa';
const BAD = 'sha256:bb';

/** The fleet as a story that came true leaves it; `change` says what is otherwise on some targets. */
function targets(
  usual: (ring: Ring) => Partial<TargetReport>,
  change: (target: TargetReport) => Partial<TargetReport> = () => ({}),
): readonly TargetReport[] {
  return FLEET.map(({ name, role, ring, region }) => {
    const target: TargetReport = {
      ...{
        target: name,
        role,
        ring,
        region,
        before: null,
        during: [],
        after: null,
        inForceAfter: null,
        agentKeepsCopy: false,
      },
      ...usual(ring),
    };
    return { ...target, ...change(target) };
  });
}

function report(
  artifact: string,
  phase: string,
  all: readonly TargetReport[],
  apiFailures: number,
  webFailures = 0,
): ChangeReport {
  const requests = (failures: number) => {
    const share = shareOf([{ requests: 100, failures }]);
    return { underTheChange: share, elsewhere: shareOf([]), customers: share };
  };
  return {
    ...{ name: 'change', change: 'sha256:cc', artifact, rollout: 'shop-1', phase, rollbackReason: null, seconds: 1 },
    ...{ firstBadRequestAtMs: null, lastTargetBackAtMs: null, firstBadRequestToLastTargetBackSeconds: null },
    reached: reachedPerRing(artifact, all),
    requests: { web: requests(webFailures), api: requests(apiFailures) },
    targets: all,
  };
}

const good = report(
  GOOD,
  'completed',
  targets(() => ({ before: BASELINE, during: [GOOD], after: GOOD, inForceAfter: GOOD })),
  0,
);
const usual = (ring: Ring): Partial<TargetReport> => ({
  ...{
    before: GOOD,
    during: ring === 'canary' ? [BAD, GOOD] : [],
    after: GOOD,
    inForceAfter: GOOD,
    agentKeepsCopy: ring === 'canary',
  },
});
const badly = (change: (target: TargetReport) => Partial<TargetReport>) =>
  report(BAD, 'rolledBack', targets(usual, change), 30);
const broken = (bad: ChangeReport, goodOne = good, quarantined = true) =>
  checkStory(goodOne, bad, { baseline: BASELINE, quarantined })
    .filter(({ held }) => !held)
    .map(({ says, found }) => `${says}: ${found}`);

test('a story that came true has no broken condition', () => {
  assert.deepEqual(broken(badly(() => ({}))), []);
});

test('whatever is otherwise on one target’s disk or in one process breaks a condition that names it', () => {
  const one = (name: string, found: Partial<TargetReport>) =>
    broken(badly(({ target }) => (target === name ? found : {})));
  assert.deepEqual(one('web-ap-4', { during: [BAD, GOOD] }), [
    'no disk of the pilot and broad rings ever held the bad change, nor does an agent there keep a copy: web-ap-4',
  ]);
  assert.deepEqual(one('web-ap-1', { agentKeepsCopy: true }), [
    'no disk of the pilot and broad rings ever held the bad change, nor does an agent there keep a copy: web-ap-1',
  ]);
  assert.deepEqual(one('api-us-1', { after: BAD }), ['every target’s disk holds the good change again: 23 of 24']);
  assert.deepEqual(one('api-us-1', { inForceAfter: BAD }), ['every running shop is back on the good change: 23 of 24']);
  assert.deepEqual(one('web-eu-1', { during: [] }), ['the bad change reached the whole canary ring: 1 of 2']);
});

test('a rollout that ended otherwise, harm that did not show, and a change that may come back break conditions', () => {
  const bad = badly(() => ({}));
  assert.deepEqual(broken({ ...bad, phase: 'completed' }), ['the bad change was rolled back: completed']);
  assert.deepEqual(broken(report(BAD, 'rolledBack', targets(usual), 1)), [
    'requests failed on the api that ran the bad change: 1 of 100 requests',
  ]);
  assert.deepEqual(broken(report(BAD, 'rolledBack', targets(usual), 30, 1)), [
    'no request failed on the web that ran the bad change: 1 of 100 requests',
  ]);
  assert.deepEqual(broken(bad, good, false), ['the bad change is quarantined: no']);
});

test('a share of no requests is not known', () => {
  assert.deepEqual(shareOf([]), { requests: 0, failures: 0, failedShare: null });
  assert.equal(
    shareOf([
      { requests: 3, failures: 1 },
      { requests: 1, failures: 0 },
    ]).failedShare,
    0.25,
  );
});
