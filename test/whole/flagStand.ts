import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { partOfUser } from '../../src/core/topology/userShares.ts';
import { until } from '../http/apiUnderTest.ts';
import { callServer } from '../server/callServer.ts';
import { type Ready, type ServerProcess, startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

export interface RolloutState {
  readonly phase: string;
  readonly stage: number;
  readonly holds: readonly string[];
}

/** A flag set in which the new checkout is on for so many users of a hundred, and the rule says who has it in any case. */
export function checkoutFlags(share: number, when = 'context.staff == true'): string {
  const split = Object.fromEntries(Object.entries({ on: share, off: 100 - share }).filter(([, weight]) => weight > 0));
  const checkout = { type: 'boolean', variants: { on: true, off: false }, rules: [{ when, serve: 'on' }], split };
  const limit = { type: 'number', variants: { set: share }, serve: 'set' };
  return JSON.stringify({ flags: { 'new-checkout': checkout, limit } });
}

/** A real server with a service whose users are cut into ten parts, and a program that asks for flags through the OpenFeature SDK. */
export class FlagStand {
  readonly #t: TestContext;
  readonly #data: string;
  #server: ServerProcess | null = null;
  #ready: Ready | null = null;
  #adminToken: string | null = null;
  readerToken = '';
  #asked = 0;
  readonly #clients = new Map<string, Client>();

  constructor(t: TestContext) {
    this.#t = t;
    this.#data = join(temporaryFolder(t), 'data');
  }

  get http(): string {
    return this.#ready?.http ?? '';
  }

  async start(): Promise<void> {
    this.#server = startServerProcess(this.#t, this.#data);
    this.#ready = await this.#server.ready();
    this.#adminToken ??= this.#ready.adminToken;
  }

  async kill(): Promise<void> {
    this.#server?.child.kill('SIGKILL');
    await this.#server?.ended();
  }

  call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return callServer({ http: this.http, token: this.#adminToken }, method, path, body);
  }

  async apply(kind: string, name: string, spec: object): Promise<{ status: number; text: string }> {
    const document = { apiVersion: 'ringfence.dev/v1', kind, metadata: { name }, spec };
    const { status, body } = await this.call('POST', '/v1/manifests', { documents: [document] });
    return { status, text: JSON.stringify(body) };
  }

  async prepare(): Promise<void> {
    await this.start();
    const service = await this.apply('Service', 'shop', {
      roles: { users: { shares: { canary: 2, rest: 8 } } },
      slots: { 'flags/checkout': {} },
      metrics: {
        evaluations: { counter: 'ringfence_flag_evaluations_total' },
        errors: { counter: 'ringfence_flag_errors_total' },
      },
    });
    assert.equal(service.status, 200, service.text);
    const bake = { minimum: '1s', exposure: { metric: 'evaluations', atLeast: 100 }, deadline: '20m' };
    const pipeline = await this.apply('Pipeline', 'shop', {
      service: 'shop',
      stages: [
        { name: 'canary', targets: { ring: 'canary' }, bake, promote: 'manual' },
        { name: 'rest', targets: { ring: 'rest' }, waves: ['50%', '100%'], bake },
      ],
      checks: [
        {
          name: 'errors',
          kind: 'failureProportion',
          effect: 'guardrail',
          failures: 'errors',
          total: 'evaluations',
          margin: 0.05,
        },
      ],
    });
    assert.equal(pipeline.status, 200, pipeline.text);
    await until('every part of the users to be there', async () => {
      const { body } = await this.call<{ items: readonly { connected: boolean }[] }>('GET', '/v1/targets');
      return body.items.length === 10 && body.items.every(({ connected }) => connected);
    });
    const token = await this.call<{ secret: string }>('POST', '/v1/tokens', { role: 'flags', name: 'web shop' });
    this.readerToken = token.body.secret;
    this.#startTraffic();
  }

  /** The same users again and again, as long as the test lasts: who asks more or less is noticed by the judge. */
  #startTraffic(): void {
    let isOver = false;
    this.#t.after(() => {
      isOver = true;
    });
    const go = async () => {
      for (let from = 0; !isOver; from = (from + PARTS) % USERS.length) {
        await this.#askFor(USERS.slice(from, from + PARTS)).catch(() => {});
        this.#asked += PARTS;
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    };
    go();
  }

  change(name: string, flags: string): Promise<{ status: number; text: string }> {
    return this.apply('Change', name, {
      service: 'shop',
      reason: `roll out ${name}`,
      slots: { 'flags/checkout': { content: flags } },
    });
  }

  async startRollout(name: string, flags: string): Promise<string> {
    const applied = await this.change(name, flags);
    assert.equal(applied.status, 200, applied.text);
    // The judge compares with what was usual, so there has to be some of that.
    const enough = this.#asked + 3_000;
    await until('users to have asked for a while', () => this.#asked >= enough);
    const started = await this.call<{ rollout: { id: string } }>('POST', '/v1/rollouts', { change: name });
    assert.equal(started.status, 201, JSON.stringify(started.body));
    return started.body.rollout.id;
  }

  async rollout(id: string): Promise<RolloutState> {
    const { body } = await this.call<{ rollout: RolloutState }>('GET', `/v1/rollouts/${id}`);
    return body.rollout;
  }

  /** Waits for a state of the rollout. */
  async reach(id: string, what: string, isThere: (rollout: RolloutState) => boolean): Promise<RolloutState> {
    const reached = until(`${id} to be ${what}`, async () => {
      const rollout = await this.rollout(id);
      return isThere(rollout) ? rollout : undefined;
    });
    return reached.catch(async (error: Error) => {
      const { body } = await this.call<{ says: string; verdicts: unknown }>('GET', `/v1/rollouts/${id}`);
      throw new Error(`${error.message}: ${body.says} ${JSON.stringify(body.verdicts)}`);
    });
  }

  /** The whole way to the last known good. */
  async complete(id: string): Promise<void> {
    await this.reach(id, 'ready for its second stage', ({ phase }) => phase === 'ready');
    const promoted = await this.call('POST', `/v1/rollouts/${id}/promote`, {});
    assert.equal(promoted.status, 200, JSON.stringify(promoted.body));
    await this.reach(id, 'completed', ({ phase }) => phase === 'completed');
  }

  /** A client of the official SDK with the official provider, as a program that has only the readers' token. */
  client(token = this.readerToken): Client {
    const domain = `${this.http} ${token}`;
    const known = this.#clients.get(domain);
    if (known !== undefined) return known;
    const headers = { authorization: `Bearer ${token}` };
    OpenFeature.setProvider(domain, new OFREPProvider({ baseUrl: this.http, headers }));
    const client = OpenFeature.getClient(domain);
    this.#clients.set(domain, client);
    return client;
  }

  async retire(uid: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.#adminToken}` };
    const { status } = await fetch(`${this.http}/v1/targets/${uid}`, { method: 'DELETE', headers });
    assert.equal(status, 204);
  }

  /** For which users the new checkout is on. */
  async on(): Promise<ReadonlySet<string>> {
    const values = await this.#askFor(USERS);
    return new Set(USERS.filter((_, index) => values[index]));
  }

  #askFor(users: readonly string[]): Promise<readonly boolean[]> {
    const client = this.client();
    return Promise.all(users.map((user) => client.getBooleanValue('new-checkout', false, { targetingKey: user })));
  }

  ask(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.http}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.readerToken}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
  }
}

const PARTS = 10;

/** As many in each part, one part after the other: whatever moment one looks at, every part is asked for as often. */
export const USERS: readonly string[] = (() => {
  const byPart: string[][] = Array.from({ length: PARTS }, () => []);
  for (let user = 0; byPart.some(({ length }) => length < 20); user++) {
    const part = byPart[partOfUser('shop', 'users', PARTS, `user-${user}`)];
    if (part !== undefined && part.length < 20) part.push(`user-${user}`);
  }
  return Array.from({ length: 20 * PARTS }, (_, index) => byPart[index % PARTS]?.[Math.floor(index / PARTS)] ?? '');
})();
