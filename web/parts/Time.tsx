import { useNow, useZone } from '../shell/clock.ts';
import { bothTimes, formatSpan, formatTime } from '../words.ts';

interface TimeProps {
  readonly at: string;
}

/** When something was, by the reader's clock or UTC as they chose; both are at hand. */
export function Time({ at }: TimeProps) {
  const [now, zone] = [useNow(), useZone()];
  return (
    <time dateTime={at} title={bothTimes(at)}>
      {formatTime(at, now, zone)}
    </time>
  );
}

/** For how long something has been so. */
export function Since({ at }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={at} title={bothTimes(at)} className="span">
      {formatSpan(now - Date.parse(at))}
    </time>
  );
}
