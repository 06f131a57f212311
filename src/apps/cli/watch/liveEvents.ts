import { setTimeout as wait } from 'node:timers/promises';
import { followEvents } from '../../../wire/http/live.ts';
import { type EventBody, eventBody } from '../../../wire/http/log.ts';
import { type RolloutViewBody, rolloutView } from '../../../wire/http/rollout.ts';
import type { ApiClient } from '../apiClient.ts';
import { CliError } from '../cliError.ts';
import { EventStreamParser } from './eventStreamParser.ts';

/** What a server says while one listens, and how the connection to it fares. */
export type LiveEvent =
  | { readonly kind: 'event'; readonly event: EventBody }
  | { readonly kind: 'rollout'; readonly view: RolloutViewBody }
  /** Heard from the server, nothing new. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'connection'; readonly connected: boolean; readonly says: string };

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
/** The server says something at least this often, if only that it is there; else the connection is dead. */
const SILENCE_MS = 60_000;

/**
 * Everything on the log after a position, each event once and in order, and the rollouts as they move, until `signal`. A
 * connection that ends is made again from where it was, for ever; both are said. Ends with an error only when the server refuses.
 */
export async function* liveEvents(client: ApiClient, after: number, signal: AbortSignal): AsyncGenerator<LiveEvent> {
  let position = after;
  let waitMs = FIRST_WAIT_MS;
  let lost = false;
  while (!signal.aborted) {
    try {
      const body = await client.open(followEvents, {}, signal, { 'last-event-id': String(position) });
      if (lost)
        yield { kind: 'connection', connected: true, says: `connected again, going on after event ${position}` };
      lost = false;
      waitMs = FIRST_WAIT_MS;
      for await (const live of readStream(body)) {
        if (live.kind === 'event') {
          if (live.event.position <= position) continue;
          position = live.event.position;
        }
        yield live;
      }
      if (signal.aborted) return;
      throw new CliError('unreachable', 'the server ended the connection');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CliError) || !passes(error)) throw error;
      if (!lost) yield { kind: 'connection', connected: false, says: `${error.message}; trying again` };
      lost = true;
    }
    await wait(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }
}

/** Whether waiting may mend it: a server that is away or full, not one that says no. */
function passes(error: CliError): boolean {
  return (
    error.exit === 'unreachable' &&
    !['unauthenticated', 'forbidden', 'host-not-allowed', 'not-understood'].includes(error.details.code ?? '')
  );
}

async function* readStream(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventStreamParser();
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      if (done) return;
      const events = parser.feed(decoder.decode(value, { stream: true }));
      if (events.length === 0) yield { kind: 'alive' };
      for (const { event, data } of events) {
        if (event === 'appended') yield { kind: 'event', event: eventBody.parse(JSON.parse(data)) };
        if (event === 'rollout') yield { kind: 'rollout', view: rolloutView.parse(JSON.parse(data)) };
      }
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (error instanceof SyntaxError || (error as Error).name === 'ZodError') {
      throw new CliError('unreachable', 'the server sent an event this version does not understand', {
        code: 'not-understood',
      });
    }
    throw new CliError('unreachable', 'the connection to the server was cut');
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function withinSilence<T>(read: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new CliError('unreachable', `the server said nothing for ${SILENCE_MS / 1000} s`)),
    SILENCE_MS,
  );
  try {
    return await Promise.race([read, promise]);
  } finally {
    clearTimeout(timer);
  }
}
