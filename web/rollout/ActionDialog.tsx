import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import type { ApiClient } from '../api/apiClient.ts';
import { useConsole } from '../console.ts';
import { ReasonDialog } from './ReasonDialog.tsx';
import type { RolloutAction } from './rolloutActions.ts';
import { SayDialog } from './SayDialog.tsx';

interface ActionDialogProps {
  readonly action: RolloutAction;
  readonly view: RolloutViewBody;
  readonly refused: readonly string[];
  readonly close: () => void;
}

/** One confirmation: what will come of it, why it would be refused, and the reason for the record. */
export function ActionDialog({ action, view, refused, close }: ActionDialogProps) {
  const { client, feed } = useConsole();
  const { id } = view.rollout;
  const act = async (reason: string) => {
    const answer = await carryOut(client, action, id, reason);
    if (answer !== null) feed.stands(answer);
    feed.refresh('halt', 'approvals');
  };
  const title = action.deed === 'halt' ? 'Halt the line?' : `${action.says} ${id}?`;
  const common = { title, says: action.foretell(view), confirm: action.says, refused, close };
  const tone = action.look === 'danger' || action.look === 'grave' ? 'bad' : 'plain';
  if (action.reason === null) return <SayDialog {...common} tone={tone} act={() => act('')} />;
  return (
    <ReasonDialog
      {...common}
      tone={tone}
      reasonNeeded={action.reason.isNeeded}
      reason={action.reason.first}
      act={act}
    />
  );
}

/** How the rollout stands after it; `null` where the answer does not say. */
async function carryOut(
  client: ApiClient,
  { deed }: RolloutAction,
  id: string,
  reason: string,
): Promise<RolloutViewBody | null> {
  const path = `/v1/rollouts/${encodeURIComponent(id)}`;
  switch (deed) {
    case 'rollback':
    case 'pause':
      return await client.send('POST', `${path}/${deed}`, { reason });
    case 'resume':
    case 'promote':
      return await client.send('POST', `${path}/${deed}`);
    case 'approve':
    case 'reject':
      await client.send('POST', '/v1/approvals', { of: id, word: deed, ...(reason === '' ? {} : { reason }) });
      return null;
    case 'halt':
      await client.send('PUT', '/v1/halt', { reason });
      return null;
    case 'lift':
      await client.send('DELETE', '/v1/halt');
      return null;
  }
}
