import type { DurationMs } from '../../../core/kernel/instant.ts';
import { fields } from '../fields.ts';
import { filePath, pattern } from '../scalars.ts';
import { serviceUrl, span, watchFor } from './serviceTelling.ts';
import { slotFormat } from './slotFormat.ts';

/** A system that rolls out by itself, and is told to by webhooks. */
export interface WebhookSlot {
  readonly kind: 'webhook';
  readonly url: string;
  /** Holds `whsec_…`; one a line, the first signs, all are believed. */
  readonly secretFile: string;
  /** Of one call. */
  readonly timeoutMs: DurationMs;
  /** Of one operation, with all its calls. */
  readonly withinMs: DurationMs;
  /** The longest between two questions whether an operation is over. */
  readonly pollEveryMs: DurationMs;
  /** Where the system may say that it is; `null`: it is asked. */
  readonly callback: { readonly host: string; readonly port: number; readonly url: string } | null;
  readonly watchForMs: DurationMs;
}

const LISTEN = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):([1-9]\d{0,4})$/;

const schema = fields('a mapping with url and secretFile, and timeout, within, poll and callback as needed', {
  url: serviceUrl.describe('where webhooks are sent'),
  secretFile: filePath.describe('a file with the secret that both sides share, as Standard Webhooks has it: whsec_…'),
  timeout: span.default(10_000).describe('how long one call may take; 10s if left out'),
  within: span.default(600_000).describe('how long the whole of an operation may take; 10m if left out'),
  poll: span.default(5_000).describe('how often, at the least, it is asked whether it is over; 5s if left out'),
  callback: fields('a mapping with listen and url', {
    listen: pattern('an address to listen on while an operation runs, such as 127.0.0.1:4710', LISTEN),
    url: serviceUrl.describe('the same as the system reaches it'),
  })
    .optional()
    .describe('where the system may say that an operation is over; left out: it is asked'),
  watchFor,
});

export const webhookSlot = slotFormat({
  schema,
  read: ({ url, secretFile, timeout, within, poll, callback, watchFor }): WebhookSlot => ({
    kind: 'webhook',
    url,
    secretFile,
    timeoutMs: timeout,
    withinMs: within,
    pollEveryMs: poll,
    callback: callback === undefined ? null : { ...toAddress(callback.listen), url: callback.url },
    watchForMs: watchFor,
  }),
  resolved: (slot, from) => ({ ...slot, secretFile: from.path(slot.secretFile) }),
  owns: ({ url }) => ({ url }),
  place: ({ url }) => url,
  // What still runs from before is waited for first.
  spans: ({ withinMs, timeoutMs }) => ({ applyMs: withinMs, verifyMs: timeoutMs, undoMs: withinMs, restarts: false }),
});

function toAddress(listen: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = LISTEN.exec(listen) ?? [];
  return { host: bracketed ?? plain ?? '', port: Number(port) };
}
