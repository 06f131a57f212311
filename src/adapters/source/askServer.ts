import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { MetricFault } from '../../core/analysis/metricFault.ts';
import { type DurationMs, formatDuration, type Instant } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Clock } from '../../engine/ports/clock.ts';

export interface Question {
  /** Who is asked, for sentences: `Prometheus`. */
  readonly who: string;
  /** Without anything secret in it. */
  readonly url: URL;
  /** Sent as a form by POST; left out: a GET. */
  readonly form?: URLSearchParams;
  readonly secret: string | null;
  readonly timeoutMs: DurationMs;
  /** A longer answer is none. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface ServerAnswer {
  readonly status: number;
  /** Its content type, without parameters. */
  readonly type: string;
  readonly text: string;
  /** The server's clock when it answered, in whole seconds; `null` when it does not say. */
  readonly date: Instant | null;
  /** Our clock, before and after. */
  readonly askedAt: Instant;
  readonly answeredAt: Instant;
}

/**
 * One question and the whole of its answer within the limits, or why there is none. Certificates are verified; redirects are not
 * followed, so that a secret goes nowhere but where it was meant for. The secret is in no sentence that comes back.
 */
export async function askServer(clock: Clock, question: Question): Promise<Result<ServerAnswer, MetricFault>> {
  const answer = await send(clock, question);
  if (!answer.ok) return answer;
  const { status } = answer.value;
  const { who, url, secret } = question;
  const where = `${who} at ${placeOf(url)}`;
  if (status >= 300 && status < 400) {
    const says = `${where} answers with a redirect (${status}), which is not followed: give the source the URL where it ends`;
    return err({ code: 'source-error', says });
  }
  if (status === 401 || status === 403) {
    const todo = secret === null ? 'give the source a secret' : 'see that the secret of the source is the right one';
    return err({ code: 'source-error', says: `${where} does not let this server in (${status}): ${todo}` });
  }
  return answer;
}

/** An address as it may be said: a URL without what might be secret in it. */
export function placeOf({ origin, pathname }: URL): string {
  return pathname === '/' ? origin : origin + pathname;
}

/** What somebody else wrote, fit for a sentence of ours: one line, not long, and without the secret that they may have repeated. */
export function quoted(text: string, secret: string | null): string {
  const open = secret === null ? text : text.replaceAll(secret, '(hidden)');
  const line = open.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** A token of RFC 6750 has no colon in it, so a secret with one is a user and a password. */
function authorizationOf(secret: string): string {
  return secret.includes(':') ? `Basic ${Buffer.from(secret).toString('base64')}` : `Bearer ${secret}`;
}

function send(clock: Clock, question: Question): Promise<Result<ServerAnswer, MetricFault>> {
  const { who, url, form, secret, timeoutMs, maxBytes, signal } = question;
  const where = `${who} at ${placeOf(url)}`;
  const askedAt = clock.now();
  return new Promise((resolve) => {
    const end = (outcome: Result<ServerAnswer, MetricFault>) => {
      cancelLimit();
      signal.removeEventListener('abort', aborted);
      outgoing.destroy();
      resolve(outcome);
    };
    const fail = (code: MetricFault['code'], says: string) => end(err({ code, says }));
    const aborted = () => fail('source-slow', `${where} was not waited for: this server ends`);
    const cancelLimit = clock.after(timeoutMs, () => {
      const todo = 'see how busy it is, make the query cheaper, or give the pipeline a longer window';
      fail('source-slow', `${where} has not answered within ${formatDuration(timeoutMs)}: ${todo}`);
    });
    const broken = (error: Error) => end(err(faultOf(where, error)));
    signal.addEventListener('abort', aborted, { once: true });

    const headers = {
      'user-agent': 'ringfence',
      accept: 'application/json',
      ...(secret === null ? {} : { authorization: authorizationOf(secret) }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const read = (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        const todo = 'ask for one series a target';
        if (size > maxBytes)
          fail('source-error', `${where} answers with more than ${maxBytes} bytes, which are not read: ${todo}`);
      });
      answer.on('error', broken);
      answer.on('end', () => {
        const type = /^[^;\s]*/.exec(answer.headers['content-type'] ?? '')?.[0] ?? '';
        const date = Date.parse(answer.headers.date ?? '');
        const text = Buffer.concat(chunks).toString('utf8');
        const status = answer.statusCode ?? 0;
        end(ok({ status, type, text, date: Number.isNaN(date) ? null : date, askedAt, answeredAt: clock.now() }));
      });
    };
    const options = { method: form === undefined ? 'GET' : 'POST', headers, agent: false };
    const outgoing = (url.protocol === 'https:' ? requestTls : requestPlain)(url, options, read);
    outgoing.on('error', broken);
    outgoing.end(form?.toString());
    if (signal.aborted) aborted();
  });
}

/** OpenSSL's words for a certificate that is not to be trusted. */
const NOT_TRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ALTNAME/;

function faultOf(where: string, error: Error): MetricFault {
  // A name with several addresses fails with all their errors at once; one says enough.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code = '', message } = first as NodeJS.ErrnoException;
  if (NOT_TRUSTED.test(code)) {
    const todo = 'give it a certificate that this machine trusts, or start this server with NODE_EXTRA_CA_CERTS';
    return {
      code: 'source-error',
      says: `${where} has a certificate that is not trusted (${quoted(message.split(';', 1)[0] ?? '', null)}): ${todo}`,
    };
  }
  if (code.startsWith('HPE_') || code === 'EPROTO') {
    const todo = 'see that the URL is the right one, http or https included';
    return { code: 'source-error', says: `${where} does not answer as a web server does (${code}): ${todo}` };
  }
  const todo = 'see that it runs and can be reached from this machine';
  return { code: 'source-down', says: `${where} cannot be reached (${quoted(message, null)}): ${todo}` };
}
