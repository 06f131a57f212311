import {
  getRollout,
  listRollouts as listRolloutsOperation,
  type RolloutSummaryBody,
} from '../../../../wire/http/rollout.ts';
import type { Exit } from '../../exitCodes.ts';
import { rolloutPane } from '../../present/rolloutPane.ts';
import { rolloutState } from '../../present/rolloutState.ts';
import { ago, changeName } from '../../present/words.ts';
import type { Context, Run } from '../../tree/runner.ts';
import { withNearRollouts } from '../rollout/nearRollouts.ts';
import { showList } from './showList.ts';

interface RolloutOptions {
  readonly limit: number;
  readonly service?: string;
  readonly phase?: string;
}

export const getRollouts: Run<RolloutOptions, [id?: string]> = async (context, options, id) => {
  return id === undefined ? list(context, options) : show(context, id);
};

export const listRollouts: Run<RolloutOptions, []> = list;

export const showRollout: Run<object, [id: string]> = async (context, _options, id) => show(context, id);

async function list(context: Context, { limit, service, phase }: RolloutOptions): Promise<Exit> {
  const client = await context.client();
  const now = Date.now();
  return showList<RolloutSummaryBody>(context, await client.list(listRolloutsOperation, { service, phase }, limit), {
    columns: [
      { title: 'ID' },
      { title: 'STATE' },
      { title: 'STAGE', shrinkTo: 6 },
      { title: 'CHANGE', shrinkTo: 12 },
      { title: 'STARTED' },
      { title: 'NOW', shrinkTo: 10 },
    ],
    row: (rollout) => {
      const { word, tone, glyph } = rolloutState(rollout);
      return [
        rollout.id,
        { text: `${context.output.glyphs[glyph]} ${word}`, tone },
        rollout.stage,
        changeName(rollout.change),
        ago(rollout.startedAt, now),
        rollout.says,
      ];
    },
    none: 'No rollout yet. "ringfence rollout start CHANGE" starts one.',
  });
}

async function show(context: Context, id: string): Promise<Exit> {
  const client = await context.client();
  const view = await withNearRollouts(client, () => client.call(getRollout, { params: { id } }), id);
  const { glyphs, width } = context.output;
  context.output.document(view);
  context.output.lines(rolloutPane(view, { now: Date.now(), glyphs, width }));
  return 'done';
}
