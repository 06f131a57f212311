import type { ReactNode } from 'react';

export type Tone = 'good' | 'bad' | 'wait' | 'busy' | 'plain';

/** Besides the colour. */
const MARKS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✕', wait: '❚❚', busy: '●', plain: '' };

interface ChipProps {
  readonly tone: Tone;
  readonly mark?: string;
  readonly children: ReactNode;
}

/** A word for how something stands. Its mark says the same as its colour. */
export function Chip({ tone, mark = MARKS[tone], children }: ChipProps) {
  return (
    <span className={`chip ${tone}`}>
      {mark !== '' && (
        <span className="mark" aria-hidden="true">
          {mark}
        </span>
      )}
      {children}
    </span>
  );
}
