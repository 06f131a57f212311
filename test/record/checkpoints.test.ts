import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createCalendar } from '../../src/adapters/calendar/createCalendar.ts';
import { createRules } from '../../src/adapters/rules/createRules.ts';
import { checkpointFile } from '../../src/adapters/signing/checkpointFile.ts';
import { createSigner } from '../../src/adapters/signing/createSigner.ts';
import { type SigningKey, signingKey } from '../../src/adapters/signing/ed25519.ts';
import { keyFiles } from '../../src/adapters/signing/keyFiles.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite/openSqliteStore.ts';
import { forgeLog } from '../../src/adapters/store/sqlite/testing/forgeLog.ts';
import { canonicalJson } from '../../src/core/kernel/canonicalJson.ts';
import type { Signed } from '../../src/core/policy/signed.ts';
import { CHECKPOINT_EVENTS, CHECKPOINT_MS, type Checkpoint } from '../../src/core/record/checkpoint.ts';
import { createControlPlane } from '../../src/engine/controlplane/createControlPlane.ts';
import type { LogVerification } from '../../src/engine/ports/controlPlane.ts';
import type { Logger } from '../../src/engine/ports/logger.ts';
import type { StoredEvent, UnstoredEvent } from '../../src/wire/storedEvent.ts';
import { until } from '../http/apiUnderTest.ts';
import { ManualClock } from '../support/manualClock.ts';

/*
 * The engine on its real store with real key files. Between two starts the record is forged as whoever owns the database can:
 * every hash computed anew. The keys, and what lies beside them, are out of the forger's reach.
 */

const logger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

class Stand {
  readonly directory = mkdtempSync(join(tmpdir(), 'ringfence-checkpoints-'));
  readonly clock = new ManualClock();
  #close: () => Promise<void> = async () => {};
  plane!: Awaited<ReturnType<typeof createControlPlane>>;

  static async of(t: TestContext): Promise<Stand> {
    const stand = new Stand();
    t.after(async () => {
      await stand.stop();
      rmSync(stand.directory, { recursive: true, force: true });
    });
    await stand.start();
    return stand;
  }

  async start(): Promise<void> {
    const store = await openSqliteStore(this.directory);
    const keys = join(this.directory, 'keys');
    const entropy = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };
    const plane = await createControlPlane({
      store,
      clock: this.clock,
      calendar: createCalendar(),
      rules: createRules(),
      entropy,
      signer: await createSigner(keyFiles(keys), entropy),
      witness: checkpointFile(keys),
      logger,
    });
    this.plane = plane;
    let closed: Promise<void> | null = null;
    this.#close = () => {
      closed ??= plane.close().then(() => store.close());
      return closed;
    };
  }

  stop(): Promise<void> {
    return this.#close();
  }

  /** As if it were killed: what is not signed stays so, for nothing is appended at the end. */
  async forge(edit: (events: readonly UnstoredEvent[]) => readonly UnstoredEvent[]): Promise<void> {
    await this.stop();
    forgeLog(this.directory, edit);
    await this.start();
  }

  async work(events: number): Promise<void> {
    await Promise.all(
      Array.from({ length: events }, (_, index) => this.plane.issueToken('token:a', 'viewer', `t${index}`)),
    );
  }

  log(): Promise<readonly StoredEvent[]> {
    return this.plane.log(0, 10_000);
  }

  async checkpoints(): Promise<readonly (StoredEvent & { data: { checkpoint: Signed<Checkpoint> } })[]> {
    const found = (await this.log()).filter(({ type }) => type === 'CheckpointSigned');
    return found as unknown as (StoredEvent & { data: { checkpoint: Signed<Checkpoint> } })[];
  }

  async intact(): Promise<Extract<LogVerification, { outcome: 'intact' }>> {
    const found = await this.plane.verifyLog();
    assert.ok(found.outcome === 'intact', JSON.stringify(found));
    return found;
  }

  async broken(): Promise<Extract<LogVerification, { outcome: 'broken' }>> {
    const found = await this.plane.verifyLog();
    assert.ok(found.outcome === 'broken', JSON.stringify(found));
    return found;
  }

  get witness(): string {
    return join(this.directory, 'keys', 'last-checkpoint.json');
  }
}

const isToken = ({ type }: UnstoredEvent) => type === 'TokenIssued';
const rename = (event: UnstoredEvent): UnstoredEvent =>
  isToken(event) ? { ...event, data: { token: { ...(event.data.token as object), name: 'mine' } } } : event;

describe('law 19: the record is signed as it grows', () => {
  it('a minute after the first event that is not, and then rests', async (t) => {
    const stand = await Stand.of(t);
    await stand.work(3);
    assert.equal((await stand.intact()).signed, null);
    await stand.clock.advance(CHECKPOINT_MS);
    const first = await until('it is signed', async () => (await stand.checkpoints())[0]);
    assert.deepEqual(
      [first.position, first.data.checkpoint.document.position, first.data.checkpoint.document.hash],
      [5, 4, first.previousHash],
    );
    await stand.clock.advance(10 * CHECKPOINT_MS);
    assert.equal((await stand.log()).length, 5, 'a checkpoint asks for no other one');
    assert.equal((await stand.intact()).signed?.position, 4);
  });

  it('after so many events, at a clean end, and when asked; the next one covers it', async (t) => {
    const stand = await Stand.of(t);
    for (let round = 0; round < 3; round++) await stand.work(CHECKPOINT_EVENTS);
    const many = await stand.checkpoints();
    assert.ok(many.length >= 2, `${many.length}`);
    const asked = await stand.plane.signCheckpoint();
    assert.equal(asked?.document.position, (await stand.log()).length - 1);
    assert.deepEqual(await stand.plane.signCheckpoint(), asked, 'nothing is left to sign');
    await stand.work(1);
    await stand.stop();
    await stand.start();
    const found = await stand.intact();
    assert.equal(found.signed?.position, found.head - 1, 'the end was signed before it was left');
    assert.equal(found.checkpoints, many.length + 2);
    assert.equal(found.kept, found.signed?.position);
    assert.equal(found.signed?.held, true);
  });

  it('by the new key as soon as keys change', async (t) => {
    const stand = await Stand.of(t);
    await stand.work(1);
    const before = await stand.plane.signCheckpoint();
    const made = await stand.plane.rotateKey('token:a');
    const byNew = await stand.plane.signCheckpoint();
    assert.equal(byNew?.key, made.id);
    await stand.plane.retireKey('token:a', before?.key ?? '');
    const found = await settled(stand);
    assert.deepEqual(
      found.map(({ data }) => data.checkpoint.key),
      [before?.key, made.id, made.id],
    );
    assert.deepEqual((await stand.intact()).unvouched, []);
  });
});

describe('law 19: a record that was forged, every hash computed anew, is found out', () => {
  const grown = async (t: TestContext) => {
    const stand = await Stand.of(t);
    await stand.work(4);
    await stand.plane.signCheckpoint();
    await stand.work(4);
    return stand;
  };

  it('changed in the middle: the checkpoint behind it does not fit; nothing is signed and nothing goes forward', async (t) => {
    const stand = await grown(t);
    await stand.forge((events) => events.map(rename));
    const { position, says } = await stand.broken();
    assert.equal(position, 6);
    assert.match(says, /^event 6 is a checkpoint signed with key [0-9a-f]{16}, which says that event 5 had the hash/);
    assert.match(stand.plane.world().halted?.reason ?? '', /^the record is not what was signed: event 6/);
    assert.equal(await stand.plane.signCheckpoint(), null);
    const signed = (await stand.checkpoints()).length;
    await stand.work(CHECKPOINT_EVENTS);
    await stand.work(CHECKPOINT_EVENTS);
    assert.equal((await stand.checkpoints()).length, signed, 'starting it does not launder it');
    await stand.broken();
  });

  it('made longer while no server ran: it was closed before', async (t) => {
    const stand = await grown(t);
    await stand.forge((events) => [...events, ...events.filter(isToken).slice(0, 2)]);
    const { position, says } = await stand.broken();
    assert.equal(position, 12);
    assert.match(says, /it was closed at event 11: what comes after was put in while no server ran$/);
    assert.notEqual(stand.plane.world().halted, null);
  });

  it('rewritten under a server before anything was signed: it knows what it left', async (t) => {
    const stand = await Stand.of(t);
    await stand.work(3);
    forgeLog(stand.directory, (events) => events.map(rename));
    await stand.work(1);
    assert.equal((await stand.broken()).position, 4);
  });

  it('rewritten to the same length under a server that runs: its next append notices, before anything is signed on top', async (t) => {
    const stand = await grown(t);
    const signed = await stand.checkpoints();
    forgeLog(stand.directory, (events) => events.map(rename));
    await stand.work(1);
    await until('the line is halted', () => stand.plane.world().halted !== null);
    assert.match(stand.plane.world().halted?.reason ?? '', /was rewritten while it ran$/);
    assert.equal(await stand.plane.signCheckpoint(), null);
    await stand.work(CHECKPOINT_EVENTS);
    await stand.work(1);
    assert.equal((await stand.checkpoints()).length, signed.length);
    await stand.broken();
  });

  it('its checkpoints taken out as well: the copy beside the keys remembers', async (t) => {
    const stand = await grown(t);
    await stand.forge((events) => events.filter(({ type }) => type !== 'CheckpointSigned').map(rename));
    assert.match(
      (await stand.broken()).says,
      /checkpoint kept beside the signing keys, signed at .*(rewritten since|cut off)/,
    );
    assert.notEqual(stand.plane.world().halted, null);
  });

  it('cut off cleanly, or put back from an older copy: likewise, until a person says that it is meant', async (t) => {
    const stand = await grown(t);
    await stand.forge((events) => events.slice(0, 6));
    const { position, says } = await stand.broken();
    assert.equal(position, 8);
    assert.match(
      says,
      /^the log ends with event 7, but the checkpoint .* is of event 10: the end was cut off, or an older/,
    );
    await stand.stop();
    rmSync(stand.witness);
    await stand.start();
    assert.equal((await stand.intact()).kept, 5, 'the newest of those that are left');
    await stand.plane.signCheckpoint();
    await stand.stop();
    await stand.start();
    assert.ok((await stand.intact()).kept ?? 0 > 6);
  });

  it('signed anew with a key of the forger: it is not held, and its forged checkpoints show whose they are', async (t) => {
    const stand = await grown(t);
    const own = signingKey(new Uint8Array(randomBytes(32)));
    await stand.forge((events) => signedBy(own, events.map(rename)));
    assert.match((await stand.broken()).says, /kept beside the signing keys/);
    rmSync(stand.witness);
    await stand.stop();
    await stand.start();
    // All that is left is whose key it is: only somebody outside can tell.
    const found = await stand.intact();
    assert.equal(found.signed?.key, own.id);
    assert.equal(found.signed?.held, false);
    assert.equal(found.unvouched.length, 1, "the server's own key came second, and the forger's does not vouch for it");
  });

  it('a checkpoint of another event, a key announced or retired by nobody who could', async (t) => {
    for (const [edit, says] of FORGERIES) {
      const stand = await grown(t);
      await stand.plane.rotateKey('token:a');
      await stand.plane.retireKey('token:a', [...stand.plane.world().keys.keys()][0] ?? '');
      await settled(stand);
      await stand.forge(edit);
      assert.match((await stand.broken()).says, says);
    }
  });

  it('law 20: a server that was overtaken does not take the log for closed when it ends', async (t) => {
    const stand = await grown(t);
    await stand.plane.signCheckpoint();
    // As another control plane would, that got past the lock.
    forgeLog(stand.directory, (events) => [...events, ...events.filter(isToken).slice(0, 2)]);
    await stand.stop();
    await stand.start();
    assert.equal((await stand.intact()).head, 13);
    assert.equal(stand.plane.world().halted, null);
  });

  it('a witness that cannot be read is no witness that agrees', async (t) => {
    const stand = await grown(t);
    await stand.stop();
    writeFileSync(stand.witness, readFileSync(stand.witness, 'utf8').slice(0, 40));
    await stand.start();
    assert.match((await stand.broken()).says, /cannot be read/);
    assert.notEqual(stand.plane.world().halted, null);
  });
});

/** With what each is found out by, whatever is wrong further on. */
const FORGERIES: readonly (readonly [(events: readonly UnstoredEvent[]) => readonly UnstoredEvent[], RegExp])[] = [
  [
    (events) => events.toSpliced(8, 0, events[5] ?? assert.fail()),
    /^event 9 is a checkpoint of event 5, not of the one right before it$/,
  ],
  [
    (events) =>
      events.map((event) => (event.type === 'SigningKeyAdded' ? replaceSignature(event, 'announcement') : event)),
    /^event 11 adds signing key [0-9a-f]{16} with an announcement that key [0-9a-f]{16} has not signed$/,
  ],
  [
    (events) =>
      events.map((event) => (event.type === 'SigningKeyRetired' ? replaceSignature(event, 'retirement') : event)),
    /^event 13 retires signing key [0-9a-f]{16} by a statement that key [0-9a-f]{16} has not signed$/,
  ],
];

function replaceSignature(event: UnstoredEvent, name: string): UnstoredEvent {
  const signed = event.data[name] as Signed<object> | null;
  if (signed === null) return event;
  return { ...event, data: { ...event.data, [name]: { ...signed, signature: 'f'.repeat(128) } } };
}

/** A forger's best: an own key as the first on the record, and checkpoints that fit the forged chain. */
function signedBy(key: SigningKey, events: readonly UnstoredEvent[]): readonly UnstoredEvent[] {
  const [first = assert.fail()] = events;
  const own = { ...first, data: { key: { id: key.id, publicKey: key.publicKey }, announcement: null } };
  const honest = [own, ...events.filter(({ type }) => type !== 'CheckpointSigned')];
  let hash = '0'.repeat(64);
  for (const [index, event] of honest.entries()) {
    const { stream, type, at, actor, data } = event;
    hash = sha256(hash + canonicalJson({ position: index + 1, stream, type, at, actor, data }));
  }
  const document: Checkpoint = { kind: 'checkpoint', position: honest.length, hash, at: first.at };
  const checkpoint = { document, key: key.id, signature: key.sign(Buffer.from(canonicalJson(document))) };
  const data = { checkpoint } as unknown as UnstoredEvent['data'];
  return [...honest, { stream: 'checkpoint', type: 'CheckpointSigned', at: first.at, actor: 'engine', data }];
}

/** The checkpoints, once everything is signed. */
async function settled(stand: Stand): Promise<Awaited<ReturnType<Stand['checkpoints']>>> {
  await stand.plane.signCheckpoint();
  return stand.checkpoints();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
