import type { Entry } from '../eventWords.ts';
import { Actor } from '../parts/Actor.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Says } from '../parts/Says.tsx';
import { Time } from '../parts/Time.tsx';

/** Besides the colour. */
const MARKS = { plain: '·', good: '✓', bad: '✕', wait: '‖' } as const;

/** Who did what, and when. */
export function EntryList({ entries }: { readonly entries: readonly Entry[] }) {
  if (entries.length === 0) return <Empty says="Nothing has happened yet." />;
  return (
    <ol className="entries">
      {entries.map(({ position, at, actor, says, tone, hash }) => (
        <li key={position} className={`entry ${tone}`}>
          <span className="entry-mark" aria-hidden="true">
            {MARKS[tone]}
          </span>
          <div>
            <p className="says">
              <Says text={says} />
            </p>
            <p className="fine">
              <Time at={at} /> · <Actor of={actor} /> · <span title={hash}>#{position}</span>
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
