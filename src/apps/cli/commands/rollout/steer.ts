import {
  pauseRollout,
  promoteRollout,
  type RolloutViewBody,
  resumeRollout,
  revokeEvidence as revokeEvidenceOperation,
  rollbackRollout,
} from '../../../../wire/http/rollout.ts';
import type { ApiClient } from '../../apiClient.ts';
import type { Exit } from '../../exitCodes.ts';
import { rolloutPane } from '../../present/rolloutPane.ts';
import type { Context, Run } from '../../tree/runner.ts';
import { watchRollout } from '../../watch/watchRollout.ts';
import { withNearRollouts } from './nearRollouts.ts';

interface Reason {
  readonly reason: string;
}

export const pause: Run<Reason, [id: string]> = (context, { reason }, id) =>
  steer(context, id, (client) => client.call(pauseRollout, { params: { id }, body: { reason } }));

export const resume: Run<object, [id: string]> = (context, _options, id) =>
  steer(context, id, (client) => client.call(resumeRollout, { params: { id } }));

export const revokeEvidence: Run<Reason & { stage: string }, [id: string]> = (context, { stage, reason }, id) =>
  steer(context, id, (client) => client.call(revokeEvidenceOperation, { params: { id }, body: { stage, reason } }));

export const promote: Run<object, [id: string]> = (context, _options, id) =>
  steer(context, id, (client) => client.call(promoteRollout, { params: { id } }));

export const rollback: Run<Reason & { watch?: true; timeout?: number }, [id: string]> = async (
  context,
  options,
  id,
) => {
  const command = (client: ApiClient) =>
    client.call(rollbackRollout, { params: { id }, body: { reason: options.reason } });
  if (!options.watch) return steer(context, id, command);
  const client = await context.client();
  const view = await withNearRollouts(client, () => command(client), id);
  return watchRollout(context, client, view, options.timeout);
};

async function steer(
  context: Context,
  id: string,
  command: (client: ApiClient) => Promise<RolloutViewBody>,
): Promise<Exit> {
  const client = await context.client();
  const view = await withNearRollouts(client, () => command(client), id);
  const { glyphs, width } = context.output;
  context.output.document(view);
  context.output.lines(rolloutPane(view, { now: Date.now(), glyphs, width }));
  return 'done';
}
