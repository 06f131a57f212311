import type { ApiUnderTest } from './apiUnderTest.ts';

export interface StreamEvent {
  readonly id: number | null;
  readonly event: string;
  readonly data: unknown;
}

export interface FollowedStream {
  readonly response: Response;
  /** Everything that came so far. */
  readonly events: readonly StreamEvent[];
  /** Comments that came so far. */
  readonly comments: readonly string[];
  /** Whether the server has ended the stream. */
  ended(): boolean;
  leave(): Promise<void>;
}

/** Follows live events over a connection of its own, as a browser does. */
export async function followStream(
  api: ApiUnderTest,
  { query = '', lastEventId, token = api.tokens.viewer }: { query?: string; lastEventId?: number; token?: string } = {},
): Promise<FollowedStream> {
  const leaving = new AbortController();
  const response = await fetch(`${api.origin}/v1/events${query}`, {
    signal: leaving.signal,
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
    },
  });
  const events: StreamEvent[] = [];
  const comments: string[] = [];
  let over = false;
  const reading = read(response, events, comments).then(() => {
    over = true;
  });
  return {
    response,
    events,
    comments,
    ended: () => over,
    async leave() {
      leaving.abort();
      await reading;
    },
  };
}

async function read(response: Response, events: StreamEvent[], comments: string[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const part of response.body ?? []) {
      const blocks = (rest + decoder.decode(part, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) take(block, events, comments);
    }
  } catch {
    // Cut off, by either side.
  }
}

function take(block: string, events: StreamEvent[], comments: string[]): void {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const comment = fields.get('');
  if (comment !== undefined) comments.push(comment);
  const event = fields.get('event');
  if (event === undefined) return;
  const id = fields.get('id');
  events.push({ id: id === undefined ? null : Number(id), event, data: JSON.parse(fields.get('data') ?? 'null') });
}
