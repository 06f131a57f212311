import { useEffect } from 'react';
import { useLive } from '../console.ts';
import type { Live } from '../live/live.ts';
import { phaseOf } from './phases.ts';

/** Tells screen readers, and the tab's title, what one would otherwise have to look for. */
export function Announcements() {
  const says = useLive(announcementOf);
  const title = useLive(titleOf);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <p className="unseen" role="status">
      {says}
    </p>
  );
}

function announcementOf({ connection, facts }: Live): string {
  if (connection.kind === 'lost') return 'not connected to the control plane';
  if (connection.kind === 'signed-out') return 'not signed in';
  const newest = facts?.rollouts[0];
  return newest === undefined ? '' : `${newest.id} ${phaseOf(newest).says}, ${newest.stage}`;
}

function titleOf({ connection, facts }: Live): string {
  if (connection.kind === 'lost') return 'not connected · Ringfence';
  const running = facts?.rollouts.filter(({ endedAt }) => endedAt === null) ?? [];
  const [first] = running;
  if (first === undefined) return 'Ringfence';
  return running.length > 1
    ? `${running.length} rollouts · Ringfence`
    : `${first.id} ${phaseOf(first).says} · Ringfence`;
}
