import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { useNow } from '../shell/clock.ts';
import { formatCount, formatSpan } from '../words.ts';

/** What the bake has gathered of what it must: time, and of each role the exposure. Both are asked for; neither stands for the other. */
export function Bake({ view: { rollout, exposure } }: { readonly view: RolloutViewBody }) {
  const now = useNow();
  const bake = rollout.pipeline.stages[rollout.stage]?.bake;
  if (bake === undefined || rollout.phase === 'rollingBack') return null;
  const hasBegun = rollout.phase === 'baking' || rollout.phase === 'ready';
  const elapsed = hasBegun ? now - Date.parse(rollout.sinceAt) : 0;
  const isReady = rollout.phase === 'ready';
  const floor = bake.exposure;
  return (
    <ul className="bake" aria-label="Bake">
      <Meter
        says="time"
        share={isReady ? 1 : elapsed / Math.max(1, bake.minimumMs)}
        of={`${formatSpan(isReady ? Math.max(elapsed, bake.minimumMs) : elapsed)} of ${formatSpan(bake.minimumMs)}`}
      />
      {floor !== null &&
        rollout.change.roles.map((role) => (
          <Meter
            key={role}
            says={`${floor.metric}, ${role}`}
            share={(exposure[role] ?? 0) / floor.atLeast}
            of={`${formatCount(exposure[role] ?? 0)} of ${formatCount(floor.atLeast)}`}
          />
        ))}
      {!hasBegun && <li className="fine">begins when every target of the stage is confirmed</li>}
    </ul>
  );
}

function Meter({ says, share, of }: { readonly says: string; readonly share: number; readonly of: string }) {
  const filled = Math.max(0, Math.min(1, share));
  return (
    <li className={filled === 1 ? 'meter full' : 'meter'}>
      <span className="meter-words">
        <span>{says}</span>
        <span className="count">
          {of}
          {filled === 1 && <span aria-hidden="true"> ✓</span>}
        </span>
      </span>
      <span className="track" aria-hidden="true">
        <span className="fill" style={{ transform: `scaleX(${filled})` }} />
      </span>
    </li>
  );
}
