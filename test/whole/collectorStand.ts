import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../http/apiUnderTest.ts';
import { callServer } from '../server/callServer.ts';
import { type Ready, startServerProcess, temporaryFolder } from '../server/serverProcess.ts';

interface RolloutView {
  readonly rollout: { readonly phase: string; readonly holds: readonly { readonly reason: string }[] };
  readonly says: string;
}

/** A real server with a service of collectors, which agents that others wrote are. */
export class CollectorStand {
  static readonly RINGS = ['canary', 'broad'] as const;
  readonly #t: TestContext;
  #ready: Ready | null = null;
  token = '';

  constructor(t: TestContext) {
    this.#t = t;
  }

  get opamp(): string {
    return (this.#ready?.opamp ?? '').replace('ws:', 'http:');
  }

  get http(): string {
    return this.#ready?.http ?? '';
  }

  call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return callServer<T>({ http: this.#ready?.http, token: this.#ready?.adminToken }, method, path, body);
  }

  async apply(kind: string, name: string, spec: object): Promise<void> {
    const document = { apiVersion: 'ringfence.dev/v1', kind, metadata: { name }, spec };
    const { status, body } = await this.call('POST', '/v1/manifests', { documents: [document] });
    assert.equal(status, 200, JSON.stringify(body));
  }

  async prepare(metrics: object, check: object): Promise<void> {
    this.#ready = await startServerProcess(this.#t, temporaryFolder(this.#t)).ready();
    await this.apply('Service', 'collector', { roles: { gateway: {} }, slots: { 'config/main': {} }, metrics });
    const bake = { minimum: '1s', deadline: '20m' };
    const stages = CollectorStand.RINGS.map((ring) => ({ name: ring, targets: { ring }, bake, applyDeadline: '3s' }));
    const checks = [{ name: 'well', effect: 'guardrail', ...check }];
    await this.apply('Pipeline', 'collector', { service: 'collector', rehearse: false, stages, checks });
    const token = await this.call<{ secret: string }>('POST', '/v1/tokens', { role: 'agent', name: 'collectors' });
    this.token = token.body.secret;
  }

  /** Registers a change and starts it as soon as the fleet can be measured. */
  async roll(name: string, content: string): Promise<string> {
    await this.apply('Change', name, { service: 'collector', reason: name, slots: { 'config/main': { content } } });
    let said = '';
    return until(`${name} starts`, async () => {
      const { status, body } = await this.call<{ rollout: { id: string } }>('POST', '/v1/rollouts', { change: name });
      said = JSON.stringify(body);
      return status === 201 && body.rollout.id;
    }).catch((error: Error) => assert.fail(`${error.message}; ${said}`));
  }

  async view(id: string): Promise<RolloutView> {
    return (await this.call<RolloutView>('GET', `/v1/rollouts/${id}`)).body;
  }

  async ended(id: string): Promise<string> {
    return until(`${id} ends`, async () => {
      const { phase } = (await this.view(id)).rollout;
      return (phase === 'completed' || phase === 'rolledBack') && phase;
    }).catch(async (error: Error) => assert.fail(`${error.message}; ${JSON.stringify(await this.view(id))}`));
  }

  async rollback(id: string): Promise<void> {
    const { status } = await this.call('POST', `/v1/rollouts/${id}/rollback`, { reason: 'to see it back' });
    assert.equal(status, 200);
  }
}
