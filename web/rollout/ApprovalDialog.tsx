import { useConsole } from '../console.ts';
import { ReasonDialog } from './ReasonDialog.tsx';

interface ApprovalDialogProps {
  /** Id of a rollout, or the digest of a change that has not started. */
  readonly of: string;
  readonly name: string;
  readonly pipeline?: string;
  readonly word: 'approve' | 'reject';
  /** Why it would be refused, as far as that is known beforehand. */
  readonly refused?: readonly string[];
  readonly close: () => void;
}

/** Says yes or no to somebody else's change. */
export function ApprovalDialog({ of, name, pipeline, word, refused = [], close }: ApprovalDialogProps) {
  const { client, feed } = useConsole();
  const isRollout = !of.startsWith('sha256:');
  const say = async (reason: string) => {
    await client.send('POST', '/v1/approvals', {
      ...{ of, word },
      ...(isRollout || pipeline === undefined ? {} : { pipeline }),
      ...(reason === '' ? {} : { reason }),
    });
    feed.refresh('approvals');
    if (isRollout) await feed.openRollout(of);
  };
  return (
    <ReasonDialog
      title={word === 'approve' ? `Approve ${name}?` : `Reject ${name}?`}
      says={
        word === 'approve'
          ? 'It is on the record under your name.'
          : 'One rejection keeps the gate shut until it is taken back.'
      }
      confirm={word === 'approve' ? 'Approve' : 'Reject'}
      reasonNeeded={word === 'reject'}
      refused={refused}
      act={say}
      close={close}
    />
  );
}
