import { startRollout } from '../../../../wire/http/rollout.ts';
import { changeName } from '../../present/words.ts';
import { segment } from '../../terminal/styledLine.ts';
import type { Run } from '../../tree/runner.ts';
import { watchRollout } from '../../watch/watchRollout.ts';

interface StartOptions {
  readonly pipeline?: string;
  readonly watch?: true;
  readonly timeout?: number;
}

export const start: Run<StartOptions, [change: string]> = async (context, { pipeline, watch, timeout }, change) => {
  const client = await context.client();
  const view = await client.call(startRollout, { body: pipeline === undefined ? { change } : { change, pipeline } });
  if (watch) return watchRollout(context, client, view, timeout);
  const { rollout } = view;
  const { output } = context;
  output.document(view);
  output.lines([
    [
      segment('started ', 'good'),
      segment(rollout.id, 'strong'),
      segment(`: ${changeName(rollout.change)} through pipeline ${rollout.pipeline.name}`),
    ],
  ]);
  if (output.interactive) output.lines([[segment(`Watch it: ringfence rollout watch ${rollout.id}`, 'faint')]]);
  return 'done';
};
