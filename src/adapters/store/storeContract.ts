import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, type Json } from '../../core/kernel/canonicalJson.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { MeasuredWindow, Store } from '../../engine/ports/store.ts';
import type { StoredEvent, UnstoredEvent } from '../../wire/storedEvent.ts';
import { event, numbered } from './storeFixtures.ts';

/** A real, empty store for one test, and what the suite must be able to do to it besides using it. */
export interface StoreUnderTest {
  open(): Promise<Store>;
  /** Changes what is kept behind the store's back, as somebody with access to the database could. The store is closed. */
  readonly tamper: {
    replaceEventBody(position: number, body: string): void;
    replaceEventHash(position: number, hash: string): void;
    addEvent(position: number, body: string, hash: string): void;
    removeEvent(position: number): void;
    replaceArtifact(digest: Digest, bytes: Uint8Array): void;
  };
  /** Removes everything. The store is closed. */
  dispose(): void;
}

const ZEROS = '0'.repeat(64);

/** The guarantees of the port `Store`. Every implementation runs all of it. */
export function storeContract(name: string, make: () => StoreUnderTest): void {
  describe(`store contract: ${name}`, () => {
    let under: StoreUnderTest;
    let store: Store;

    beforeEach(async () => {
      under = make();
      store = await under.open();
    });
    afterEach(async () => {
      await store.close();
      under.dispose();
    });

    /** As a new start of the server would find it. */
    async function reopen(whileClosed = () => {}): Promise<void> {
      await store.close();
      whileClosed();
      store = await under.open();
    }

    async function appended(expected: number, events: readonly UnstoredEvent[]): Promise<readonly StoredEvent[]> {
      const outcome = await store.append(expected, events);
      assert.equal(outcome.outcome, 'appended', `append at ${expected}`);
      return outcome.outcome === 'appended' ? outcome.events : [];
    }

    describe('append and read', () => {
      test('a new store is empty', async () => {
        assert.equal(await store.head(), 0);
        assert.deepEqual(await store.read(0), []);
        assert.deepEqual(await store.verify(), { outcome: 'intact', head: 0, hash: ZEROS });
      });

      test('positions start at 1 and have no gaps, over many appends and a new start', async () => {
        await appended(0, numbered(3));
        await appended(3, numbered(1));
        await reopen();
        await appended(4, numbered(2));
        assert.deepEqual(
          (await store.read(0)).map((event) => event.position),
          [1, 2, 3, 4, 5, 6],
        );
        assert.equal(await store.head(), 6);
      });

      test('what append gives back is what is read, now and after a new start', async () => {
        const given: UnstoredEvent = {
          stream: 'rollout/shop-1',
          type: 'WaveOpened',
          at: 1_700_000_000_000,
          actor: 'engine',
          data: { z: [1, { b: null, a: undefined }], a: 'ü', left: undefined },
        };
        const events = await appended(0, [given]);
        assert.deepEqual(events[0]?.data, { a: 'ü', z: [1, { b: null }] });
        assert.deepEqual(await store.read(0), events);
        await reopen();
        assert.deepEqual(await store.read(0), events);
      });

      test('reads page by page, at most 1000 events unless told', async () => {
        await appended(0, numbered(1001));
        assert.equal((await store.read(0)).length, 1000);
        assert.deepEqual(
          (await store.read(998)).map((event) => event.position),
          [999, 1000, 1001],
        );
        assert.deepEqual(
          (await store.read(2, 2)).map((event) => event.data),
          [{ n: 2 }, { n: 3 }],
        );
        assert.deepEqual(await store.read(5, 0), []);
        assert.deepEqual(await store.read(1001), []);
        assert.deepEqual(await store.read(5000), []);
      });

      test('an append of nothing is fenced like any other', async () => {
        assert.deepEqual(await store.append(0, []), { outcome: 'appended', events: [] });
        assert.deepEqual(await store.append(1, []), { outcome: 'conflict', head: 0 });
      });

      test('a batch of which one event cannot be stored is not appended at all', async () => {
        const bad: readonly UnstoredEvent[] = [
          { ...event('no JSON'), data: { count: 1n } },
          { ...event('no moment'), at: Number.NaN },
          { ...event('no data'), data: [] as never },
        ];
        for (const one of bad) {
          await assert.rejects(store.append(0, [event('before'), one, event('after')]), one.type);
          assert.equal(await store.head(), 0, one.type);
        }
        await appended(0, [event('next')]);
        assert.equal((await store.verify()).outcome, 'intact');
      });

      test('any JSON and any text come back as they were', async () => {
        const text = fc.string({ unit: 'binary' });
        const anyEvent = fc.record({
          stream: text,
          type: text,
          at: fc.maxSafeInteger(),
          actor: text,
          data: fc.dictionary(text, fc.jsonValue()),
        });
        const awkward = event('lone surrogate \ud800, nul \0, separator \u2028', { __proto__x: -0, '\u0000': 1e21 });
        await appended(0, [awkward, { ...awkward, data: JSON.parse('{"__proto__": {"a": 1}}') }]);
        await fc.assert(
          fc.asyncProperty(fc.array(anyEvent, { maxLength: 5 }), async (events) => {
            const head = await store.head();
            const stored = await appended(head, events);
            assert.deepEqual(await store.read(head), stored);
            assert.deepEqual(
              stored.map(({ stream, type, at, actor, data }) => canonicalJson({ stream, type, at, actor, data })),
              events.map((given) => canonicalJson(given)),
            );
          }),
          { numRuns: 50 },
        );
        assert.equal((await store.verify()).outcome, 'intact');
      });
    });

    describe('law 20: fenced by the expected position', () => {
      test('an append anywhere but at the end appends nothing and says where the log ends', async () => {
        await appended(0, numbered(3));
        for (const expected of [0, 2, 4, -1, 2.5]) {
          assert.deepEqual(await store.append(expected, numbered(2)), { outcome: 'conflict', head: 3 });
        }
        assert.equal(await store.head(), 3);
      });

      test('of appends that race for one position, the first wins and the others are told', async () => {
        const outcomes = await Promise.all([1, 2, 3, 4].map((racer) => store.append(0, [event('Race', { racer })])));
        assert.deepEqual(
          outcomes.map((outcome) => outcome.outcome),
          ['appended', 'conflict', 'conflict', 'conflict'],
        );
        assert.deepEqual(
          (await store.read(0)).map((stored) => stored.data),
          [{ racer: 1 }],
        );
      });

      test('appends that are queued one behind the other all succeed, in order', async () => {
        const batches = Array.from({ length: 100 }, (_, index) => store.append(index * 2, numbered(2, index * 2)));
        for (const outcome of await Promise.all(batches)) assert.equal(outcome.outcome, 'appended');
        assert.deepEqual(
          (await store.read(0)).map((stored) => stored.data),
          numbered(200).map((unstored) => unstored.data),
        );
      });
    });

    describe('law 19: the hash chain', () => {
      test('each hash is SHA-256 over the previous hash and the canonical JSON, so anyone can compute it', async () => {
        const events = await appended(0, [
          { stream: 'line', type: 'LineHalted', at: 1, actor: 'person:ann', data: { reason: 'smoke' } },
          { stream: 'line', type: 'LineLifted', at: 2, actor: 'person:ann', data: {} },
        ]);
        const first =
          '{"actor":"person:ann","at":1,"data":{"reason":"smoke"},"position":1,"stream":"line","type":"LineHalted"}';
        const second = '{"actor":"person:ann","at":2,"data":{},"position":2,"stream":"line","type":"LineLifted"}';
        const firstHash = sha256(ZEROS + first);
        assert.deepEqual(
          events.map(({ previousHash, hash }) => ({ previousHash, hash })),
          [
            { previousHash: ZEROS, hash: firstHash },
            { previousHash: firstHash, hash: sha256(firstHash + second) },
          ],
        );
        // Written out once: this must never change, or every log out there fails to verify.
        assert.equal(firstHash, '41ef65e923602af985468caa9002d1b19217938e1c967ef31f7d77e2d73917fb');
      });

      test('goes on over pages, appends and new starts', async () => {
        await appended(0, numbered(700));
        await reopen();
        await appended(700, numbered(700));
        const events = [...(await store.read(0)), ...(await store.read(1000))];
        let previous = ZEROS;
        for (const { hash, previousHash, ...rest } of events) {
          assert.equal(previousHash, previous);
          assert.equal(hash, sha256(previousHash + canonicalJson(rest)));
          previous = hash;
        }
        assert.deepEqual(await store.verify(), { outcome: 'intact', head: 1400, hash: previous });
      });

      // Each is done to event 700 or to the last of a log of 1200.
      const forged = ({ hash: _hash, previousHash, ...rest }: StoredEvent) => {
        const body = canonicalJson({ ...rest, actor: 'person:mallory' });
        return { body, hash: sha256(previousHash + body) };
      };
      const tamperings: readonly {
        what: string;
        how: (stored: StoredEvent, last: StoredEvent) => void;
        found: number;
        says: RegExp;
      }[] = [
        {
          what: 'an event that was changed',
          how: (stored) => under.tamper.replaceEventBody(700, forged(stored).body),
          found: 700,
          says: /event 700 has the hash [0-9a-f]{64}, but what is stored hashes to [0-9a-f]{64}/,
        },
        {
          what: 'a hash that was changed',
          how: () => under.tamper.replaceEventHash(700, 'f'.repeat(64)),
          found: 700,
          says: /event 700 has the hash f{64}/,
        },
        {
          what: 'an event that was changed together with its hash',
          how: (stored) => {
            under.tamper.replaceEventBody(700, forged(stored).body);
            under.tamper.replaceEventHash(700, forged(stored).hash);
          },
          found: 701,
          says: /event 701 .*the hash before it was changed/,
        },
        {
          what: 'the last event changed together with its hash',
          how: (_, last) => {
            under.tamper.replaceEventBody(1200, forged(last).body);
            under.tamper.replaceEventHash(1200, forged(last).hash);
          },
          found: 1200,
          says: /event 1200, the last, has the hash [0-9a-f]{64}, but the log should end with [0-9a-f]{64}/,
        },
        {
          what: 'an event in another spelling, its hash made to fit',
          how: ({ hash: _hash, previousHash, ...rest }) => {
            const body = JSON.stringify(rest, null, 1);
            under.tamper.replaceEventBody(700, body);
            under.tamper.replaceEventHash(700, sha256(previousHash + body));
          },
          found: 700,
          says: /event 700 is not the canonical JSON/,
        },
        {
          what: 'something that is no event, its hash made to fit',
          how: ({ previousHash }) => {
            under.tamper.replaceEventBody(700, 'null');
            under.tamper.replaceEventHash(700, sha256(`${previousHash}null`));
          },
          found: 700,
          says: /event 700 is not the canonical JSON/,
        },
        {
          what: 'an event that was removed',
          how: () => under.tamper.removeEvent(700),
          found: 700,
          says: /event 700 is missing: the next one in the log is event 701/,
        },
        {
          what: 'a log whose end was cut off',
          how: () => {
            for (let position = 1000; position <= 1200; position++) under.tamper.removeEvent(position);
          },
          found: 1000,
          says: /event 1000 is missing: the log ends before it, but should end with event 1200/,
        },
        {
          what: 'an event put in behind the end',
          how: (_, last) => {
            const { body, hash } = forged({ ...last, position: 1201, previousHash: last.hash });
            under.tamper.addEvent(1201, body, hash);
          },
          found: 1201,
          says: /event 1201 was put in behind the end of the log, event 1200/,
        },
      ];
      for (const { what, how, found, says } of tamperings) {
        test(`verify finds ${what}, and no read gives it out`, async () => {
          await appended(0, numbered(1200));
          const [stored] = await store.read(699, 1);
          const [last] = await store.read(1199, 1);
          assert.ok(stored && last);
          await reopen(() => how(stored, last));

          const outcome = await store.verify();
          assert.equal(outcome.outcome, 'broken');
          assert.equal(outcome.outcome === 'broken' && outcome.position, found);
          assert.match(outcome.outcome === 'broken' ? outcome.says : '', says);
          assert.equal((await store.read(0, found - 1)).length, found - 1, 'what comes before can still be read');
          await assert.rejects(store.read(0, found), { name: 'StoreError', fault: 'corrupt' });
        });
      }

      test('a read that begins behind a removed event is refused too', async () => {
        await appended(0, numbered(4));
        await reopen(() => under.tamper.removeEvent(2));
        await assert.rejects(store.read(2), { fault: 'corrupt', message: /event 2 is missing/ });
      });

      test('appends get in between while a long log is verified', async () => {
        await appended(0, numbered(3000));
        const order: string[] = [];
        await Promise.all([
          store.verify().then(() => order.push('verified')),
          store.append(3000, numbered(1)).then(() => order.push('appended')),
        ]);
        assert.deepEqual(order, ['appended', 'verified']);
      });
    });

    describe('artifacts', () => {
      test('are kept under the SHA-256 of their bytes, whatever those are, over a new start', async () => {
        const artifacts = [new Uint8Array(), new Uint8Array([0, 1, 255]), pseudoRandomBytes(16 * 1024 * 1024)];
        const digests: Digest[] = [];
        for (const bytes of artifacts) digests.push(await store.putArtifact(bytes));
        assert.deepEqual(
          digests,
          artifacts.map((bytes) => `sha256:${sha256(bytes)}`),
        );
        await reopen();
        for (const [index, digest] of digests.entries()) {
          const kept = await store.getArtifact(digest);
          assert.ok(kept && Buffer.compare(kept, artifacts[index] ?? kept) === 0, digest);
        }
      });

      test('the same bytes twice are one artifact', async () => {
        const first = await store.putArtifact(Buffer.from('{"search": "fast"}'));
        assert.equal(await store.putArtifact(Buffer.from('{"search": "fast"}')), first);
        assert.deepEqual(Buffer.from((await store.getArtifact(first)) ?? []).toString(), '{"search": "fast"}');
      });

      test('an unknown digest is null', async () => {
        assert.equal(await store.getArtifact(`sha256:${ZEROS}`), null);
      });

      test("the caller's bytes stay the caller's: a part of a buffer is stored alone, and can be changed at once", async () => {
        const buffer = Buffer.from('<<kept>>');
        const putting = store.putArtifact(buffer.subarray(2, 6));
        buffer.fill('x');
        const digest = await putting;
        assert.equal(digest, `sha256:${sha256('kept')}`);
        assert.equal(buffer.toString(), 'xxxxxxxx');
        assert.equal(Buffer.from((await store.getArtifact(digest)) ?? []).toString(), 'kept');
      });

      test('one that was tampered with is refused; the right bytes, put again, mend it', async () => {
        const digest = await store.putArtifact(Buffer.from('good'));
        await reopen(() => under.tamper.replaceArtifact(digest, Buffer.from('evil')));
        await assert.rejects(store.getArtifact(digest), {
          name: 'StoreError',
          fault: 'corrupt',
          message: new RegExp(digest),
        });
        assert.equal(await store.putArtifact(Buffer.from('good')), digest);
        assert.equal(Buffer.from((await store.getArtifact(digest)) ?? []).toString(), 'good');
      });
    });

    describe('beside the log', () => {
      test('a cursor is 0 at first, then what was set, each name by itself, over a new start', async () => {
        assert.equal(await store.cursor('effects'), 0);
        await store.setCursor('effects', 7);
        await store.setCursor('feed', 3);
        await store.setCursor('effects', 9);
        await reopen();
        assert.deepEqual(await Promise.all(['effects', 'feed', 'other'].map((each) => store.cursor(each))), [9, 3, 0]);
      });

      test('windows come back oldest first, of one moment as they were added, each rollout by itself', async () => {
        const window = (at: number, count: number, rollout = 'shop-1'): MeasuredWindow => ({
          rollout,
          stage: 'canary',
          role: 'api',
          arm: count % 2 === 0 ? 'treated' : 'untouched',
          metric: 'requests',
          at,
          count,
        });
        await store.addWindows([]);
        await store.addWindows([window(2000, 4), window(1000, 3), window(1000, 0.25, 'shop-2')]);
        await store.addWindows([window(1000, 8), window(500, 1)]);
        await reopen();
        assert.deepEqual(await store.windows('shop-1'), [
          window(500, 1),
          window(1000, 3),
          window(1000, 8),
          window(2000, 4),
        ]);
        assert.deepEqual(await store.windows('shop-2'), [window(1000, 0.25, 'shop-2')]);
        assert.deepEqual(await store.windows('shop-3'), []);
      });

      test('windows of which one cannot be stored are not added at all, and spoil nothing that was asked for with them', async () => {
        const good: MeasuredWindow = {
          rollout: 'shop-1',
          stage: 'canary',
          role: 'api',
          arm: 'treated',
          metric: 'requests',
          at: 1,
          count: 1,
        };
        const [before, spoilt, after] = await Promise.allSettled([
          store.append(0, numbered(1)),
          store.addWindows([good, { ...good, count: Number.NaN }]),
          store.append(1, numbered(1)),
        ]);
        assert.deepEqual([before.status, spoilt.status, after.status], ['fulfilled', 'rejected', 'fulfilled']);
        assert.deepEqual(await store.windows('shop-1'), []);
        assert.equal(await store.head(), 2);
      });

      test('what the judge found comes back as it was added, each rollout by itself, over a new start', async () => {
        const judged = (at: number, body: Json, rollout = 'shop-1') => ({ rollout, at, body });
        await store.addJudged([]);
        await store.addJudged([
          judged(2000, [{ harm: 0.25, says: 'ü \0' }]),
          judged(1000, null),
          judged(1, {}, 'shop-2'),
        ]);
        await store.addJudged([judged(3000, [])]);
        await assert.rejects(store.addJudged([judged(4000, []), judged(5000, [1n] as never)]));
        await reopen();
        assert.deepEqual(await store.judged('shop-1'), [
          judged(2000, [{ harm: 0.25, says: 'ü \0' }]),
          judged(1000, null),
          judged(3000, []),
        ]);
        assert.deepEqual(await store.judged('shop-2'), [judged(1, {}, 'shop-2')]);
        assert.deepEqual(await store.judged('shop-3'), []);
      });

      test('a part of the past takes the place of the one before it, and nothing takes it away', async () => {
        const part = (name: string, body: Json, service = 'shop') => ({ service, part: name, body });
        await store.keepPast([part('b', [1]), part('a', { level: 0.5 }), part('a', 'theirs', 'mail'), part('c', 3)]);
        await store.keepPast([part('b', [1, 2]), part('c', null), part('never there', null)]);
        await assert.rejects(store.keepPast([part('b', []), part('d', 1n as never)]));
        await reopen();
        assert.deepEqual(await store.past('shop'), [part('a', { level: 0.5 }), part('b', [1, 2])]);
        assert.deepEqual(await store.past('mail'), [part('a', 'theirs', 'mail')]);
        assert.deepEqual(await store.past('other'), []);
      });
    });

    describe('close', () => {
      test('carries out what was asked for before, and refuses what comes later', async () => {
        const asked = store.append(0, numbered(5));
        const closed = store.close();
        await assert.rejects(store.head(), { name: 'StoreError', fault: 'unavailable', message: /closed/ });
        assert.equal((await asked).outcome, 'appended');
        await closed;
        await store.close();
        store = await under.open();
        assert.equal(await store.head(), 5);
      });
    });
  });
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Bytes that no compression or zero page makes easy; the same every time. */
function pseudoRandomBytes(size: number): Uint8Array {
  const words = new Uint32Array(size / 4);
  let state = 1;
  for (let index = 0; index < words.length; index++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    words[index] = state;
  }
  return new Uint8Array(words.buffer);
}
