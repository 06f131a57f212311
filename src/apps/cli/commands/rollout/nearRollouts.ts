import { nearest } from '../../../../core/kernel/nearest.ts';
import { listRollouts } from '../../../../wire/http/rollout.ts';
import type { ApiClient } from '../../apiClient.ts';
import { CliError } from '../../cliError.ts';

/** Where the server knows no such rollout, says which was probably meant, or which there are. */
export async function withNearRollouts<T>(client: ApiClient, ask: () => Promise<T>, id: string): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'unknown-rollout') throw error;
    const { items } = await client.list(listRollouts, {}, 100);
    const ids = items.map((each) => each.id);
    const near = nearest(id, ids);
    const remedy =
      near !== null
        ? `Did you mean ${near}?`
        : ids.length === 0
          ? 'There is no rollout yet: "ringfence rollout start CHANGE" starts one.'
          : `The newest are: ${ids.slice(0, 5).join(', ')}.`;
    throw new CliError(error.exit, error.message, { ...error.details, remedy });
  }
}
