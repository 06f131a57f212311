import { useFacts } from '../console.ts';
import { ApprovalCard } from '../rollout/ApprovalCard.tsx';

/** Whatever the reader is asked. Nothing, when there is nothing. */
export function WaitingForMe() {
  const approvals = useFacts((facts) => facts.approvals);
  const mine = approvals.filter(({ waitsForYou }) => waitsForYou);
  if (mine.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="for-you">
      <h2 id="for-you">Waiting for you</h2>
      {mine.map((approval) => (
        <ApprovalCard key={`${approval.change.digest} ${approval.pipeline} ${approval.rollout}`} approval={approval} />
      ))}
    </section>
  );
}
