import { WebSocket } from 'ws';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import { decodeFrame, encodeFrame } from '../../../wire/opamp/frame.ts';
import { Backoff } from './backoff.ts';
import { jittered, type LinkTransport, type LinkTransportOptions, refusedBy } from './linkTransport.ts';
import { readRetryAfter } from './retryAfter.ts';

/** Bytes the socket may have taken and not sent. Beyond, news waits, and only the newest of it. */
const HIGH_WATER = 64 * 1024;

/**
 * A conversation over one WebSocket at a time.
 *
 * ```
 *   connecting ─► open ─► closed ─► (a while) ─► connecting …
 * ```
 */
export class WebSocketTransport implements LinkTransport {
  readonly #options: LinkTransportOptions;
  readonly #backoff: Backoff;
  #socket: WebSocket | null = null;
  #closing = false;
  /** Why the socket that is about to close does so, as far as we know better than it. */
  #failure: { readonly says: string; readonly retryAfterMs: DurationMs | null } | null = null;
  #cancelReconnect: () => void = () => {};
  #cancelHeartbeat: () => void = () => {};
  /** Runs while something that was sent is not answered. */
  #cancelWatch: (() => void) | null = null;

  constructor(options: LinkTransportOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.limits.backoffMs, options.limits.mostBackoffMs, options.random);
  }

  start(): void {
    const { ca, conversation, limits, token, urls } = this.#options;
    const socket = new WebSocket(urls.opamp, {
      headers: { Authorization: `Bearer ${token}` },
      maxPayload: limits.receiveBytes,
      handshakeTimeout: limits.answerMs,
      perMessageDeflate: false,
      followRedirects: false,
      ...(ca !== undefined && { ca }),
    });
    this.#socket = socket;
    this.#failure = null;
    socket.once('open', () => {
      conversation.startOver();
      this.wake();
    });
    socket.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on('unexpected-response', (_request, response) => {
      const retryAfterMs = readRetryAfter(response.headers['retry-after'], this.#options.clock.now());
      this.#giveUp(refusedBy(urls, response.statusCode ?? 0), retryAfterMs);
    });
    socket.on('error', (error) => {
      this.#failure ??= { says: `${urls.says} cannot be reached: ${reasonOf(error)}`, retryAfterMs: null };
    });
    socket.once('close', (code, reason) => this.#onClose(code, reason.toString()));
  }

  wake(): void {
    const { conversation } = this.#options;
    while (this.#isOpen && conversation.hasNews && (this.#socket?.bufferedAmount ?? 0) < HIGH_WATER)
      this.#send(conversation.next());
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#cancelReconnect();
    const socket = this.#socket;
    if (socket === null || socket.readyState === socket.CLOSED) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (this.#isOpen) {
      this.wake();
      this.#send(this.#options.conversation.goodbye());
      socket.close(1000);
    } else {
      socket.terminate();
    }
    const cancel = this.#options.clock.after(this.#options.limits.goodbyeMs, () => socket.terminate());
    await closed;
    cancel();
  }

  get #isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #send(message: Uint8Array): void {
    const { clock, limits, random } = this.#options;
    this.#socket?.send(encodeFrame(message), () => this.wake());
    this.#cancelHeartbeat();
    this.#cancelHeartbeat = clock.after(jittered(limits.heartbeatMs, random), () => {
      if (this.#isOpen) this.#send(this.#options.conversation.next());
    });
    // Every message is answered; a server that does not answer is gone, whatever its socket says.
    this.#cancelWatch ??= clock.after(limits.answerMs, () =>
      this.#giveUp(`${this.#options.urls.says} does not answer any more`, null),
    );
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const { contact, conversation, urls } = this.#options;
    this.#cancelWatch?.();
    this.#cancelWatch = null;
    const frame = isBinary ? decodeFrame(data) : ({ ok: false, error: 'text' } as const);
    if (!frame.ok) {
      this.#giveUp(`${urls.says} does not speak OpAMP: ${frame.error}`, null);
      return;
    }
    const heard = conversation.hear(frame.value);
    switch (heard.kind) {
      case 'accepted':
        this.#backoff.reset();
        contact.up(`connected to ${urls.says}`);
        heard.deliver();
        break;
      case 'refused':
        contact.down(`${urls.says} refused this target: ${heard.says}`);
        break;
      case 'unavailable':
        this.#giveUp(`${urls.says} is busy: ${heard.says}`, heard.retryAfterMs);
        return;
      case 'ignored':
    }
    this.wake();
  }

  #giveUp(says: string, retryAfterMs: DurationMs | null): void {
    this.#failure ??= { says, retryAfterMs };
    this.#socket?.terminate();
  }

  #onClose(code: number, reason: string): void {
    const { clock, contact, conversation, urls } = this.#options;
    this.#socket = null;
    this.#cancelHeartbeat();
    this.#cancelWatch?.();
    this.#cancelWatch = null;
    // What was counted goes into the next observations; what the target is like is said again in full.
    conversation.observe(null);
    if (this.#closing) return;
    const failure = this.#failure ?? {
      says: `${urls.says} closed the connection (${code}${reason === '' ? '' : `: ${reason}`})`,
      retryAfterMs: null,
    };
    contact.down(failure.says);
    this.#cancelReconnect = clock.after(this.#backoff.next(failure.retryAfterMs), () => this.start());
  }
}

/** Some errors of Node have no message of their own: one for each address that was tried. */
export function reasonOf(error: Error): string {
  if (error.message !== '') return error.message;
  return error instanceof AggregateError
    ? error.errors.map((each) => String(each?.message ?? each)).join('; ')
    : error.name;
}
