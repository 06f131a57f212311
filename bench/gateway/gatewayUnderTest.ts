import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'apps', 'cli', 'main.ts');

interface RolloutView {
  readonly rollout: { readonly id: string; readonly phase: string };
  readonly tally: { readonly targets: number; readonly confirmed: number };
}

const MANIFESTS = `apiVersion: ringfence.dev/v1
kind: Service
metadata: { name: fleet }
spec:
  roles: { member: {} }
  slots: { config/fleet: {} }
  metrics: { requests: { counter: requests }, failures: { counter: requests } }
---
apiVersion: ringfence.dev/v1
kind: Pipeline
metadata: { name: fleet }
spec:
  service: fleet
  rehearse: false
  stages:
    - { name: all, targets: {}, applyDeadline: 1h, promote: manual, bake: { minimum: 1h, deadline: 2h } }
  checks:
    - { name: errors, kind: failureProportion, effect: signal, failures: failures, total: requests, margin: 0.5 }
`;

/** A control plane as users start it, in its own process, with its record on disk. */
export class GatewayUnderTest implements AsyncDisposable {
  readonly opampUrl: string;
  readonly #child: ChildProcess;
  readonly #http: string;
  readonly #token: string;
  readonly #ca: string | undefined;

  private constructor(child: ChildProcess, ready: { http: string; opamp: string; adminToken: string }, ca?: string) {
    this.#child = child;
    this.#http = ready.http;
    this.opampUrl = ready.opamp;
    this.#token = ready.adminToken;
    this.#ca = ca;
  }

  /** `certificates`: a folder with cert.pem and key.pem; `null`: plain. */
  static async start(folder: string, certificates: string | null): Promise<GatewayUnderTest> {
    const [cert, key] = [join(certificates ?? '', 'cert.pem'), join(certificates ?? '', 'key.pem')];
    const tls = certificates === null ? [] : ['--tls-cert', cert, '--tls-key', key];
    const args = [
      'server',
      '--json',
      '--data',
      join(folder, 'data'),
      '--port',
      '0',
      '--opamp-port',
      '0',
      '--log-level',
      'warn',
    ];
    const child = spawn(process.execPath, [MAIN, ...args, ...tls], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('{"ready":true')) continue;
      child.stdout.resume();
      return new GatewayUnderTest(
        child,
        JSON.parse(line),
        certificates === null ? undefined : readFileSync(cert, 'utf8'),
      );
    }
    throw new Error('the server under test did not start; it says above why');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async prepare(): Promise<void> {
    await this.#call('POST', '/v1/manifests', MANIFESTS, 'application/yaml');
  }

  async agentToken(): Promise<string> {
    const { secret } = await this.#json<{ secret: string }>('POST', '/v1/tokens', { role: 'agent', name: 'crowd' });
    return secret;
  }

  async connected(): Promise<number> {
    const text = await this.#call('GET', '/metrics');
    return Number(/^ringfence_targets_connected(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1] ?? 0);
  }

  /** Brings something new to every agent, and waits until all of them hold it, confirmed. */
  async rollForward(run: number, agents: number): Promise<string> {
    const change = {
      apiVersion: 'ringfence.dev/v1',
      kind: 'Change',
      metadata: { name: `change-${run}` },
      spec: { service: 'fleet', reason: 'to be rolled back', slots: { 'config/fleet': { content: `run ${run}` } } },
    };
    await this.#call('POST', '/v1/manifests', JSON.stringify(change), 'application/yaml');
    const { rollout } = await this.#json<RolloutView>('POST', '/v1/rollouts', { change: `change-${run}` });
    await this.until(`${agents} agents to hold ${rollout.id}`, async () => {
      const seen = await this.#json<RolloutView>('GET', `/v1/rollouts/${rollout.id}`);
      return seen.rollout.phase === 'baking' && seen.tally.confirmed === agents;
    });
    return rollout.id;
  }

  /** From the order until the record says that everybody is back, in milliseconds. */
  async rollBack(id: string): Promise<number> {
    const stream = await this.#request('GET', '/v1/events');
    const over = heard(stream, '"type":"RolledBack"');
    const started = performance.now();
    const ordered = this.#json('POST', `/v1/rollouts/${id}/rollback`, { reason: 'measured' });
    await Promise.all([over, ordered]);
    const took = performance.now() - started;
    stream.destroy();
    return took;
  }

  async until(what: string, holds: () => Promise<boolean>, withinMs = 300_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }

  async #json<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    return JSON.parse(await this.#call(method, path, sent, 'application/json')) as Answer;
  }

  async #call(method: string, path: string, body?: string, type = 'application/json'): Promise<string> {
    const answer = await this.#request(method, path, body, type);
    const text = (await answer.setEncoding('utf8').toArray()).join('');
    if ((answer.statusCode ?? 500) >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text;
  }

  #request(method: string, path: string, body?: string, type?: string): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    };
    const request = this.#ca === undefined ? requestHttp : requestHttps;
    const trusted = this.#ca === undefined ? {} : { ca: this.#ca };
    request(`${this.#http}${path}`, { method, headers, ...trusted }, resolve)
      .on('error', reject)
      .end(body);
    return promise;
  }
}

/** Resolves when the stream has said it. */
function heard(stream: IncomingMessage, what: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let rest = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    rest += part;
    if (rest.includes(what)) resolve();
    rest = rest.slice(-what.length);
  });
  stream.on('close', () => reject(new Error(`the stream ended without ${what}`)));
  return promise;
}
