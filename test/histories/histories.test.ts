import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { createCalendar } from '../../src/adapters/calendar/createCalendar.ts';
import { createRules } from '../../src/adapters/rules/createRules.ts';
import { createSigner } from '../../src/adapters/signing/createSigner.ts';
import { memoryVault } from '../../src/adapters/signing/testing/memoryVault.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite/openSqliteStore.ts';
import { EMPTY_WORLD, evolveWorld } from '../../src/core/record/evolveWorld.ts';
import { createControlPlane } from '../../src/engine/controlplane/createControlPlane.ts';
import type { ControlPlane } from '../../src/engine/ports/controlPlane.ts';
import { EVENT_TYPES, fromStored } from '../../src/wire/recordedEvent.ts';
import type { StoredEvent } from '../../src/wire/storedEvent.ts';
import { ManualClock } from '../support/manualClock.ts';
import { trackedStore } from '../support/trackedStore.ts';
import { factsOf } from './factsOf.ts';
import { asFarAs, digestLine, HISTORIES, keptFiles, type Outcome, readHistory, replay } from './history.ts';

/** How many lines the list of digests had after each recording, and its own digest then: so that nobody lists a changed file anew. */
const FINISHED: readonly (readonly [lines: number, digest: string])[] = [
  [20, 'f4106771405946e125f42118dffdf4a7872b2b903b78f3d29f738d9c54dbe267'],
  [30, '50dceefeb4242bd5fdddda3201b5ba13975e4999d9859fde51c2399ba20bfd1f'],
  [60, '62b27e789517b234b807817ce80b0f88f2feac9b657c1052498857313a83d29b'],
  [66, '9e562befb1218b407ea3a2c4aeef5074e08057f591196f11753a189f68316be1'],
];

test('what is kept of a history is never changed and never taken away, only added to', () => {
  const listed = readFileSync(join(HISTORIES, 'digests.txt'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(listed.toSorted(), keptFiles().map(digestLine).toSorted());
  // The list itself, as it was when each recording was finished.
  for (const [lines, digest] of FINISHED)
    assert.equal(sha256(`${listed.slice(0, lines).join('\n')}\n`), digest, `the first ${lines} lines of digests.txt`);
});

test('law 19: a history in which the record was forged contradicts itself, and no other one does', () => {
  const forged = keptFiles().filter((name) => name.endsWith('.jsonl') && contradictsItself(readHistory(name)));
  // Before there were checkpoints nothing told.
  const told = (name: string) => name.endsWith('/forged-store.jsonl') && !name.startsWith('001-');
  assert.deepEqual(forged, keptFiles().filter(told));
});

test('law 19: every type of event stands in a history', () => {
  const kept = new Set(
    keptFiles()
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readHistory(name).map(({ type }) => type)),
  );
  const missing = EVENT_TYPES.filter((type) => !kept.has(type));
  assert.deepEqual(missing, [], 'play a story that has it: test/histories/README.md');
});

for (const folder of new Set(keptFiles().map((name) => name.split('/')[0]))) {
  it(`law 19: ${folder}: cut off in each phase that a rollout was in, it is taken up, looked at and said`, async () => {
    const first = new Map<string, { readonly name: string; readonly position: number }>();
    for (const file of keptFiles().filter((name) => name.startsWith(`${folder}/`) && name.endsWith('.outcome'))) {
      const { phases } = JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as Outcome;
      for (const turn of Object.values(phases).flat()) {
        const [position, phase = ''] = turn.split(' ');
        if (!first.has(phase))
          first.set(phase, { name: file.replace(/outcome$/, 'jsonl'), position: Number(position) });
      }
    }
    for (const { name, position } of first.values()) {
      await serving(readHistory(name).slice(0, position), async (plane, clock) => {
        for (let second = 0; second < 3; second++) await clock.advance(1_000);
        for (const id of plane.world().rollouts.keys()) assert.notEqual(plane.rolloutView(id)?.says, '');
      });
    }
  });
}

for (const name of keptFiles().filter((file) => file.endsWith('.jsonl'))) {
  describe(`law 19: the history ${name}`, () => {
    const events = readHistory(name);
    const outcome = JSON.parse(readFileSync(join(HISTORIES, name.replace(/jsonl$/, 'outcome')), 'utf8')) as Outcome;

    it('comes to what it came to when it was recorded, by the same way', () => {
      assert.deepEqual(asFarAs(outcome, plain(replay(events).outcome)), outcome);
      const atOnce = evolveWorld(EMPTY_WORLD, events.map(fromStored));
      assert.deepEqual(asFarAs(outcome.facts, plain(factsOf(atOnce))), outcome.facts, 'however it is cut into pages');
    });

    it('is the log of a server of today, which serves it and goes on', async () => {
      await serving(events, async (plane) => {
        for (const { id, phase } of outcome.facts.rollouts) {
          const view = plane.rolloutView(id);
          assert.equal(view?.rollout.phase, phase);
          assert.notEqual(view?.says, '');
        }
        const { id } = await plane.issueToken('token:later', 'viewer', 'somebody later');
        assert.ok(plane.world().tokens.has(id));
      });
    });
  });
}

/** A server of today on these events, without a target; what it warns of fails. */
async function serving(
  events: readonly StoredEvent[],
  look: (plane: ControlPlane, clock: ManualClock) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-history-'));
  const tracked = trackedStore(await openSqliteStore(directory));
  const { store } = tracked;
  const warnings: string[] = [];
  const warn = (says: string, about: unknown) => warnings.push(`${says} ${JSON.stringify(about)}`);
  try {
    const appended = await store.append(0, events.map(unstored));
    assert.ok(appended.outcome === 'appended');
    assert.deepEqual(appended.events, events, 'chained as it was then, hash for hash');
    const entropy = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };
    const clock = new ManualClock((events.at(-1)?.at ?? 0) + 1_000);
    clock.settled = tracked.idle;
    const plane = await createControlPlane({
      store,
      clock,
      calendar: createCalendar(),
      rules: createRules(),
      entropy,
      signer: await createSigner(memoryVault(), entropy),
      logger: { debug() {}, info() {}, warn, error: warn },
    });
    await look(plane, clock);
    await plane.close();
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
  // Its keys are new ones, of which the record knows nothing; and a forgery that can be found out is.
  const unexpected = warnings.filter((says) => !says.startsWith('the signing keys that the record names'));
  assert.deepEqual(
    unexpected.map((says) => says.split(':')[0]),
    contradictsItself(events) ? ['the record is not what was signed'] : [],
  );
}

/** Whether a checkpoint on it is of another hash than the one before it. */
function contradictsItself(events: readonly StoredEvent[]): boolean {
  return events.some(({ type, previousHash, data }) => {
    if (type !== 'CheckpointSigned') return false;
    const { checkpoint } = data as { checkpoint: { document: { hash: string } } };
    return checkpoint.document.hash !== previousHash;
  });
}

function unstored({ stream, type, at, actor, data }: StoredEvent) {
  return { stream, type, at, actor, data };
}

/** As it is in a file. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
