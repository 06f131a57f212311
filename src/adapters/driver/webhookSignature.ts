import { createHmac, timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from '../../core/kernel/result.ts';

/* Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`. */

const TOLERANCE_S = 300;
/** The specification asks for 24 to 64 bytes. */
const KEY_BYTES = { least: 24, most: 64 };

/** Keys that both sides know, the newest first. Never shown. */
export type WebhookKeys = readonly Uint8Array[];

export interface WebhookHeaders {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** Reads `whsec_…`, one a line. The error says nothing of what is there. */
export function readWebhookKeys(text: string): Result<WebhookKeys, string> {
  const lines = text.split('\n').map((line) => line.trim());
  const written = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const expected = `expected whsec_ and ${KEY_BYTES.least} to ${KEY_BYTES.most} bytes in base64 on each line`;
  if (written.length === 0) return err(`it holds no secret: ${expected}`);
  const keys = written.map((line) => Buffer.from(line.replace(/^whsec_/, ''), 'base64'));
  const isGood = (key: Uint8Array, index: number) =>
    /^whsec_[A-Za-z0-9+/]+=*$/.test(written[index] ?? '') &&
    key.length >= KEY_BYTES.least &&
    key.length <= KEY_BYTES.most;
  return keys.every(isGood) ? ok(keys) : err(`it holds something else than a secret: ${expected}`);
}

/** What goes into `webhook-signature`: one by each key, so that secrets can be changed one side after the other. */
export function signWebhook(keys: WebhookKeys, headers: WebhookHeaders, body: Uint8Array): string {
  return keys.map((key) => `v1,${macOf(key, headers, body).toString('base64')}`).join(' ');
}

/** Whether one of our keys signed this, not long before or after `nowMs`. Constant time in the signature. */
export function isSigned(
  keys: WebhookKeys,
  headers: WebhookHeaders,
  signature: string,
  body: Uint8Array,
  nowMs: number,
): boolean {
  if (!(Math.abs(nowMs / 1000 - headers.timestamp) <= TOLERANCE_S)) return false;
  const given = signature
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => Buffer.from(each.slice(3), 'base64'));
  return keys.some((key) => {
    const right = macOf(key, headers, body);
    return given.some((mac) => mac.length === right.length && timingSafeEqual(mac, right));
  });
}

function macOf(key: Uint8Array, { id, timestamp }: WebhookHeaders, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
