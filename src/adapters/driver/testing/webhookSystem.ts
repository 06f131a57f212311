import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Digest } from '../../../core/kernel/digest.ts';
import { eventually } from './eventually.ts';

export const SECRET = `whsec_${Buffer.from('a secret that only tests know: 32+').toString('base64')}`;

interface Operation {
  readonly id: string;
  state: 'running' | 'done' | 'failed';
  says: string;
}

interface Message {
  readonly type: string;
  readonly data: {
    readonly revision?: Digest | null;
    readonly content?: string;
    readonly base64?: string;
    readonly follows?: string | null;
    readonly callback?: string;
    readonly wantsContent?: boolean;
    readonly target: object;
  };
}

/**
 * A system that rolls out by itself, as a stranger would write it from the guide. It checks signatures with the library of Standard
 * Webhooks. What it holds is the effect.
 */
export class WebhookSystem {
  held: Digest | null = null;
  bytes: Buffer | null = null;
  operation: Operation | null = null;
  /** How often something was really done. */
  runs = 0;
  /** Messages in the order in which they came, with their ids. */
  readonly messages: { readonly id: string; readonly message: Message }[] = [];
  /** So many operations are answered with an error, and not taken. */
  refuseOperations = 0;
  /** How long an operation runs. */
  takesMs = 0;
  /** What an operation comes to. */
  fails: string | null = null;
  refusesChecks: string | null = null;
  /** Says that it is done without doing anything. */
  lies = false;
  readonly #secret: string;
  #url = '';
  readonly #server = createServer((request, response) => {
    this.#answer(request).then(
      ({ status, body }) =>
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(body === undefined ? undefined : JSON.stringify(body)),
      (error: Error) => response.writeHead(401).end(error.message),
    );
  });

  constructor(secret = SECRET) {
    this.#secret = secret;
  }

  async listen(): Promise<string> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks/deploy`;
    return this.#url;
  }

  async close(): Promise<void> {
    await this.idle();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  /** Sends a message once more, as a network may. Gives the status of the answer. */
  async replay(id: string, message: Message): Promise<number> {
    const body = JSON.stringify(message);
    const answer = await fetch(this.#url, { method: 'POST', headers: this.#signed(id, body), body });
    return answer.status;
  }

  async idle(): Promise<void> {
    await eventually('the system to have nothing under way', async () => this.operation?.state !== 'running');
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body?: object }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const message = new Webhook(this.#secret).verify(text, request.headers as Record<string, string>) as Message;
    const id = String(request.headers['webhook-id']);
    this.messages.push({ id, message });
    if (message.type === 'ringfence.status') return { status: 200, body: this.#status(message.data.wantsContent) };
    if (message.type === 'ringfence.check')
      return this.refusesChecks === null ? { status: 204 } : { status: 422, body: { says: this.refusesChecks } };
    if (this.refuseOperations > 0) {
      this.refuseOperations--;
      return { status: 503, body: {} };
    }
    if (this.operation?.id === id) return { status: 200, body: this.#status() };
    if (this.operation?.state === 'running' || (message.data.follows ?? null) !== (this.operation?.id ?? null))
      return { status: 409, body: this.#status() };
    this.operation = { id, state: 'running', says: '' };
    this.#run(this.operation, message);
    return { status: 202, body: this.#status() };
  }

  #run(operation: Operation, { data }: Message): void {
    const run = () => {
      this.runs++;
      if (this.fails === null && !this.lies) {
        this.held = data.revision ?? null;
        this.bytes =
          data.revision == null
            ? null
            : Buffer.from(data.content ?? data.base64 ?? '', data.content === undefined ? 'base64' : 'utf8');
      }
      operation.says = this.fails ?? '';
      operation.state = this.fails === null ? 'done' : 'failed';
      if (data.callback !== undefined) this.#callBack(data.callback, operation);
    };
    if (this.takesMs === 0) run();
    else setTimeout(run, this.takesMs);
  }

  #callBack(url: string, { id, state }: Operation): void {
    const body = JSON.stringify({
      type: 'ringfence.finished',
      timestamp: new Date().toISOString(),
      data: { operation: id, state },
    });
    fetch(url, { method: 'POST', headers: this.#signed(`finished-${id}`, body), body }).catch(() => {});
  }

  #signed(id: string, body: string): Record<string, string> {
    const now = new Date();
    return {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(this.#secret).sign(id, now, body),
    };
  }

  #status(wantsContent = false): object {
    const content = wantsContent && this.bytes !== null ? { base64: this.bytes.toString('base64') } : {};
    return { revision: this.held, operation: this.operation, ...content };
  }
}
