import {
  getRollout,
  listRollouts as listRolloutsOperation,
  type RolloutSummaryBody,
} from '../../../../wire/http/rollout.ts';
import type { Exit } from '../../exitCodes.ts';
import { rolloutPane } from '../../present/rolloutPane.ts';
import type { Context, Run } from '../../tree/runner.ts';
import { withNearRollouts } from '../rollout/nearRollouts.ts';
import { type RolloutOptions, rolloutTable } from './rolloutTable.ts';
import { showList } from './showList.ts';

export const getRollouts: Run<RolloutOptions, [id?: string]> = async (context, options, id) => {
  return id === undefined ? list(context, options) : show(context, id, options.at);
};

export const listRollouts: Run<RolloutOptions, []> = list;

export const showRollout: Run<{ at?: string }, [id: string]> = async (context, { at }, id) => show(context, id, at);

async function list(context: Context, options: RolloutOptions): Promise<Exit> {
  const { limit, service, phase, at } = options;
  if (at !== undefined) return (await import('../past.ts')).listPast(context, options, at);
  const client = await context.client();
  const found = await client.list(listRolloutsOperation, { service, phase }, limit);
  const none = 'No rollout yet. "ringfence rollout start CHANGE" starts one.';
  return showList<RolloutSummaryBody>(context, found, { ...rolloutTable(context, Date.now(), 'NOW'), none });
}

async function show(context: Context, id: string, at: string | undefined): Promise<Exit> {
  if (at !== undefined) return (await import('../past.ts')).showPast(context, id, at);
  const client = await context.client();
  const view = await withNearRollouts(client, () => client.call(getRollout, { params: { id } }), id);
  const { glyphs, width } = context.output;
  context.output.document(view);
  context.output.lines(rolloutPane(view, { now: Date.now(), glyphs, width }));
  return 'done';
}
