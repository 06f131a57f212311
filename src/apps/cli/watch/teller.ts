import type { EventBody } from '../../../wire/http/log.ts';
import type { RolloutViewBody } from '../../../wire/http/rollout.ts';
import { type Segment, segment, type Tone } from '../terminal/styledLine.ts';

export type WatchOutcome = 'completed' | 'rolledBack' | 'interrupted' | 'unfinished';

/** Whoever is told what happens in a rollout. */
export interface Teller extends Disposable {
  event(event: EventBody): void;
  rollout(view: RolloutViewBody): void;
  connection(connected: boolean, says: string): void;
  /** The server gave a sign of life. */
  heard(): void;
  /** Watching is over. */
  end(view: RolloutViewBody, outcome: WatchOutcome, says: string): void;
}

const TONES: Readonly<Record<WatchOutcome, Tone>> = {
  completed: 'good',
  rolledBack: 'bad',
  interrupted: 'warn',
  unfinished: 'warn',
};

/** The last line. */
export function ending(outcome: WatchOutcome, says: string): Segment {
  return segment(says, TONES[outcome]);
}
