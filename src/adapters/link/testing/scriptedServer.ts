import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeFrame, encodeFrame } from '../../../wire/opamp/frame.ts';
import {
  type AgentToServer,
  AgentToServerSchema,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';

export type Answer =
  | MessageInitShape<typeof ServerToAgentSchema>
  /** Bytes instead of a message: a whole frame, or a whole body. */
  | Uint8Array
  /** Nothing at all. */
  | null;

/** A server that answers what a test says, rightly or wrongly, and keeps what it was told. Over both transports. */
export class ScriptedServer {
  readonly received: AgentToServer[] = [];
  readonly sockets = new Set<WebSocket>();
  /** How a message is answered; as a rule, acknowledged. */
  answer: (message: AgentToServer) => Answer = () => ({});
  /** What any other request gets. */
  serve: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    response.writeHead(404).end();
  connections = 0;
  readonly #server: Server;

  private constructor() {
    const webSockets = new WebSocketServer({ noServer: true, clientTracking: false });
    this.#server = createServer((request, response) => void this.#onRequest(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#onWebSocket(webSocket));
    });
  }

  static async start(): Promise<ScriptedServer> {
    const scripted = new ScriptedServer();
    await new Promise<void>((resolve) => scripted.#server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #onWebSocket(webSocket: WebSocket): void {
    this.connections++;
    this.sockets.add(webSocket);
    webSocket.on('error', () => {});
    webSocket.on('close', () => this.sockets.delete(webSocket));
    webSocket.on('message', (data) => {
      const frame = decodeFrame(data as Buffer);
      const bytes = frame.ok ? this.#answerTo(frame.value) : null;
      if (bytes !== null) webSocket.send(bytes.raw ? bytes.data : encodeFrame(bytes.data));
    });
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      this.serve(request, response);
      return;
    }
    this.connections++;
    const answer = this.#answerTo(Buffer.concat(await request.toArray()));
    if (answer !== null) response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end(answer.data);
  }

  #answerTo(bytes: Uint8Array): { readonly raw: boolean; readonly data: Uint8Array } | null {
    const message = fromBinary(AgentToServerSchema, bytes);
    this.received.push(message);
    const answer = this.answer(message);
    if (answer === null || answer instanceof Uint8Array) return answer && { raw: true, data: answer };
    const whole = create(ServerToAgentSchema, {
      instanceUid: message.instanceUid,
      capabilities: 1n,
      ...answer,
    } as never);
    return { raw: false, data: toBinary(ServerToAgentSchema, whole) };
  }
}
