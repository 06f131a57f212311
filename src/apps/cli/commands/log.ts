import { type EventBody, readLog } from '../../../wire/http/log.ts';
import type { ApiClient } from '../apiClient.ts';
import type { Exit } from '../exitCodes.ts';
import { plainEvent, StageNames } from '../present/eventLine.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Context, Run } from '../tree/runner.ts';
import { liveEvents } from '../watch/liveEvents.ts';
import { untilInterrupted } from '../watch/untilInterrupted.ts';

interface LogOptions {
  readonly after?: number;
  readonly follow?: true;
}

/** What is shown when nothing else is asked for. */
const LAST = 50;

export const log: Run<LogOptions, []> = async (context, { after, follow }) => {
  const client = await context.client();
  const show = shower(context);
  const { head } = await client.call(readLog, { query: { limit: 1 } });
  let position = after ?? Math.max(0, head - LAST);
  if (after === undefined && position > 0 && !follow)
    context.output.notice(`the last ${LAST} of ${head} events; --after 0 shows all`);
  for await (const event of pages(client, position)) {
    show(event);
    position = event.position;
  }
  return follow ? await followLog(context, client, position, show) : 'done';
};

/** Everything on the log after a position, as far as it goes now. */
export async function* pages(client: ApiClient, after: number): AsyncGenerator<EventBody> {
  let position = after;
  for (;;) {
    const { items, head } = await client.call(readLog, { query: { after: position, limit: 1000 } });
    yield* items;
    const last = items.at(-1);
    if (last === undefined || last.position >= head) return;
    position = last.position;
  }
}

async function followLog(
  { output }: Context,
  client: ApiClient,
  after: number,
  show: (event: EventBody) => void,
): Promise<Exit> {
  using interruption = untilInterrupted();
  for await (const live of liveEvents(client, after, interruption.signal)) {
    if (live.kind === 'event') show(live.event);
    if (live.kind === 'connection') output.notice(live.says);
  }
  return 'interrupted';
}

function shower({ output }: Context): (event: EventBody) => void {
  const stages = new StageNames();
  return (event) => {
    stages.learn(event);
    output.jsonLine(event);
    output.lines([[segment(`${String(event.position).padStart(6)}  `, 'faint'), ...plainEvent(event, stages.name)]]);
  };
}
