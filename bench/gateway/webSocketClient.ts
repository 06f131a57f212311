import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const CONTINUED = 0;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export interface WebSocketAddress {
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly token: string;
  /** PEM, for `wss:`. */
  readonly ca?: string;
}

/**
 * A WebSocket client that costs as little as can be, so that a crowd of them measures the server and not itself: no event objects, no
 * copies, a mask of zeros. It takes unfragmented frames alone, which is what `ws` sends.
 */
export class WebSocketClient {
  readonly #socket: Socket;
  readonly #onMessage: (payload: Buffer, client: WebSocketClient) => void;
  #rest: Buffer | null = null;

  private constructor(socket: Socket, onMessage: (payload: Buffer, client: WebSocketClient) => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  /** Rejects when the server does not upgrade. */
  static async open(
    { url, token, ca }: WebSocketAddress,
    onMessage: (payload: Buffer, client: WebSocketClient) => void,
    onClose: () => void,
  ): Promise<WebSocketClient> {
    const { protocol, hostname: host, port, pathname } = new URL(url);
    const to = { host, port: Number(port), noDelay: true };
    const socket =
      protocol === 'wss:'
        ? connectTls({ ...to, ...(ca === undefined ? {} : { ca }), servername: 'localhost' })
        : connect(to);
    await once(socket, protocol === 'wss:' ? 'secureConnect' : 'connect');
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0 || !answer.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101')))
      throw new Error(`the server answered ${JSON.stringify(answer.subarray(0, 200).toString())}, expected 101`);
    const client = new WebSocketClient(socket, onMessage);
    socket.on('error', () => {});
    socket.on('close', onClose);
    if (answer.length > end + 4) client.#take(answer.subarray(end + 4));
    return client;
  }

  send(payload: Uint8Array): void {
    this.#write(BINARY, payload);
  }

  /** Reads nothing any more, as a process that hangs. */
  stall(): void {
    this.#socket.pause();
  }

  drop(): void {
    this.#socket.destroy();
  }

  #write(opcode: number, payload: Uint8Array): void {
    const { length } = payload;
    const head = length < 126 ? 6 : 8;
    const frame = Buffer.alloc(head + length);
    frame[0] = 0x80 | opcode;
    if (length < 126) frame[1] = 0x80 | length;
    else {
      frame[1] = 0x80 | 126;
      frame.writeUInt16BE(length, 2);
    }
    frame.set(payload, head);
    this.#socket.write(frame);
  }

  #take(bytes: Buffer): void {
    let buffer = this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = null;
    for (;;) {
      const frame = frameIn(buffer);
      if (frame === null) break;
      const { opcode, payload, size } = frame;
      buffer = buffer.subarray(size);
      if (opcode === BINARY || opcode === CONTINUED) this.#onMessage(payload, this);
      else if (opcode === PING) this.#write(PONG, payload);
      else if (opcode === CLOSE) this.drop();
    }
    if (buffer.length > 0) this.#rest = buffer;
  }
}

/** The first whole frame; `null` while there is none. */
function frameIn(buffer: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | null {
  if (buffer.length < 2) return null;
  const short = (buffer[1] ?? 0) & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (buffer.length < head) return null;
  const length = short < 126 ? short : short === 126 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
  if (buffer.length < head + length) return null;
  return { opcode: (buffer[0] ?? 0) & 0x0f, payload: buffer.subarray(head, head + length), size: head + length };
}
