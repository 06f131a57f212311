import { createHash } from 'node:crypto';
import type { FailureCode } from '../../core/agent/failureCode.ts';
import type { Content } from '../../core/agent/slot.ts';
import { formatDuration } from '../../core/kernel/instant.ts';
import { type Driver, DriverError, type Reading, type Revision } from '../../engine/ports/driver.ts';
import type { WebhookSlot } from '../../wire/manifest/slot/webhookSlot.ts';
import type { WebhookMessage, WebhookStatus } from '../../wire/webhook/webhookMessages.ts';
import type { DriverTools } from './driverTools.ts';
import { contentOf } from './slotFile.ts';
import { type CallLimits, WebhookCalls } from './webhookCalls.ts';
import { openWebhookDoor, type WebhookDoor } from './webhookDoor.ts';

const FIRST_POLL_MS = 50;

/**
 * A system that rolls out by itself: a CI job, Terraform, Ansible. It is asked how it stands and told what to hold, and keeps one thing:
 * the newest operation that it took. Each operation names the one it follows, and its id comes from that one, so that an agent that was
 * killed and starts anew sends the same id again, and what comes late is not taken.
 */
export const webhookDriver = (spec: WebhookSlot, tools: DriverTools): Driver => {
  const { clock } = tools;
  const calls = new WebhookCalls(spec, tools);
  /** Of the last two revisions that were here: read back, they need not be sent back. */
  const known = new Map<Content, Uint8Array>();

  async function read(signal: AbortSignal): Promise<Reading> {
    const limits = { until: clock.monotonic() + spec.timeoutMs, signal };
    const { revision } = await status(limits, 'prepare-failed', false);
    if (revision === null) return { content: 'absent', bytes: null, attributes: {} };
    const bytes = known.get(revision) ?? (await contentOfRevision(revision, limits));
    return { content: revision, bytes, attributes: {} };
  }

  /** What it held before this agent came is asked for once: without it there would be no way back (law 5). */
  async function contentOfRevision(revision: Content, limits: CallLimits): Promise<Uint8Array> {
    const { content } = await status(limits, 'prepare-failed', false, { wantsContent: true });
    if (content === null || contentOf(content) !== revision)
      throw failed('prepare-failed', `the system at ${spec.url} does not give back the bytes of ${revision}`, false);
    remember(revision, content);
    return content;
  }

  /** The system may say what it would do, and that it would not. */
  async function prepare(next: Revision, back: Revision, signal: AbortSignal): Promise<void> {
    for (const each of [back, next]) if (each.bytes !== null) remember(each.content, each.bytes);
    const limits = { until: clock.monotonic() + spec.timeoutMs, signal };
    const answer = await calls.send({ verb: 'check', data: sent(next) }, limits);
    if (!answer.ok) throw failed('prepare-failed', answer.error, false);
  }

  async function apply(next: Revision, expected: Content, signal: AbortSignal): Promise<void> {
    const limits = { until: clock.monotonic() + spec.withinMs, signal };
    const found = await settled(limits, 'apply-failed', null);
    const held = found.revision ?? 'absent';
    if (held === next.content && found.operation?.state !== 'failed') return;
    if (held !== expected && held !== next.content)
      throw failed(
        'drifted',
        `${spec.url} holds ${held}, not ${expected} as it should: somebody else changed it`,
        false,
      );
    await operate('apply', next, found, limits, 'apply-failed');
  }

  async function verify({ content }: Revision, signal: AbortSignal): Promise<string> {
    const limits = { until: clock.monotonic() + spec.timeoutMs, signal };
    const { revision, operation } = await status(limits, 'verify-failed', true);
    const held = revision ?? 'absent';
    if (operation !== null && operation.state !== 'done')
      throw failed('verify-failed', `its newest operation is ${operation.state}${said(operation.says)}`, true);
    if (held !== content) throw failed('verify-failed', `${spec.url} holds ${held}, expected ${content}`, true);
    return 'webhook';
  }

  /** Always sent, also where all seems well: an apply that is still on its way follows an older operation then, and is not taken. */
  async function undo(back: Revision, _leaving: Content | null, signal: AbortSignal): Promise<string> {
    const limits = { until: clock.monotonic() + spec.withinMs, signal };
    const found = await settled(limits, 'revert-failed', null);
    await operate('undo', back, found, limits, 'revert-failed');
    return verify(back, signal).catch((error: unknown) => {
      throw error instanceof DriverError ? failed('revert-failed', error.message, true) : error;
    });
  }

  /** Has one operation taken and waits until it is over. */
  async function operate(
    verb: 'apply' | 'undo',
    to: Revision,
    before: WebhookStatus,
    limits: CallLimits,
    code: FailureCode,
  ): Promise<void> {
    await using door = await openDoor();
    const callback = door === null || spec.callback === null ? {} : { callback: spec.callback.url };
    let found = before;
    for (;;) {
      const follows = found.operation?.id ?? null;
      const id = idOf(follows, verb, to.content);
      const answer = await calls.send({ verb, id, data: { ...sent(to), ...callback, follows } }, limits);
      if (!answer.ok) throw failed(code, answer.error, true);
      found = answer.value.found ?? (await status(limits, code, true));
      if (found.operation?.state === 'running') found = await settled(limits, code, door);
      if (found.operation?.id === id) break;
      // Another one was taken meanwhile: it is followed instead.
      if (answer.value.status !== 409)
        throw failed(
          code,
          `${spec.url} took operation ${id}, and says that ${found.operation?.id ?? 'none'} is its newest`,
          true,
        );
      if (limits.signal.aborted || clock.monotonic() >= limits.until)
        throw failed(
          code,
          `${spec.url} does not take operation ${id}: other operations come before it again and again`,
          true,
        );
    }
    if (found.operation.state === 'failed')
      throw failed(code, `${spec.url} could not${said(found.operation.says)}`, true);
    const held = found.revision ?? 'absent';
    if (held !== to.content) throw failed(code, `${spec.url} says that it is done, and holds ${held}`, true);
  }

  /** How it stands once no operation runs. */
  async function settled(limits: CallLimits, code: FailureCode, door: WebhookDoor | null): Promise<WebhookStatus> {
    for (let pause = FIRST_POLL_MS; ; pause = Math.min(spec.pollEveryMs, pause * 2)) {
      const called = door?.called() ?? null;
      const found = await status(limits, code, true);
      if (found.operation?.state !== 'running') return found;
      if (limits.signal.aborted || clock.monotonic() + pause >= limits.until)
        throw failed(
          code,
          `operation ${found.operation.id} is not over within ${formatDuration(spec.withinMs)}${said(found.operation.says)}`,
          true,
        );
      await calls.pause(pause, limits.signal, called);
    }
  }

  async function status(
    limits: CallLimits,
    code: FailureCode,
    touched: boolean,
    data: Partial<WebhookMessage['data']> = {},
  ): Promise<WebhookStatus> {
    const answer = await calls.send({ verb: 'status', data }, limits);
    if (!answer.ok) throw failed(code, answer.error, touched);
    if (answer.value.found === null) throw failed(code, `${spec.url} does not say how it stands`, touched);
    return answer.value.found;
  }

  async function openDoor(): Promise<WebhookDoor | null> {
    const keys = spec.callback === null ? null : await calls.keys();
    if (spec.callback === null || keys?.ok !== true) return null;
    return openWebhookDoor(spec.callback, keys.value, () => clock.now());
  }

  function remember(content: Content, bytes: Uint8Array): void {
    known.delete(content);
    known.set(content, bytes);
    const [oldest] = known.keys();
    if (known.size > 2 && oldest !== undefined) known.delete(oldest);
  }

  return { read, prepare, apply, verify, undo, tidy: async () => {} };
};

/** The same for the same operation after the same one, whoever asks and how often. */
function idOf(follows: string | null, verb: string, content: Content): string {
  return `op_${createHash('sha256').update(`${follows}\n${verb}\n${content}`).digest('hex').slice(0, 32)}`;
}

function sent({ content, bytes }: Revision): Partial<WebhookMessage['data']> {
  if (content === 'absent' || bytes === null) return { revision: null };
  try {
    return { revision: content, content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { revision: content, base64: Buffer.from(bytes).toString('base64') };
  }
}

function failed(code: FailureCode, says: string, touched: boolean): DriverError {
  return new DriverError(code, says, touched);
}

function said(says: string): string {
  return says === '' ? '' : `: ${says}`;
}
