import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { WebSocket } from 'ws';
import { decodeFrame, encodeFrame } from '../../../wire/opamp/frame.ts';
import {
  AgentCapability,
  type AgentDescription,
  AgentDescriptionSchema,
  type AgentToServer,
  AgentToServerSchema,
  type ServerToAgent,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { newUid, uidBytes } from '../../../wire/opamp/instanceUid.ts';
import { AGENT_CAPABILITY } from '../agentMessages.ts';
import { TOKEN } from './testFleet.ts';

export type Message = Omit<Exclude<MessageInitShape<typeof AgentToServerSchema>, AgentToServer>, '$typeName'>;

/** A way to say exactly what a test wants said, message by message. */
export interface RawTransport {
  readonly kind: 'websocket' | 'http';
  /** Sends a message and waits for its answer. */
  exchange(message: AgentToServer): Promise<ServerToAgent>;
  /** The next message that came unasked. Over HTTP nothing ever does. */
  pushed(): Promise<ServerToAgent>;
  close(): Promise<void>;
}

export async function openWebSocket(port: number, token: string = TOKEN): Promise<RawWebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/opamp`, { headers: { Authorization: `Bearer ${token}` } });
  const raw = new RawWebSocket(socket);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('open', resolve);
  socket.once('error', reject);
  await promise;
  return raw;
}

export class RawWebSocket implements RawTransport {
  readonly kind = 'websocket';
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  readonly #received: ServerToAgent[] = [];
  readonly #waiting: ((message: ServerToAgent | Error) => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    socket.on('error', () => {});
    socket.on('close', (code) => {
      resolve(code);
      for (const waiter of this.#waiting.splice(0)) waiter(new Error(`the server closed with ${code}`));
    });
    socket.on('message', (data) => {
      const frame = decodeFrame(data as Buffer);
      assert.ok(frame.ok);
      const message = fromBinary(ServerToAgentSchema, frame.value);
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#received.push(message);
      else waiter(message);
    });
  }

  exchange(message: AgentToServer): Promise<ServerToAgent> {
    this.send(message);
    return this.pushed();
  }

  send(message: AgentToServer): void {
    this.socket.send(encodeFrame(toBinary(AgentToServerSchema, message)));
  }

  pushed(): Promise<ServerToAgent> {
    const received = this.#received.shift();
    if (received !== undefined) return Promise.resolve(received);
    return new Promise((resolve, reject) =>
      this.#waiting.push((message) => (message instanceof Error ? reject(message) : resolve(message))),
    );
  }

  /** What came and was not asked for by the test. */
  get unread(): readonly ServerToAgent[] {
    return this.#received;
  }

  async close(): Promise<void> {
    this.socket.close(1000);
    await this.closed;
  }
}

export class RawHttp implements RawTransport {
  readonly kind = 'http';
  readonly #url: string;
  readonly #token: string;

  constructor(port: number, token: string = TOKEN) {
    this.#url = `http://127.0.0.1:${port}/v1/opamp`;
    this.#token = token;
  }

  async exchange(message: AgentToServer): Promise<ServerToAgent> {
    const response = await this.post(toBinary(AgentToServerSchema, message));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/x-protobuf');
    return fromBinary(ServerToAgentSchema, new Uint8Array(await response.arrayBuffer()));
  }

  post(body: BodyInit | Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const authorization = { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/x-protobuf' };
    return fetch(this.#url, { method: 'POST', body: body as BodyInit, headers: { ...authorization, ...headers } });
  }

  pushed(): Promise<ServerToAgent> {
    throw new Error('nothing comes unasked over HTTP');
  }

  async close(): Promise<void> {}
}

export function aUid(): string {
  return newUid(Date.now(), randomBytes(16));
}

export function description(attributes: Readonly<Record<string, string>>): AgentDescription {
  const list = (keep: (key: string) => boolean) =>
    Object.entries(attributes)
      .filter(([key]) => keep(key))
      .map(([key, value]) => ({ key, value: { value: { case: 'stringValue' as const, value } } }));
  const identifies = (key: string) => key.startsWith('service.');
  return create(AgentDescriptionSchema, {
    identifyingAttributes: list(identifies),
    nonIdentifyingAttributes: list((key) => !identifies(key)),
  });
}

const STATUS = BigInt(AgentCapability.REPORTS_STATUS);

/** An agent that counts its messages and says nothing by itself. */
export class RawAgent {
  readonly uid: string;
  transport: RawTransport;
  sequence = 0n;
  capabilities = STATUS;
  readonly #attributes: Readonly<Record<string, string>>;

  constructor(transport: RawTransport, attributes: Readonly<Record<string, string>>, uid: string = aUid()) {
    this.transport = transport;
    this.#attributes = attributes;
    this.uid = uid;
  }

  /** The next message, without sub-messages but those given. */
  message(rest: Message = {}): AgentToServer {
    this.sequence += 1n;
    return create(AgentToServerSchema, {
      instanceUid: uidBytes(this.uid),
      sequenceNum: this.sequence,
      capabilities: this.capabilities,
      ...rest,
    });
  }

  say(rest: Message = {}): Promise<ServerToAgent> {
    return this.transport.exchange(this.message(rest));
  }

  sayFull(rest: Message = {}): Promise<ServerToAgent> {
    return this.say({ agentDescription: description(this.#attributes), ...rest });
  }
}

/** One of our own kind. */
export function ourAgent(
  transport: RawTransport,
  role = 'web',
  labels: Readonly<Record<string, string>> = {},
  uid = aUid(),
): RawAgent {
  const labelled = Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [`ringfence.label.${label}`, value]),
  );
  return new RawAgent(
    transport,
    { 'service.name': 'shop', 'service.instance.id': `shop-${uid}`, 'ringfence.role': role, ...labelled },
    uid,
  );
}

export const OURS: Message = { customCapabilities: { capabilities: [AGENT_CAPABILITY] } };

/** A collector that takes remote configuration and says what becomes of it. */
export function foreignAgent(transport: RawTransport, uid = aUid()): RawAgent {
  const agent = new RawAgent(
    transport,
    { 'service.name': 'collector', 'service.instance.id': `collector-${uid}` },
    uid,
  );
  agent.capabilities = STATUS | BigInt(AgentCapability.ACCEPTS_REMOTE_CONFIG | AgentCapability.REPORTS_REMOTE_CONFIG);
  return agent;
}
