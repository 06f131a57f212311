import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { Panel } from '../parts/Panel.tsx';
import { listed, plural } from '../words.ts';

/** Targets that failed, refuse, or are not back, each with what it said. Nothing, where nothing is wrong. */
export function Failures({ view: { rollout, tally } }: { readonly view: RolloutViewBody }) {
  const { failed, failedCount, stragglers, kept } = rollout;
  const { refusals, absent } = tally;
  if (failedCount + stragglers.length + refusals.length + absent + (kept ?? 0) === 0) return null;
  return (
    <Panel title="What went wrong on targets" className="failures">
      {failedCount > 0 && (
        <>
          <p>{plural(failedCount, 'target')} failed.</p>
          <ul className="rows">
            {failed.slice(0, 12).map(({ target, code, says }) => (
              <li key={target}>
                <strong>{target}</strong> <code>{code}</code>
                <p className="fine">{says}</p>
              </li>
            ))}
          </ul>
        </>
      )}
      {refusals.map(({ code, count, target, says }) => (
        <p key={code}>
          {plural(count, 'target')} refuse <code>{code}</code>, as {target}: {says}
        </p>
      ))}
      {absent > 0 && <p>{plural(absent, 'target')} not connected and not told of it.</p>}
      {stragglers.length > 0 && <p>Not back in time: {listed(stragglers)}.</p>}
      {kept !== null && kept > 0 && <p>{plural(kept, 'target')} keep what cannot be undone.</p>}
    </Panel>
  );
}
