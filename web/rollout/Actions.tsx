import { useState } from 'react';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { Key } from '../parts/Key.tsx';
import { useKeys } from '../shell/keys.ts';
import { ActionDialog } from './ActionDialog.tsx';
import { ROLLOUT_ACTIONS, type RolloutAction } from './rolloutActions.ts';
import { useForeseen } from './useForeseen.ts';

/** What may be done to a rollout: each with its key and, where it would be refused now, with the reason. Rolling back is always there. */
export function Actions({ view }: { readonly view: RolloutViewBody }) {
  const [asked, setAsked] = useState<RolloutAction | null>(null);
  const foreseen = useForeseen(view);
  const isOver = view.rollout.endedAt !== null;
  const shown = ROLLOUT_ACTIONS.filter(({ isShown }) => isShown(view));
  useKeys(
    isOver
      ? []
      : shown.map((action) => ({
          keys: action.key,
          says: action.says,
          group: 'This rollout',
          action: () => setAsked(action),
        })),
  );
  if (isOver) return null;
  return (
    <div className="actions" role="toolbar" aria-label="Actions on this rollout">
      {shown.map((action) => {
        const why = foreseen.get(action.deed)?.[0] ?? null;
        return (
          <span key={action.deed} className="action">
            <button
              type="button"
              className={`${action.look} ${why === null ? '' : 'unlikely'}`}
              aria-describedby={why === null ? undefined : `why-${action.deed}`}
              onClick={() => setAsked(action)}
            >
              {action.says} <Key keys={action.key} />
            </button>
            {why !== null && (
              <span className="why fine" id={`why-${action.deed}`}>
                {why}
              </span>
            )}
          </span>
        );
      })}
      {asked !== null && (
        <ActionDialog
          action={asked}
          view={view}
          refused={foreseen.get(asked.deed) ?? []}
          close={() => setAsked(null)}
        />
      )}
    </div>
  );
}
