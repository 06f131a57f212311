import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Digest } from '../kernel/digest.ts';
import type { Leave, Leaves } from '../policy/permit.ts';
import type { Assignment } from '../rollout/assignment.ts';
import { GOOD_TRIES } from './aim.ts';
import { isInSet } from './changeSet.ts';
import { decideSlot } from './decideSlot.ts';
import { evolveSlot } from './evolveSlot.ts';
import { type Content, contentsToKeep, deadlineOf, newSlot, type Slot } from './slot.ts';
import type { SlotEffect, SlotInput, SlotLimits } from './slotInput.ts';

const LIMITS: SlotLimits = {
  applyWithinMs: 50,
  verifyWithinMs: 60,
  checkWithinMs: 70,
  revertWithinMs: 80,
  watchForMs: 90,
  provisionalAtMostMs: 40,
  retryMs: { first: 10, most: 100 },
  retryGoodMs: { first: 20, most: 200 },
  trial: { quietMs: 300, strikes: 2 },
};
/** The longest that something unconfirmed can be, or be about to be, in force before it is on its way back. */
const LONGEST_UNCONFIRMED =
  LIMITS.applyWithinMs + LIMITS.verifyWithinMs + LIMITS.checkWithinMs + LIMITS.provisionalAtMostMs;

const REFUSED: Leave = { granted: false, code: 'no-permit', says: '' };
const LEAVES: Leaves = { candidate: { granted: true }, lastKnownGood: { granted: true } };
const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const ARTIFACTS = ['a', 'b', 'c'].map(digest);
const TARGET = { uid: 'f'.repeat(32), name: 'shop-1', service: 'shop', role: 'web', labels: { ring: 'canary' } };

type Action =
  | {
      readonly act: 'assign';
      readonly candidate: number;
      readonly lastKnownGood: number;
      readonly rollout: number;
      readonly opened: boolean;
      readonly late: number;
      readonly leave: boolean;
    }
  | { readonly act: 'confirm'; readonly right: boolean; readonly late: number }
  | { readonly act: 'finish'; readonly well: boolean; readonly halfway: boolean }
  | { readonly act: 'wait'; readonly ms: number }
  | { readonly act: 'contact'; readonly there: boolean }
  | { readonly act: 'sicken' | 'kill' | 'stop' | 'inspect' | 'fullDisk' | 'restartService' }
  | { readonly act: 'takeBack'; readonly to: number }
  | { readonly act: 'breakSet'; readonly rollout: number }
  | { readonly act: 'meddle'; readonly with: number };

const index = fc.integer({ min: -1, max: ARTIFACTS.length - 1 });
const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('assign' as const),
      candidate: index,
      lastKnownGood: index,
      rollout: fc.nat(2),
      opened: fc.boolean(),
      late: fc.constantFrom(0, 0, 0, 1, 3),
      leave: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('confirm' as const),
      right: fc.constantFrom(true, true, true, false),
      late: fc.constantFrom(0, 0, 0, 5),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      act: fc.constant('finish' as const),
      well: fc.constantFrom(true, true, true, true, false),
      halfway: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('contact' as const), there: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constantFrom(
        'sicken' as const,
        'kill' as const,
        'stop' as const,
        'inspect' as const,
        'fullDisk' as const,
        'restartService' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('meddle' as const), with: index }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('takeBack' as const), to: index }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('breakSet' as const), rollout: fc.nat(2) }) },
);

/**
 * A target in the small: a file, what the service took up of it, the bytes kept, a clock, and a disk with the slot's record. Every
 * step checks what must hold always.
 */
class SmallWorld {
  slot: Slot = newSlot('config/shop');
  now = 0;
  file: Content = 'absent';
  running: Content = 'absent';
  effect: SlotEffect | null = null;
  generation = 10;
  /** What was in force before we came, or was held here when it was the fleet's last known good. Being confirmed is not enough. */
  readonly proven = new Set<Content>();
  #unconfirmedSince: number | null = null;
  /** What the file held before we first changed it. */
  #owners: Content = 'absent';
  #full = false;

  constructor() {
    this.give({ kind: 'started', after: 'stop' });
    this.give({ kind: 'contactRegained' });
  }

  do(action: Action): void {
    switch (action.act) {
      case 'assign':
        this.assign(action);
        break;
      case 'confirm': {
        const { phase } = this.slot;
        const artifact = action.right && 'move' in phase ? phase.move.to : (ARTIFACTS[0] ?? null);
        this.give({ kind: 'confirmed', artifact, generation: this.generation - action.late });
        break;
      }
      case 'finish':
        this.finish(action.well, action.halfway);
        break;
      case 'wait':
        this.wait(action.ms);
        break;
      case 'contact':
        this.give({ kind: action.there ? 'contactRegained' : 'contactLost' });
        break;
      case 'sicken':
        this.give({ kind: 'checkFailed', says: 'sick' });
        break;
      case 'restartService':
        this.give({ kind: 'struck', by: 'restarted', says: 'another process' });
        break;
      case 'breakSet':
        this.breakSet(`shop-${action.rollout}`);
        break;
      case 'takeBack':
        this.give({
          kind: 'revertOrdered',
          to: action.to < 0 ? null : (ARTIFACTS[action.to] ?? null),
          says: 'a person',
        });
        break;
      case 'kill':
        this.kill();
        break;
      case 'stop':
        this.give({ kind: 'stopping' });
        break;
      case 'inspect':
        this.give({ kind: 'inspected', content: this.file, verifiedBy: 'file' });
        break;
      case 'fullDisk':
        this.#full = !this.#full;
        break;
      case 'meddle':
        // Nobody meddles at the very moment of a change: the driver sees to that as well as anybody can.
        if (this.effect !== null) break;
        this.file = this.running = ARTIFACTS[action.with] ?? 'absent';
        if (this.slot.baseline === null) this.#owners = this.file;
        break;
    }
  }

  breakSet(rollout: string): void {
    this.give({ kind: 'setFailed', broken: { rollout, slot: 'config/till', code: 'check-failed', says: 'sick' } });
    assert.ok(!isInSet(this.slot, rollout), 'law 7: nothing of a broken set stays in force');
  }

  assign({ candidate, lastKnownGood, rollout, opened, late, leave }: Extract<Action, { act: 'assign' }>): void {
    if (late === 0) this.generation++;
    const artifact = ARTIFACTS[candidate];
    const assignment: Assignment = {
      service: 'shop',
      role: 'web',
      slot: 'config/shop',
      generation: this.generation - late,
      lastKnownGood: ARTIFACTS[lastKnownGood] ?? null,
      candidate:
        artifact === undefined
          ? null
          : {
              rollout: `shop-${rollout}`,
              change: artifact,
              artifact,
              openings: opened ? [{ stage: 'one', targets: {}, below: 1 }] : [],
            },
    };
    const leaves = leave ? LEAVES : { candidate: REFUSED, lastKnownGood: REFUSED };
    this.give({ kind: 'assigned', assignment, confirmWithinMs: LIMITS.provisionalAtMostMs, leaves });
  }

  /** The outcome of what is under way, with what it does to the target. */
  finish(well: boolean, halfway: boolean): void {
    const { effect } = this;
    if (effect === null) return;
    this.effect = null;
    switch (effect.do) {
      case 'inspect':
      case 'tidy':
        this.give({ kind: 'inspected', content: this.file, verifiedBy: 'file' });
        break;
      case 'prepare':
        this.give(
          well
            ? { kind: 'prepared', found: this.file, attributes: {} }
            : { kind: 'prepareFailed', code: 'prepare-failed', says: 'no', passing: halfway },
        );
        break;
      case 'apply':
        if (well || halfway) this.file = effect.move.to;
        if (well) this.running = effect.move.to;
        this.give(
          well ? { kind: 'applied' } : { kind: 'applyFailed', code: 'apply-failed', says: 'no', touched: halfway },
        );
        break;
      case 'verify':
        this.give(well ? { kind: 'verified', verifiedBy: 'http' } : { kind: 'verifyFailed', says: 'no' });
        break;
      case 'check':
        this.give(well ? { kind: 'checksPassed' } : { kind: 'checkFailed', says: 'sick' });
        break;
      case 'revert':
        if (well || halfway) this.file = effect.revert.to;
        if (well) this.running = effect.revert.to;
        this.give(well ? { kind: 'reverted', verifiedBy: 'http' } : { kind: 'revertFailed', says: 'no' });
        break;
    }
  }

  wait(ms: number): void {
    const until = this.now + ms;
    // The clock's timer fires when the phase's time is up, not later.
    for (let due = deadlineOf(this.slot); due !== null && due <= until; due = deadlineOf(this.slot)) {
      const before = this.slot;
      this.now = Math.max(this.now, due);
      this.give({ kind: 'tick' });
      if (this.slot === before) break;
    }
    this.now = until;
  }

  /** SIGKILL: what was under way is as far as it was; of the slot there is what is on disk. */
  kill(): void {
    const { effect } = this;
    if (effect?.do === 'apply' && this.now % 2 === 0) this.file = effect.move.to;
    if (effect?.do === 'revert' && this.now % 2 === 0) this.file = effect.revert.to;
    this.effect = null;
    this.#full = false;
    this.slot = { ...this.slot, current: null, verifiedBy: '', contact: false, refused: null };
    this.give({ kind: 'started', after: 'crash' });
  }

  give(input: SlotInput): void {
    const at = { now: this.now, target: TARGET, limits: LIMITS };
    const before = this.slot;
    const decision = decideSlot(before, input, at);
    if (decision.effect?.do === 'apply' && this.#full) {
      this.give({ kind: 'journalFailed', code: 'disk-full', says: 'full' });
      return;
    }
    this.slot = decision.events.reduce(evolveSlot, before);
    if (decision.effect !== null || this.slot.phase.name !== before.phase.name) this.effect = decision.effect;
    this.#note(before);
    this.#check(before, decision.effect);
  }

  #note(before: Slot): void {
    const { slot } = this;
    if (slot.baseline !== null) this.proven.add(slot.baseline.content);
    if (before.baseline === null && slot.holds !== null) this.proven.add(slot.holds);
    const shown = slot.leaves?.lastKnownGood.granted === true;
    if (shown && slot.holds !== null && slot.holds === slot.assignment?.lastKnownGood) this.proven.add(slot.holds);
    if ('revert' in slot.phase && slot.phase.revert.to === slot.assignment?.lastKnownGood) {
      this.proven.add(slot.phase.revert.to);
    }
    const forward = ['applying', 'verifying', 'checking', 'provisional'].includes(slot.phase.name);
    if (!forward) this.#unconfirmedSince = null;
    else this.#unconfirmedSince ??= this.now;
  }

  #check(before: Slot, effect: SlotEffect | null): void {
    const { slot } = this;
    const keep = contentsToKeep(slot);
    if (this.#unconfirmedSince !== null) {
      assert.ok(this.now - this.#unconfirmedSince <= LONGEST_UNCONFIRMED, 'law 9: unconfirmed for too long');
    }
    if (slot.holds !== null) assert.ok(keep.has(slot.holds), 'law 5: what it holds is kept');
    for (const good of slot.earned) assert.ok(keep.has(good), 'law 8: what was earned here is kept');
    if (slot.trial !== null) assert.ok(keep.has(slot.trial.move.from), 'law 5: what is on trial can be gone back from');
    if (slot.wayBack !== null) assert.ok(keep.has(slot.wayBack), 'law 5: the way back is kept');
    if ('move' in slot.phase) {
      assert.ok(keep.has(slot.phase.move.from), 'law 5: what a move came from is kept');
      assert.ok(this.proven.has(slot.phase.move.from), 'a move comes from something proven');
    }
    if ('revert' in slot.phase) {
      assert.ok(keep.has(slot.phase.revert.to), 'law 5: what it goes back to is kept');
      assert.ok(this.proven.has(slot.phase.revert.to), 'it only goes back to what was proven here');
    }
    if (effect?.do === 'prepare' && !('move' in before.phase)) {
      const { candidate, lastKnownGood } = slot.leaves ?? assert.fail('law 23: nothing is prepared without leave');
      assert.ok(candidate.granted || lastKnownGood.granted, 'law 23: nothing is prepared without leave');
      assert.ok(!slot.takenBack.includes(effect.move.to), 'what a person took back stays away');
    }
    if (effect?.do === 'apply') {
      assert.notEqual(slot.baseline, null, 'law 5: the baseline was taken before anything was applied');
      const { to, rollout } = effect.move;
      const again = before.failure?.artifact === to && before.failure.rollout === rollout;
      const isGood = rollout === null && slot.assignment?.lastKnownGood === to;
      assert.ok(!again || isGood, 'law 18: what failed is not tried again in the same rollout');
      if (again) assert.ok((before.tried?.times ?? 0) < GOOD_TRIES, 'law 18: a last known good is not tried for ever');
      assert.ok(slot.contact, 'nothing is applied that could not be confirmed');
    }
    if (slot.baseline !== null) assert.equal(slot.baseline.content, this.#owners, 'the baseline is what its owner had');
    if (before.baseline !== null) assert.deepEqual(slot.baseline, before.baseline, 'a baseline is taken once');
    if (before.assignment !== null) {
      assert.ok(
        (slot.assignment?.generation ?? 0) >= before.assignment.generation,
        'law 23: never an older generation',
      );
    }
  }

  /** Everything goes well from here on, until nothing moves any more. */
  calmDown(): void {
    this.#full = false;
    this.give({ kind: 'contactRegained' });
    const { assignment } = this.slot;
    if (assignment !== null)
      this.give({ kind: 'assigned', assignment, confirmWithinMs: LIMITS.provisionalAtMostMs, leaves: LEAVES });
    for (let round = 0; round < 60; round++) {
      this.give({ kind: 'inspected', content: this.file, verifiedBy: 'file' });
      this.wait(100);
      // What goes well is done in time: else a last known good would be tried, and be too slow, for ever.
      for (let steps = 0; this.effect !== null && steps < 10; steps++) this.finish(true, true);
      this.do({ act: 'confirm', right: true, late: 0 });
    }
    this.wait(LIMITS.watchForMs);
    for (let steps = 0; this.effect !== null && steps < 10; steps++) this.finish(true, true);
  }
}

function lived(script: readonly Action[]): SmallWorld {
  const world = new SmallWorld();
  for (const action of script) world.do(action);
  return world;
}

const scripts = fc.array(actions, { minLength: 1, maxLength: 60, size: 'max' });
const RUNS = { numRuns: 5000 };

describe('a slot, whatever happens to it', () => {
  it('laws 5, 9, 18, 23 hold after every step', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        lived(script);
      }),
      RUNS,
    );
  });

  it('comes to rest, and what is in force is what it says it holds, and whole', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const world = lived(script);
        world.calmDown();
        const { slot } = world;
        assert.ok(['settled', 'failed'].includes(slot.phase.name), `at rest, not ${slot.phase.name}`);
        assert.ok(world.file === 'absent' || ARTIFACTS.includes(world.file));
        const meddled = script.some(({ act }) => act === 'meddle');
        if (!meddled && slot.holds !== null) assert.deepEqual([world.file, world.running], [slot.holds, slot.holds]);
      }),
      RUNS,
    );
  });

  it('law 5: from anywhere, with the server gone, an ordered rollback ends on the baseline, which the service has taken up', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const world = lived(script);
        world.assign({
          act: 'assign',
          candidate: -1,
          lastKnownGood: -1,
          rollout: 0,
          opened: false,
          late: 0,
          leave: true,
        });
        world.give({ kind: 'contactLost' });
        for (let round = 0; round < 60; round++) {
          world.finish(true, true);
          world.wait(100);
        }
        const { baseline, phase, holds } = world.slot;
        if (baseline === null) return;
        assert.deepEqual([phase.name, holds], ['settled', baseline.content]);
        if (!script.some(({ act }) => act === 'meddle')) assert.equal(world.running, baseline.content);
      }),
      RUNS,
    );
  });
});
