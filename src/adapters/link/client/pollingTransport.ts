import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import { Backoff } from './backoff.ts';
import { type HttpAnswer, httpCall } from './httpCall.ts';
import { jittered, type LinkTransport, type LinkTransportOptions, refusedBy } from './linkTransport.ts';
import { readRetryAfter } from './retryAfter.ts';
import { reasonOf } from './webSocketTransport.ts';

/** News that comes in quick succession goes into one request. */
const GAP_MS = 20;

/** A conversation over plain HTTP: one request at a time, then a wait until there is news, or for as long as a heartbeat. */
export class PollingTransport implements LinkTransport {
  readonly #options: LinkTransportOptions;
  readonly #backoff: Backoff;
  readonly #agent: HttpAgent;
  readonly #ended = new AbortController();
  #underWay: Promise<void> | null = null;
  #closing = false;
  /** After a failure, news waits as well. */
  #mayHurry = true;
  #isHurrying = false;
  #cancelNext: () => void = () => {};

  constructor(options: LinkTransportOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.limits.backoffMs, options.limits.mostBackoffMs, options.random);
    const Agent = options.urls.opamp.protocol === 'https:' ? HttpsAgent : HttpAgent;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
  }

  start(): void {
    this.#schedule(0);
  }

  wake(): void {
    if (!this.#mayHurry || this.#isHurrying || this.#underWay !== null || this.#closing) return;
    this.#isHurrying = true;
    this.#schedule(GAP_MS);
  }

  async close(): Promise<void> {
    const { clock, contact, conversation, limits } = this.#options;
    this.#closing = true;
    this.#cancelNext();
    const cancel = clock.after(limits.goodbyeMs, () => this.#ended.abort());
    await this.#underWay;
    try {
      if (contact.isUp) {
        if (conversation.hasNews) await this.#post(conversation.next());
        await this.#post(conversation.goodbye());
      }
    } catch {
      // It will miss us soon enough.
    }
    cancel();
    this.#agent.destroy();
  }

  #schedule(delayMs: DurationMs): void {
    this.#cancelNext();
    this.#cancelNext = this.#options.clock.after(delayMs, () => {
      this.#isHurrying = false;
      this.#underWay = this.#exchange().then((nextMs) => {
        this.#underWay = null;
        if (!this.#closing) this.#schedule(nextMs);
      });
    });
  }

  /** One request and what comes of it. Says how long to wait until the next. */
  async #exchange(): Promise<DurationMs> {
    const { clock, conversation, urls } = this.#options;
    let answer: HttpAnswer;
    try {
      answer = await this.#post(conversation.next());
    } catch (error) {
      return this.#failed(`${urls.says} cannot be reached: ${reasonOf(error as Error)}`, null);
    }
    if (answer.status !== 200 || answer.headers['content-type'] !== 'application/x-protobuf') {
      return this.#failed(refusedBy(urls, answer.status), readRetryAfter(answer.headers['retry-after'], clock.now()));
    }
    return this.#hear(answer.body);
  }

  #hear(body: Buffer): DurationMs {
    const { contact, conversation, limits, random, urls } = this.#options;
    this.#mayHurry = true;
    const heard = conversation.hear(body);
    switch (heard.kind) {
      case 'accepted':
        this.#backoff.reset();
        contact.up(`connected to ${urls.says}`);
        heard.deliver();
        break;
      case 'refused':
        contact.down(`${urls.says} refused this target: ${heard.says}`);
        return jittered(limits.heartbeatMs, random);
      case 'unavailable':
        return this.#failed(`${urls.says} is busy: ${heard.says}`, heard.retryAfterMs);
      case 'ignored':
    }
    if (conversation.hasNews) return GAP_MS;
    return jittered(conversation.isBusy ? Math.min(limits.busyPollMs, limits.heartbeatMs) : limits.heartbeatMs, random);
  }

  #failed(says: string, retryAfterMs: DurationMs | null): DurationMs {
    const { contact, conversation } = this.#options;
    this.#mayHurry = false;
    // Whether it was heard is not known.
    conversation.startOver();
    conversation.observe(null);
    contact.down(says);
    return this.#backoff.next(retryAfterMs);
  }

  #post(message: Uint8Array): Promise<HttpAnswer> {
    const { ca, limits, token, urls } = this.#options;
    return httpCall({
      url: urls.opamp,
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-protobuf' },
      body: message,
      agent: this.#agent,
      ...(ca !== undefined && { ca }),
      maxBytes: limits.receiveBytes,
      idleMs: limits.answerMs,
      signal: this.#ended.signal,
    });
  }
}
