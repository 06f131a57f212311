import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { KeyBody } from '../../src/wire/http/key.ts';
import type { CheckpointBody, LogVerificationBody } from '../../src/wire/http/log.ts';
import { callServer } from '../server/callServer.ts';
import { type Ready, type ServerProcess, startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

/*
 * A real server is killed with SIGKILL at moments drawn from a seed, while keys are made and retired, checkpoints are signed and events
 * are appended as fast as it goes. What was acknowledged is there afterwards, and no kill makes the record look forged.
 */

const ROUNDS = 15;

class Stand {
  readonly #t: TestContext;
  readonly #data: string;
  #server: ServerProcess | null = null;
  #ready: Ready | null = null;
  #token = '';
  readonly tokens: string[] = [];
  readonly made: string[] = [];
  readonly retired: string[] = [];
  readonly checkpoints: CheckpointBody[] = [];

  constructor(t: TestContext) {
    this.#t = t;
    this.#data = join(temporaryFolder(t), 'data');
  }

  async start(): Promise<void> {
    this.#server = startServerProcess(this.#t, this.#data);
    this.#ready = await this.#server.ready();
    this.#token = this.#ready.adminToken ?? this.#token;
  }

  async kill(): Promise<void> {
    this.#server?.child.kill('SIGKILL');
    await this.#server?.ended();
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, body: answer } = await callServer<T>(
      { http: this.#ready?.http, token: this.#token },
      method,
      path,
      body,
    );
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Goes on until the connection breaks. A refusal is a mistake; a broken connection is the kill. */
  async #until(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work();
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        return;
      }
    }
  }

  /** Everybody at once, until the server is gone. */
  async work(killAfter: number): Promise<void> {
    let acknowledged = 0;
    const counted = () => {
      acknowledged++;
      if (acknowledged === killAfter) this.#server?.child.kill('SIGKILL');
    };
    const tokens = this.#until(async () => {
      const { id } = await this.call<{ id: string }>('POST', '/v1/tokens', { role: 'viewer', name: 'somebody' });
      this.tokens.push(id);
      counted();
    });
    const keys = this.#until(async () => {
      const { id } = await this.call<KeyBody>('POST', '/v1/keys');
      const before = this.made.at(-1);
      this.made.push(id);
      counted();
      if (before === undefined || this.retired.includes(before)) return;
      await this.call<KeyBody>('DELETE', `/v1/keys/${before}`);
      this.retired.push(before);
      counted();
    });
    const checkpoints = this.#until(async () => {
      this.checkpoints.push(await this.call<CheckpointBody>('POST', '/v1/log/checkpoint'));
      counted();
    });
    await Promise.all([tokens, keys, checkpoints]);
  }

  async check(round: number): Promise<void> {
    const last = this.checkpoints.at(-1)?.document;
    const compare = last === undefined ? '' : `?position=${last.position}&hash=${last.hash}`;
    const verified = await this.call<LogVerificationBody>('GET', `/v1/log/verification${compare}`);
    assert.equal(verified.outcome, 'intact', `round ${round}: ${JSON.stringify(verified)}`);
    const { halted } = await this.call<{ halted: unknown }>('GET', '/v1/halt');
    assert.ok(!halted, `round ${round}: ${JSON.stringify(halted)}`);
    const all = async <T>(path: string) => (await this.call<{ items: T[] }>('GET', `${path}?limit=1000`)).items;
    const tokens = new Set((await all<{ id: string }>('/v1/tokens')).map(({ id }) => id));
    assert.deepEqual(
      this.tokens.filter((id) => !tokens.has(id)),
      [],
      'tokens that were acknowledged and are lost',
    );
    const keys = new Map((await all<KeyBody>('/v1/keys')).map((key) => [key.id, key]));
    assert.deepEqual(
      this.made.filter((id) => !keys.has(id)),
      [],
      'keys that were acknowledged and are lost',
    );
    assert.deepEqual(
      this.retired.filter((id) => keys.get(id)?.retiredAt === null),
      [],
      'keys that were retired and are back',
    );
  }
}

test('laws 19 and 20: killed at any moment, no key, no checkpoint and no event that was acknowledged is lost, and nothing looks forged', {
  timeout: 240_000,
}, async (t) => {
  const stand = new Stand(t);
  await stand.start();
  let seed = 20_190_624;
  for (let round = 0; round < ROUNDS; round++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    await stand.work(2 + ((seed >>> 8) % 30));
    await stand.kill();
    await stand.start();
    await stand.check(round);
  }
  assert.ok(stand.made.length > ROUNDS && stand.checkpoints.length > ROUNDS, 'something was done');
  t.diagnostic(`${stand.tokens.length} tokens, ${stand.made.length} keys, ${stand.checkpoints.length} checkpoints`);
});
