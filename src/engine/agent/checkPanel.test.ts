import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../test/support/manualClock.ts';
import type { CheckOutcome, LocalCheck } from '../ports/localCheck.ts';
import { CheckPanel } from './checkPanel.ts';

const WELL: CheckOutcome = { healthy: true, says: '200' };
const SICK: CheckOutcome = { healthy: false, says: '500, expected 200' };

/** A check that answers when the test says so. */
class AskedCheck implements LocalCheck {
  readonly name: string;
  readonly everyMs = 1_000;
  readonly failures: number;
  readonly #open: ((outcome: CheckOutcome) => void)[] = [];
  runs = 0;

  constructor(name: string, failures: number) {
    this.name = name;
    this.failures = failures;
  }

  run(): Promise<CheckOutcome> {
    this.runs++;
    return new Promise((resolve) => this.#open.push(resolve));
  }

  get asked(): boolean {
    return this.#open.length > 0;
  }

  async answer(outcome: CheckOutcome): Promise<void> {
    const open = this.#open.shift();
    assert.ok(open, `${this.name} was not asked`);
    open(outcome);
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

function panel(...checks: readonly AskedCheck[]) {
  const clock = new ManualClock();
  const told = { changes: 0, failing: [] as string[] };
  const made = new CheckPanel(
    checks,
    clock,
    () => told.changes++,
    (says) => told.failing.push(says),
  );
  made.start();
  return { clock, told, panel: made };
}

describe('local checks, again and again', () => {
  it('says nothing of a check until it knows, and well only after a success', async () => {
    const check = new AskedCheck('alive', 2);
    const { panel: made, clock, told } = panel(check);
    assert.deepEqual(made.reports(), []);
    await check.answer(SICK);
    assert.deepEqual(made.reports(), [], 'one failure is not enough to say that it is unwell');
    await clock.advance(1_000);
    await check.answer(SICK);
    assert.deepEqual(made.reports(), [{ name: 'alive', healthy: false, detail: '500, expected 200' }]);
    assert.deepEqual(told.failing, ['check alive: 500, expected 200, 2 times in a row']);
    await clock.advance(1_000);
    await check.answer(WELL);
    assert.deepEqual(made.reports(), [{ name: 'alive', healthy: true, detail: '200' }]);
    await clock.advance(1_000);
    await check.answer(WELL);
    assert.equal(told.changes, 2, 'the same again is no news');
    made.stop();
  });

  it('a round passes when every check has passed anew', async () => {
    const [alive, open] = [new AskedCheck('alive', 2), new AskedCheck('open', 1)];
    const { panel: made, clock } = panel(alive, open);
    await alive.answer(WELL);
    await open.answer(WELL);
    const round = made.round(new AbortController().signal);
    assert.ok(alive.asked && open.asked, 'asked at once, not at the next interval');
    await open.answer(WELL);
    await alive.answer(SICK);
    await clock.advance(1_000);
    await alive.answer(WELL);
    assert.deepEqual(await round, { passed: true });
    made.stop();
  });

  it('a round fails with the first check that fails often enough', async () => {
    const [alive, open] = [new AskedCheck('alive', 2), new AskedCheck('open', 1)];
    const { panel: made, clock } = panel(alive, open);
    await alive.answer(WELL);
    await open.answer(WELL);
    const round = made.round(new AbortController().signal);
    await open.answer(WELL);
    await alive.answer(SICK);
    await clock.advance(1_000);
    await alive.answer(SICK);
    assert.deepEqual(await round, { passed: false, says: 'check alive: 500, expected 200, 2 times in a row' });
    made.stop();
  });

  it('a run that began before the round does not count in it', async () => {
    const check = new AskedCheck('alive', 1);
    const { panel: made, clock } = panel(check);
    const round = made.round(new AbortController().signal);
    await check.answer(WELL);
    await clock.advance(0);
    assert.equal(check.runs, 2, 'asked again at once');
    await check.answer(SICK);
    assert.deepEqual(await round, { passed: false, says: 'check alive: 500, expected 200' });
    made.stop();
  });

  it('failures before a round are not counted in it', async () => {
    const check = new AskedCheck('alive', 2);
    const { panel: made, clock } = panel(check);
    await check.answer(SICK);
    const round = made.round(new AbortController().signal);
    await check.answer(SICK);
    await clock.advance(1_000);
    await check.answer(WELL);
    assert.deepEqual(await round, { passed: true });
    made.stop();
  });

  it('without checks a round passes', async () => {
    assert.deepEqual(await panel().panel.round(new AbortController().signal), { passed: true });
  });

  it('a round that nobody waits for any more ends', async () => {
    const abort = new AbortController();
    const { panel: made } = panel(new AskedCheck('alive', 1));
    const round = made.round(abort.signal);
    abort.abort();
    assert.equal((await round).passed, false);
    assert.equal((await made.round(abort.signal)).passed, false);
    made.stop();
  });
});
