import { isOpened, type Opening } from './assignment.ts';
import type { Rollout } from './rollout.ts';
import type { Standing } from './tally.ts';

/**
 * Targets that were not there when their part of the fleet was opened: their silence says nothing about the change. By uid, the
 * position of the event that says so; who was connected at that position or later has been told.
 */
export type Absence = ReadonlyMap<string, number>;

/** What an opening says of who is there. Each target is named once as absent, and at most once as returned. */
export interface Contact {
  /** Uids of targets that this opening adds, and that are not connected. */
  readonly absent: readonly string[];
  /** Uids that were absent and have been heard of since, or are gone for good. */
  readonly returned: readonly string[];
}

/** Law 10: whether what a target does not say means something. */
export function wasTold(absence: Absence, { target, connected, contactAt }: Standing): boolean {
  if (connected) return true;
  const since = absence.get(target.uid);
  return since === undefined || (contactAt !== undefined && contactAt >= since);
}

/** The absence after an opening. Logs of earlier versions name everybody who is absent in each `WaveOpened`, and nobody as returned. */
export function takeContact(
  before: Absence,
  { absent, returned }: { readonly absent: readonly string[]; readonly returned?: readonly string[] },
  position: number,
): Absence {
  if (returned === undefined) return new Map(absent.map((uid) => [uid, before.get(uid) ?? position]));
  if (absent.length === 0 && returned.length === 0) return before;
  const after = new Map(before);
  for (const uid of returned) after.delete(uid);
  for (const uid of absent) after.set(uid, position);
  return after;
}

/** What an opening would have to say now. `cutOff`: the targets of the change that are not connected and have not been told of it. */
export function contactAtOpening(
  { id, absent: absence }: Pick<Rollout, 'id' | 'absent'>,
  opening: Opening,
  cutOff: Iterable<string>,
  standingOf: (uid: string) => Standing | null,
): Contact {
  const returned = new Set<string>();
  for (const uid of absence.keys()) {
    const standing = standingOf(uid);
    if (standing === null || wasTold(absence, standing)) returned.add(uid);
  }
  const absent: string[] = [];
  for (const uid of cutOff) {
    if (absence.has(uid) && !returned.has(uid)) continue;
    const standing = standingOf(uid);
    if (standing !== null && !standing.connected && isOpened(id, [opening], standing.target)) absent.push(uid);
  }
  return { absent, returned: [...returned] };
}
