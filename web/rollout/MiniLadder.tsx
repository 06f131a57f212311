import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { sayStage, stageStanding } from './stageStanding.ts';

/** The stages as a line: how far it has come. */
export function MiniLadder({ view }: { readonly view: RolloutViewBody }) {
  return (
    <ol className="mini-ladder" aria-label="Stages">
      {view.rollout.plan.map(({ name }, index) => (
        <li key={name} className={stageStanding(view, index)}>
          <span>{name}</span>
          <span className="unseen">: {sayStage(view, index)}</span>
        </li>
      ))}
    </ol>
  );
}
