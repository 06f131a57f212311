import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { PlanBody } from '../../src/wire/http/plan.ts';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole, useFacts } from '../console.ts';
import { Fault } from '../parts/Fault.tsx';
import { Key } from '../parts/Key.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Neighbours, Reach } from '../rollout/BlastRadius.tsx';
import { GateLine } from '../rollout/GateLine.tsx';
import { SayDialog } from '../rollout/SayDialog.tsx';
import { useKeys } from '../shell/keys.ts';
import { PLACES } from '../shell/places.ts';
import { formatCount, formatSpan, plural } from '../words.ts';
import { PlanCalendar } from './PlanCalendar.tsx';
import { PlanStages } from './PlanStages.tsx';
import { usePlan } from './usePlan.ts';

interface PlanOfChangeProps {
  readonly change: string;
  readonly pipeline: string | null;
}

/** A plan, and the start from it. What would be refused is said before anything is pressed. */
export function PlanOfChange({ change, pipeline }: PlanOfChangeProps) {
  const plan = usePlan(change, pipeline);
  if (plan === null) return <p className="waiting">Planning…</p>;
  if (plan instanceof ApiFault) return <Fault fault={plan} />;
  return (
    <>
      <Verdict plan={plan} />
      <PlanStages plan={plan} />
      <div className="columns">
        <div className="stack">
          <People plan={plan} />
          <Rules plan={plan} />
          <LeftOut plan={plan} />
        </div>
        <div className="stack">
          <Panel title="Blast radius" className="blast">
            <Reach says="in all its stages" reach={plan.blast} />
            <Neighbours says="hurt with it" of={plan.blast.dependents} />
            <Neighbours says="it leans on" of={plan.blast.dependencies} />
          </Panel>
          <PlanCalendar plan={plan} />
        </div>
      </div>
    </>
  );
}

function Verdict({ plan }: { readonly plan: PlanBody }) {
  const { client, feed } = useConsole();
  const [, go] = useLocation();
  const [asking, setAsking] = useState(false);
  const { change, pipeline, service, refusals, warnings, minimumMs, irreversible, fastTrack } = plan;
  useKeys([{ keys: 's', says: `Start ${change.name}`, group: 'This plan', action: () => setAsking(true) }]);
  const start = async () => {
    try {
      const view = await client.send<RolloutViewBody>('POST', '/v1/rollouts', { change: change.digest, pipeline });
      feed.stands(view);
      go(PLACES.rollout(view.rollout.id));
    } catch (error) {
      throw faultOf(error);
    }
  };
  return (
    <section
      className={`panel verdict ${refusals.length === 0 ? 'good' : 'wait'}`}
      data-plan={refusals.length === 0 ? 'may start' : 'refused'}
    >
      <h2>
        {change.name} <span className="fine">through {pipeline}</span>
      </h2>
      <p>
        {refusals.length === 0
          ? `It may start. It takes ${formatSpan(minimumMs)} at least`
          : 'It would be refused now, because'}
        {refusals.length === 0 && fastTrack && ', by the fast track: it goes to what is known to be good'}
        {refusals.length === 0 && '.'}
      </p>
      {refusals.length > 0 && (
        <ul className="reasons">
          {refusals.map(({ code, says, remedy }) => (
            <li key={`${code} ${says}`}>
              {says} <code>{code}</code>
              {remedy !== undefined && <span className="fine block">{remedy}</span>}
            </li>
          ))}
        </ul>
      )}
      {irreversible !== null && (
        <p className="reason bad">
          It cannot be undone: {irreversible.reason}. To restore: {irreversible.restore}
        </p>
      )}
      {warnings.map(({ code, says }) => (
        <p key={code + says} className="reason wait">
          {says}
        </p>
      ))}
      <div className="actions">
        <button
          type="button"
          className={refusals.length === 0 ? 'primary' : 'unlikely'}
          onClick={() => setAsking(true)}
        >
          Start <Key keys="s" />
        </button>
        <Link href={PLACES.change(change.digest)}>See what changes</Link>
        <Link href={PLACES.service(service)}>See {service}</Link>
      </div>
      {asking && (
        <SayDialog
          title={`Start ${change.name}?`}
          says={`${plan.stages[0]?.name ?? 'The first stage'} opens first, to ${plural(plan.stages[0]?.waves[0]?.targets ?? 0, 'target')}.`}
          confirm="Start"
          refused={refusals.map(({ says }) => says)}
          act={start}
          close={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function People({ plan: { gates } }: { readonly plan: PlanBody }) {
  return (
    <Panel title="Approvals">
      {gates.length === 0 ? (
        <p className="fine">Nobody is asked.</p>
      ) : (
        gates.map((gate) => <GateLine key={gate.before} gate={gate} />)
      )}
    </Panel>
  );
}

function Rules({ plan: { rules } }: { readonly plan: PlanBody }) {
  if (rules.length === 0) return null;
  const marks = { passes: '✓', refuses: '✕', error: '!' } as const;
  return (
    <Panel title="Rules">
      <ul className="rows">
        {rules.map(({ rule, stage, wave, outcome, says }) => (
          <li key={`${rule} ${stage}`} className={outcome === 'passes' ? '' : 'bad-text'}>
            <span aria-hidden="true">{marks[outcome]}</span> <strong>{rule}</strong> {outcome} in {stage}
            {outcome !== 'passes' && (
              <span className="fine">
                , wave {wave}: {says}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Whom the stages do not reach, or only at the very end. */
function LeftOut({ plan: { unstaged, unstagedCount, lateCohorts } }: { readonly plan: PlanBody }) {
  const pipelines = useFacts((facts) => facts.pipelines);
  if (unstagedCount === 0 && lateCohorts.length === 0) return null;
  return (
    <Panel
      title="Left out, or reached late"
      aside={pipelines.length === 0 ? undefined : <span className="fine">of the roles</span>}
    >
      {unstagedCount > 0 && (
        <p>
          {plural(unstagedCount, 'target')} in no stage: {unstaged.slice(0, 8).join(', ')}
          {unstagedCount > 8 && ` and ${formatCount(unstagedCount - 8)} more`}
        </p>
      )}
      <ul className="rows">
        {lateCohorts.map(({ label, value, targets, stage }) => (
          <li key={`${label}=${value}`}>
            {plural(targets, 'target')} with{' '}
            <code>
              {label}={value}
            </code>{' '}
            {stage === null ? 'are in no stage' : `are all in ${stage}, the last`}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
