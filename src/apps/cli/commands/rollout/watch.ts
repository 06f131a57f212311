import { getRollout } from '../../../../wire/http/rollout.ts';
import type { Run } from '../../tree/runner.ts';
import { watchRollout } from '../../watch/watchRollout.ts';
import { withNearRollouts } from './nearRollouts.ts';

export const watch: Run<{ timeout?: number }, [id: string]> = async (context, { timeout }, id) => {
  const client = await context.client();
  const view = await withNearRollouts(client, () => client.call(getRollout, { params: { id } }), id);
  return watchRollout(context, client, view, timeout);
};
