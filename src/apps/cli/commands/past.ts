import { parseDuration } from '../../../core/kernel/instant.ts';
import { getPastRollout, listPastRollouts, MOMENT_EXPECTED, readMoment } from '../../../wire/http/past.ts';
import type { RolloutSummaryBody } from '../../../wire/http/rollout.ts';
import { CliError } from '../cliError.ts';
import type { Exit } from '../exitCodes.ts';
import { pastPane } from '../present/pastPane.ts';
import type { Context } from '../tree/runner.ts';
import { type RolloutOptions, rolloutTable } from './get/rolloutTable.ts';
import { showList } from './get/showList.ts';

/** How a rollout stood at a moment. */
export async function showPast({ client: connect, output }: Context, id: string, at: string): Promise<Exit> {
  const client = await connect();
  const view = await client.call(getPastRollout, { params: { id }, query: { at: momentOf(at) } });
  output.document(view);
  output.lines(pastPane(view, { now: Date.now(), glyphs: output.glyphs, width: output.width }));
  return 'done';
}

/** The rollouts that there were at a moment, as they stood then. */
export async function listPast(context: Context, options: RolloutOptions, at: string): Promise<Exit> {
  const client = await context.client();
  const { limit, service, phase } = options;
  const found = await client.list(listPastRollouts, { service, phase, at: momentOf(at) }, limit);
  const none = 'There was no rollout then.';
  return showList<RolloutSummaryBody>(context, found, { ...rolloutTable(context, Date.now(), 'THEN'), none });
}

/** `10m ago` is a moment by this machine's clock; everything else goes to the server as it is, if it can be one. */
function momentOf(text: string): string {
  const [, span] = /^(\S+) ago$/.exec(text.trim()) ?? [];
  const ms = span === undefined ? null : parseDuration(span);
  if (ms !== null) return new Date(Date.now() - ms).toISOString();
  if (readMoment(text) !== null) return text;
  throw new CliError('usage', `--at: "${text}" is no moment`, { remedy: `Expected ${MOMENT_EXPECTED}, or "10m ago".` });
}
