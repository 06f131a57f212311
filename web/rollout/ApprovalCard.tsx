import { useState } from 'react';
import { Link } from 'wouter';
import type { ApprovalBody } from '../../src/wire/http/approval.ts';
import { Chip } from '../parts/Chip.tsx';
import { PLACES } from '../shell/places.ts';
import { ApprovalDialog } from './ApprovalDialog.tsx';
import { BreakGlass } from './BreakGlass.tsx';
import { GateLine } from './GateLine.tsx';

/** What people are asked about one change, and what they have said. */
export function ApprovalCard({ approval }: { readonly approval: ApprovalBody }) {
  const { change, service, author, rollout, gates, irreversible, breakGlass } = approval;
  const [word, setWord] = useState<'approve' | 'reject' | null>(null);
  return (
    <article className="panel card approval" data-approval={change.name}>
      <header>
        <h3>
          <Link href={rollout === null ? PLACES.plan(change.name, approval.pipeline) : PLACES.rollout(rollout)}>
            {change.name}
          </Link>
        </h3>
        <span className="fine">
          {service} · by {author}
        </span>
        <Chip tone="wait">{rollout === null ? 'not started' : rollout}</Chip>
      </header>
      {irreversible !== null && (
        <p className="reason bad">
          It cannot be undone: {irreversible.reason}. To restore: {irreversible.restore}
        </p>
      )}
      {gates.map((gate) => (
        <GateLine key={gate.before} gate={gate} />
      ))}
      {breakGlass !== null && breakGlass.confirmedBy === null && (
        <BreakGlass of={rollout ?? change.digest} pipeline={approval.pipeline} asked={breakGlass} />
      )}
      <div className="actions">
        <button type="button" className="primary" onClick={() => setWord('approve')}>
          Approve
        </button>
        <button type="button" onClick={() => setWord('reject')}>
          Reject
        </button>
        <Link href={PLACES.change(change.digest)}>See what changes</Link>
      </div>
      {word !== null && (
        <ApprovalDialog
          of={rollout ?? change.digest}
          name={change.name}
          pipeline={approval.pipeline}
          word={word}
          close={() => setWord(null)}
        />
      )}
    </article>
  );
}
