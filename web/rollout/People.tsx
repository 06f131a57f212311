import { useFacts } from '../console.ts';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { GateLine } from './GateLine.tsx';

/** Whom it waits for, and who said what. Nothing, where nobody is asked. */
export function People({ id }: { readonly id: string }) {
  const approval = useFacts(({ approvals }) => approvals.find(({ rollout }) => rollout === id));
  if (approval === undefined || (approval.gates.length === 0 && approval.breakGlass === null)) return null;
  const { gates, breakGlass } = approval;
  return (
    <Panel title="People" className="people">
      {gates.map((gate) => (
        <GateLine key={gate.before} gate={gate} />
      ))}
      {breakGlass !== null && (
        <p className="reason bad">
          Break-glass, asked by {breakGlass.askedBy}: {breakGlass.reason}.{' '}
          {breakGlass.confirmedBy === null
            ? 'Nobody has confirmed it: it opens nothing.'
            : `Confirmed by ${breakGlass.confirmedBy}.`}{' '}
          Until <Time at={breakGlass.expires} />.
        </p>
      )}
    </Panel>
  );
}
