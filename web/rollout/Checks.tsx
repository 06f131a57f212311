import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import type { VerdictBody } from '../../src/wire/http/verdict.ts';
import { Chip, type Tone } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { formatCount, listed, percent, plural } from '../words.ts';
import { CheckPlot } from './CheckPlot.tsx';
import { formatFigure } from './formatFigure.ts';
import { type JudgedSeries, useJudged } from './useJudged.ts';

const OUTCOMES: Readonly<
  Record<VerdictBody['outcome'], { readonly says: string; readonly tone: Tone; readonly mark: string }>
> = {
  pass: { says: 'pass', tone: 'good', mark: '✓' },
  fail: { says: 'fail', tone: 'bad', mark: '✕' },
  inconclusive: { says: 'inconclusive', tone: 'wait', mark: '?' },
  'no-data': { says: 'no data', tone: 'wait', mark: '∅' },
  error: { says: 'error', tone: 'bad', mark: '!' },
};

/** Every check of the present stage: its verdict in a sentence, and how its bounds came to it. */
export function Checks({ view }: { readonly view: RolloutViewBody }) {
  const { verdicts, rollout } = view;
  const judged = useJudged(view);
  return (
    <Panel
      title="Checks"
      aside={<span className="fine">error budget of the rollout {rollout.pipeline.errorBudget}</span>}
    >
      {verdicts.length === 0 ? (
        <Empty
          says={
            rollout.pipeline.checks.length === 0 ? 'This pipeline has no checks.' : 'No check has been looked at yet.'
          }
        >
          Checks are judged while a stage bakes. Only a pass opens anything.
        </Empty>
      ) : (
        <ul className="checks">
          {verdicts.map((verdict) => (
            <Check
              key={`${verdict.role} ${verdict.check}`}
              verdict={verdict}
              view={view}
              series={judged?.find((one) => one.check === verdict.check && one.role === verdict.role)}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface CheckProps {
  readonly verdict: VerdictBody;
  readonly view: RolloutViewBody;
  readonly series: JudgedSeries | undefined;
}

function Check({ verdict, view, series }: CheckProps) {
  const { check, role, outcome, says } = verdict;
  const spec = view.rollout.pipeline.checks.find(({ name }) => name === check);
  const look = OUTCOMES[outcome];
  return (
    <li className="check" data-check={`${check} ${role}`}>
      <header>
        <h3>
          {check} <span className="fine">{role}</span>
        </h3>
        {spec !== undefined && (
          <span className="fine">
            {spec.effect === 'guardrail' ? 'guardrail: a fail rolls back' : 'signal: a fail holds'}
          </span>
        )}
        <Chip tone={look.tone} mark={look.mark}>
          {look.says}
        </Chip>
      </header>
      <p className="says">{says}</p>
      {series !== undefined && series.points.length > 0 && (
        <CheckPlot series={series} stages={view.rollout.plan.map(({ name }) => name)} />
      )}
      <Figures verdict={verdict} />
    </li>
  );
}

function Figures({ verdict }: { readonly verdict: VerdictBody }) {
  const { treated, untouched, unit, margin, alpha, spent, next, compared, cause, outliers } = verdict;
  return (
    <>
      <dl className="figures">
        <Arm says="changed" arm={treated} unit={unit} />
        <Arm says={compared === 'before' ? 'before the change' : 'unchanged'} arm={untouched} unit={unit} />
        <div>
          <dt>margin</dt>
          <dd>{formatFigure(margin, unit)}</dd>
        </div>
        <div className="budget">
          <dt>error budget spent</dt>
          <dd>
            {percent(spent)} of {formatFigure(alpha, 'share')}
            <span className="track" aria-hidden="true">
              <span className="fill" style={{ transform: `scaleX(${Math.min(1, spent)})` }} />
            </span>
          </dd>
        </div>
        {next !== null && (
          <div>
            <dt>next</dt>
            <dd>
              {formatCount(Math.ceil(next.missing))} {next.of} missing
              {next.expectedAt !== null && (
                <>
                  , about <Time at={next.expectedAt} />
                </>
              )}
            </dd>
          </div>
        )}
      </dl>
      {(cause !== null || outliers.length > 0) && (
        <p className="fine">
          {cause !== null && (
            <>
              because of <code>{cause}</code>
            </>
          )}
          {cause !== null && outliers.length > 0 && ' · '}
          {outliers.length > 0 && `stands out: ${listed(outliers)}`}
        </p>
      )}
    </>
  );
}

interface ArmProps {
  readonly says: string;
  readonly arm: VerdictBody['treated'];
  readonly unit: VerdictBody['unit'];
}

function Arm({ says, arm: { level, exposure, targets }, unit }: ArmProps) {
  return (
    <div>
      <dt>{says}</dt>
      <dd>
        {level === null ? 'nothing seen' : formatFigure(level, unit)}{' '}
        <span className="fine">
          over {formatCount(exposure)} on {plural(targets, 'target')}
        </span>
      </dd>
    </div>
  );
}
