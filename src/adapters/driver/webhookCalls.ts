import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type DurationMs, formatDuration } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { WebhookSlot } from '../../wire/manifest/slot/webhookSlot.ts';
import {
  readWebhookStatus,
  WEBHOOK_TYPES,
  type WebhookMessage,
  type WebhookStatus,
  type WebhookVerb,
} from '../../wire/webhook/webhookMessages.ts';
import type { DriverTools } from './driverTools.ts';
import { readWebhookKeys, signWebhook, type WebhookKeys } from './webhookSignature.ts';

/** An answer is a status, with the bytes of one revision at the most: 16 MiB in base64. */
const MAX_ANSWER_BYTES = 24 * 1024 * 1024;
const BACKOFF_MS = { first: 200, most: 10_000 };

export interface CallLimits {
  /** By the monotonic clock: then it is not tried again. */
  readonly until: DurationMs;
  readonly signal: AbortSignal;
}

export interface WebhookCall {
  readonly verb: WebhookVerb;
  /** Of an operation; left out where nothing is changed. */
  readonly id?: string;
  readonly data?: Partial<WebhookMessage['data']>;
}

/** What a call came to: how the system stands, and whether it took the call. */
export interface CallAnswer {
  readonly status: number;
  /** `null`: it said nothing, as it may of a `check`. */
  readonly found: WebhookStatus | null;
}

/** Signed calls to the system of one slot, tried again for as long as they may be. */
export class WebhookCalls {
  readonly #spec: WebhookSlot;
  readonly #tools: DriverTools;

  constructor(spec: WebhookSlot, tools: DriverTools) {
    this.#spec = spec;
    this.#tools = tools;
  }

  /** The secrets, read anew each time: a new one is taken up without a restart. */
  async keys(): Promise<Result<WebhookKeys, string>> {
    try {
      const keys = readWebhookKeys(await readFile(this.#spec.secretFile, 'utf8'));
      return keys.ok ? keys : err(`${this.#spec.secretFile}: ${keys.error}`);
    } catch (error) {
      return err(`the secret cannot be read: ${(error as Error).message}`);
    }
  }

  /** The same `webhook-id` each time it is tried. The error is a sentence; what the system refuses is an error at once. */
  async send(
    { verb, id = randomUUID(), data = {} }: WebhookCall,
    limits: CallLimits,
  ): Promise<Result<CallAnswer, string>> {
    const { clock, host, target } = this.#tools;
    const { url, timeoutMs } = this.#spec;
    const { name, service, role, labels } = target();
    for (let attempt = 0; ; attempt++) {
      const keys = await this.keys();
      if (!keys.ok) return keys;
      const now = clock.now();
      const message: WebhookMessage = {
        type: WEBHOOK_TYPES[verb],
        timestamp: new Date(now).toISOString(),
        data: { target: { name, service, role, labels }, ...data },
      };
      const body = Buffer.from(JSON.stringify(message));
      const timestamp = Math.floor(now / 1000);
      const answer = await host.request({
        url,
        method: 'POST',
        accept: 'application/json',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signWebhook(keys.value, { id, timestamp }, body),
        },
        body,
        timeoutMs: Math.max(1, Math.min(timeoutMs, limits.until - clock.monotonic())),
        maxBytes: MAX_ANSWER_BYTES,
        signal: limits.signal,
      });
      const read = answer.ok ? readAnswer(url, answer.value.status, answer.value.body) : err(answer.error);
      if (read.ok || !isPassing(answer.ok ? answer.value.status : null)) return read;
      const pause = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** attempt);
      if (limits.signal.aborted || clock.monotonic() + pause >= limits.until) {
        const times =
          attempt === 0 ? '' : ` (tried ${attempt + 1} times, the last within ${formatDuration(timeoutMs)})`;
        return err(`${read.error}${times}`);
      }
      await this.pause(pause, limits.signal);
    }
  }

  /** Resolves after the time, when it is aborted, or when `sooner` does. */
  pause(ms: DurationMs, signal: AbortSignal, sooner: Promise<void> | null = null): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#tools.clock.after(ms, end);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      sooner?.then(end, end);
      function end(): void {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      }
    });
  }
}

/** Worth another try: nobody answered, or not for good. */
function isPassing(status: number | null): boolean {
  return status === null || status === 408 || status === 429 || status >= 500;
}

/** 409 is an answer: it says how the system stands instead. */
function readAnswer(url: string, status: number, body: Uint8Array): Result<CallAnswer, string> {
  if (status === 204) return ok({ status, found: null });
  if (status !== 200 && status !== 202 && status !== 409) {
    const text = new TextDecoder().decode(body.subarray(0, 500)).trim();
    return err(`POST ${url} was answered with ${status}${text === '' ? '' : `: ${text}`}`);
  }
  const found = readWebhookStatus(body);
  return found.ok
    ? ok({ status, found: found.value })
    : err(`POST ${url} was answered with ${status}, and ${found.error}`);
}
