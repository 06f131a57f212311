import type { Content } from '../../core/agent/slot.ts';
import { formatDuration } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Host } from '../../engine/ports/host.ts';
import type { AgentVerify } from '../../wire/manifest/agent.ts';

const MAX_BYTES = 1024 * 1024;
const REQUEST_MS = 2000;
/** Between two questions. */
const PAUSE_MS = 100;

export interface ServiceQuestion {
  readonly expected: Content;
  /** What it must not say where there is no file to expect. */
  readonly leaving: Content | null;
  readonly signal: AbortSignal;
}

/**
 * Asks the running service which bytes it holds until it gives the right answer, for as long as it may take. The error is what
 * it said last.
 */
export async function heldByService(
  { url, sha256Field, withinMs }: AgentVerify,
  { host, clock }: { readonly host: Host; readonly clock: Clock },
  { expected, leaving, signal }: ServiceQuestion,
): Promise<Result<void, string>> {
  const deadline = clock.monotonic() + withinMs;
  for (;;) {
    const restMs = Math.max(1, deadline - clock.monotonic());
    const timeoutMs = Math.min(REQUEST_MS, restMs);
    const answer = await host.request({
      url,
      method: 'GET',
      accept: 'application/json',
      timeoutMs,
      maxBytes: MAX_BYTES,
      signal,
    });
    const says = answer.ok ? judge(answer.value.status, answer.value.body) : answer.error;
    if (says === null) return ok(undefined);
    if (signal.aborted || clock.monotonic() + PAUSE_MS >= deadline) {
      return err(`the service does not show it within ${formatDuration(withinMs)}: ${says}`);
    }
    await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
  }

  function judge(status: number, body: Uint8Array): string | null {
    if (status !== 200) return `GET ${url} was answered with ${status}, expected 200`;
    const found = memberOf(body, sha256Field);
    if (!found.ok) return `GET ${url}: ${found.error}`;
    const held = found.value;
    if (expected === 'absent' ? held === null || held !== leaving : held === expected) return null;
    return `GET ${url}: ${sha256Field} is ${held ?? 'missing'}, expected ${expected === 'absent' ? `anything but ${leaving}` : expected}`;
  }
}

/** The digest in the answer, `null` when the service says it holds none. */
function memberOf(body: Uint8Array, path: string): Result<Content | null, string> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return err('the answer is not JSON');
  }
  for (const step of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return ok(null);
    value = (value as Record<string, unknown>)[step];
  }
  if (value === null || value === '') return ok(null);
  const hex = typeof value === 'string' ? /^(?:sha256:)?([0-9a-f]{64})$/.exec(value.toLowerCase())?.[1] : undefined;
  if (hex === undefined) return err(`${path} is not a SHA-256 in hexadecimal`);
  return ok(`sha256:${hex}` as const);
}
