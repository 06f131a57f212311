import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { Actor } from '../parts/Actor.tsx';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { formatCount, formatSpan, plural, shortDigest } from '../words.ts';
import { useRolloutEvents } from './useRolloutEvents.ts';

/** What each stage has proven, scoped to change, role and stage; and the permits that were signed on it. */
export function EvidenceAndPermits({ view }: { readonly view: RolloutViewBody }) {
  const { evidence, revoked, plan, rehearsal } = view.rollout;
  const permits = useRolloutEvents(view).events.filter(({ type }) => type === 'PermitIssued');
  return (
    <Panel title="Evidence and permits">
      {evidence.length === 0 && <Empty says="No stage has proven anything yet." />}
      {rehearsal !== null && (
        <p>
          {rehearsal.provenAt === null ? (
            'Rehearsing the way back.'
          ) : (
            <>
              <Chip tone="good">way back proven</Chip> on {plural(rehearsal.targets, 'target')},{' '}
              <Time at={rehearsal.provenAt} />
            </>
          )}
        </p>
      )}
      <ul className="rows">
        {evidence.map(({ stage, at, verdicts, exposure, change, rehearsal: proof }) => {
          const taken = revoked.find((one) => plan[one.stage]?.name === stage);
          return (
            <li key={stage}>
              <p>
                {taken === undefined ? <Chip tone="good">proven</Chip> : <Chip tone="bad">revoked</Chip>}{' '}
                <strong>{stage}</strong>{' '}
                <span className="fine">
                  <Time at={at} /> · {shortDigest(change)}
                </span>
              </p>
              <p className="fine">
                {verdicts.map(({ check, role, outcome }) => `${check} on ${role}: ${outcome}`).join(' · ')}
                {Object.entries(exposure)
                  .filter(([, seen]) => seen > 0)
                  .map(([role, seen]) => ` · ${formatCount(seen)} seen by ${role}`)}
                {proof !== null && ` · back in ${formatSpan(proof.tookMs)} as rehearsed`}
              </p>
              {taken !== undefined && (
                <p className="bad-text">
                  taken back by <Actor of={taken.by} />: {taken.reason}
                </p>
              )}
            </li>
          );
        })}
      </ul>
      {permits.length > 0 && (
        <details>
          <summary>{plural(permits.length, 'permit')} signed</summary>
          <ul className="rows">
            {permits.map(({ position, at, data }) => (
              <li key={position} className="fine">
                <Time at={at} /> · {plan[Number(data.stage)]?.name ?? `stage ${Number(data.stage) + 1}`} ·{' '}
                {typeof data.role === 'string' ? data.role : ''} · #{position}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Panel>
  );
}
