import { getRollout, listRollouts } from '../../../../wire/http/rollout.ts';
import type { ApiClient } from '../../apiClient.ts';
import { CliError } from '../../cliError.ts';
import { hasEnded } from '../../present/rolloutState.ts';
import { names } from '../../present/words.ts';
import type { Run } from '../../tree/runner.ts';
import { watchRollout } from '../../watch/watchRollout.ts';
import { withNearRollouts } from './nearRollouts.ts';

export const watch: Run<{ timeout?: number }, [id?: string]> = async (context, { timeout }, named) => {
  const client = await context.client();
  const id = named ?? (await theOneThatRuns(client));
  const view = await withNearRollouts(client, () => client.call(getRollout, { params: { id } }), id);
  return watchRollout(context, client, view, timeout);
};

/** The only rollout that runs; where none does, the newest. */
async function theOneThatRuns(client: ApiClient): Promise<string> {
  const { items } = await client.list(listRollouts, {}, 200);
  const running = items.filter((each) => !hasEnded(each)).map(({ id }) => id);
  if (running.length > 1) {
    throw new CliError('usage', `rollout watch: ${running.length} rollouts run, and one is watched at a time`, {
      remedy: `Say which: ${names(running, running.length, 10)}.`,
    });
  }
  const id = running[0] ?? items[0]?.id;
  if (id !== undefined) return id;
  throw new CliError('refused', 'there is no rollout to watch yet', {
    remedy: 'Start one: ringfence rollout start CHANGE --watch',
  });
}
