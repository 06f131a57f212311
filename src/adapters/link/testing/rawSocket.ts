import { connect, type Socket } from 'node:net';

/** A TCP socket on which a test writes what it likes, and what came back on it as text. */
export class RawSocket {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #received = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static async open(port: number): Promise<RawSocket> {
    const socket = connect({ host: '127.0.0.1', port });
    const raw = new RawSocket(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return raw;
  }

  get received(): string {
    return this.#received;
  }

  /** The status of the first answer; 0 while there is none. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.#received)?.[1] ?? 0);
  }

  write(data: string | Uint8Array): this {
    this.socket.write(data);
    return this;
  }

  destroy(): void {
    this.socket.destroy();
  }
}
