import type { RolloutSummaryBody } from '../../../../wire/http/rollout.ts';
import { rolloutState } from '../../present/rolloutState.ts';
import { ago, changeName } from '../../present/words.ts';
import type { Context } from '../../tree/runner.ts';
import type { Listing } from './showList.ts';

export interface RolloutOptions {
  readonly limit: number;
  readonly service?: string;
  readonly phase?: string;
  /** `--at`. */
  readonly at?: string;
}

/** Rollouts as a table; `when` heads the column of what each does, or did. */
export function rolloutTable(
  { output: { glyphs } }: Context,
  now: number,
  when: 'NOW' | 'THEN',
): Omit<Listing<RolloutSummaryBody>, 'none'> {
  return {
    columns: [
      { title: 'ID' },
      { title: 'STATE' },
      { title: 'STAGE', shrinkTo: 6 },
      { title: 'CHANGE', shrinkTo: 12 },
      { title: 'STARTED' },
      { title: when, shrinkTo: 10 },
    ],
    row: (rollout) => {
      const { word, tone, glyph } = rolloutState(rollout);
      return [
        rollout.id,
        { text: `${glyphs[glyph]} ${word}`, tone },
        rollout.stage,
        changeName(rollout.change),
        ago(rollout.startedAt, now),
        rollout.says,
      ];
    },
  };
}
