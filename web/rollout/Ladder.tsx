import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { Time } from '../parts/Time.tsx';
import { formatCount, plural } from '../words.ts';
import { Bake } from './Bake.tsx';
import { type StageStanding, sayStage, stageStanding, type WaveStanding, wavesOf } from './stageStanding.ts';

/** The stages from left to right, with a gate after each but the last. A gate is open only where evidence opened it. */
export function Ladder({ view }: { readonly view: RolloutViewBody }) {
  const { plan, evidence } = view.rollout;
  return (
    <ol className="ladder" aria-label="Stages">
      {plan.map(({ name, targets }, index) => {
        const standing = stageStanding(view, index);
        const proof = evidence.find(({ stage }) => stage === name);
        return (
          <li
            key={name}
            className={`stage ${standing}`}
            data-stage={name}
            data-standing={standing}
            aria-current={standing === 'present' ? 'step' : undefined}
          >
            <div className="stage-body">
              <p className="stage-name">
                <span>{name}</span>
                <span className="fine">{plural(targets, 'target')}</span>
              </p>
              <Waves waves={wavesOf(view, index)} />
              <p className="stage-says">{sayStage(view, index)}</p>
              {standing === 'present' && <Bake view={view} />}
            </div>
            {index < plan.length - 1 && (
              <Gate standing={standing} openedAt={proof?.at ?? null} next={plan[index + 1]?.name ?? ''} />
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** One bar a wave, as wide as its share of the stage's targets. */
function Waves({ waves }: { readonly waves: readonly WaveStanding[] }) {
  const all = waves.reduce((sum, { targets }) => sum + targets, 0);
  return (
    <ol className="waves">
      {waves.map(({ number, targets, isOpen, done }) => (
        <li key={number} className={isOpen ? 'wave open' : 'wave'} style={{ flexGrow: Math.max(targets, all / 30, 1) }}>
          <span className="fill" style={{ transform: `scaleX(${targets === 0 ? 0 : done / targets})` }} />
          <span className="unseen">
            wave {number},{' '}
            {isOpen
              ? `open, ${formatCount(done)} of ${plural(targets, 'target')} done`
              : `closed, ${plural(targets, 'target')}`}
          </span>
        </li>
      ))}
    </ol>
  );
}

interface GateProps {
  readonly standing: StageStanding;
  readonly openedAt: string | null;
  readonly next: string;
}

function Gate({ standing, openedAt, next }: GateProps) {
  const isOpen = standing === 'passed';
  return (
    <div className={isOpen ? 'gate open' : 'gate'}>
      <span className="posts" aria-hidden="true">
        <span />
        <span />
      </span>
      <span className="fine">
        <span className="unseen">gate to {next}: </span>
        {isOpen ? 'open' : 'shut'}
        {isOpen && openedAt !== null && (
          <>
            {' '}
            <Time at={openedAt} />
          </>
        )}
      </span>
    </div>
  );
}
