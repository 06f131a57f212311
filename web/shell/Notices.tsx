import { useConsole, useLive } from '../console.ts';
import { Actor } from '../parts/Actor.tsx';
import { formatSpan, formatTime } from '../words.ts';
import { useNow, useZone } from './clock.ts';
import { LiftHalt } from './LiftHalt.tsx';

/** What is true of everything: that one is cut off, that the line is halted. */
export function Notices() {
  const { feed } = useConsole();
  const connection = useLive((live) => live.connection);
  const halt = useLive(({ facts }) => facts?.halt ?? null);
  const [now, zone] = [useNow(), useZone()];
  return (
    <>
      {connection.kind === 'lost' && (
        <div className="notice bad" role="alert">
          <p>
            <strong>Not connected:</strong> {connection.says}. What you see is from{' '}
            {formatTime(connection.since, now, zone)}.
            <span className="fine"> Trying again in {formatSpan(connection.retryAt - Date.now())}.</span>
          </p>
          <button type="button" onClick={() => feed.retryNow()}>
            Try now
          </button>
        </div>
      )}
      {halt !== null && (
        <div className="notice bad" data-notice="halt">
          <p>
            <strong>The line is halted:</strong> {halt.reason}. Nothing moves forward; rollbacks do.
            <span className="fine">
              {' '}
              <Actor of={halt.by} />, {formatTime(halt.at, now, zone)}
            </span>
          </p>
          <LiftHalt />
        </div>
      )}
    </>
  );
}
