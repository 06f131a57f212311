import type { PlanBody } from '../../src/wire/http/plan.ts';
import { Panel } from '../parts/Panel.tsx';
import { formatCount, formatSpan, percent, plural } from '../words.ts';

type Stage = PlanBody['stages'][number];

/** Each stage with its waves, what it must gather, and how far the change reaches by then. */
export function PlanStages({ plan }: { readonly plan: PlanBody }) {
  return (
    <Panel title="Stages and waves" aside={<span className="fine">{formatSpan(plan.minimumMs)} at least</span>}>
      <div className="table-scroll">
        <table className="plan-stages">
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">Waves</th>
              <th scope="col">Bakes</th>
              <th scope="col">Reached by then</th>
            </tr>
          </thead>
          <tbody>
            {plan.stages.map((stage) => (
              <tr key={stage.name}>
                <th scope="row">
                  {stage.name}
                  <span className="fine block">{stage.selects}</span>
                </th>
                <td>
                  <Waves stage={stage} />
                  {stage.connected < stage.targets && (
                    <span className="fine block">
                      {plural(stage.targets - stage.connected, 'target')} not connected now
                    </span>
                  )}
                  {stage.steps !== undefined && (
                    <span className="fine block">in {plural(stage.steps.expected, 'step')} when all is well</span>
                  )}
                </td>
                <td className="nowrap">
                  {formatSpan(stage.bakeMs)}
                  {stage.exposure !== null && (
                    <span className="fine block">
                      and {formatCount(stage.exposure.atLeast)} {stage.exposure.metric}
                    </span>
                  )}
                  {stage.peak !== null && <span className="fine block">and the peak of {stage.peak.local.starts}</span>}
                </td>
                <td>
                  {plural(stage.reached.targets, 'target')}
                  <span className="fine block">
                    {percent(stage.reached.share)}
                    {stage.reached.traffic !== null && `, ${percent(stage.reached.traffic)} of traffic`}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Waves({ stage }: { readonly stage: Stage }) {
  return (
    <ol className="wave-steps">
      {stage.waves.map(({ targets, below }) => (
        <li key={below}>{formatCount(targets)}</li>
      ))}
      <li className="fine">of {plural(stage.targets, 'target')}</li>
    </ol>
  );
}
