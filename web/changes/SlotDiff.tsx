import { useMemo } from 'react';
import { Panel } from '../parts/Panel.tsx';
import { formatCount, plural, shortDigest } from '../words.ts';
import { type DiffLine, diffLines } from './diffLines.ts';
import { secretMask } from './secretMask.ts';
import { type ArtifactText, useArtifact } from './useArtifact.ts';

interface SlotDiffProps {
  readonly slot: string;
  /** Where roles differ in what they hold. */
  readonly role: string | null;
  /** `null`: the baseline, which the control plane never saw. */
  readonly from: string | null;
  readonly to: string;
}

const SIGNS = { same: ' ', added: '+', removed: '−', gap: '⋯' } as const;
const WORDS = { same: '', added: 'added: ', removed: 'removed: ', gap: 'left out: ' } as const;

/** What a slot would hold instead of what it holds. Values that look like secrets are masked; whether they differ is still to be seen. */
export function SlotDiff({ slot, role, from, to }: SlotDiffProps) {
  const [before, after] = [useArtifact(from), useArtifact(to)];
  const instead = from === null ? 'what the targets held at first' : `the last known good, ${shortDigest(from)}`;
  return (
    <Panel
      title={role === null ? slot : `${slot} · ${role}`}
      aside={
        <span className="fine">
          {shortDigest(to)} instead of {instead}
        </span>
      }
    >
      <Comparison before={before} after={after} isSame={from === to} />
    </Panel>
  );
}

interface ComparisonProps {
  readonly before: ArtifactText;
  readonly after: ArtifactText;
  readonly isSame: boolean;
}

function Comparison({ before, after, isSame }: ComparisonProps) {
  const lines = useMemo(() => {
    if (before.kind !== 'text' || after.kind !== 'text') return [];
    const mask = secretMask();
    return diffLines(mask(before.text), mask(after.text));
  }, [before, after]);
  if (isSame) return <p className="fine">It is what is in force: nothing would change.</p>;
  if (before.kind === 'waiting' || after.kind === 'waiting') return <p className="waiting">Reading…</p>;
  for (const side of [before, after]) {
    if (side.kind === 'opaque') return <p className="fine">{side.says}</p>;
  }
  const [added, removed] = (['added', 'removed'] as const).map(
    (kind) => lines.filter((line) => line.kind === kind).length,
  );
  return (
    <>
      <p className="fine">
        {plural(added ?? 0, 'line')} added, {formatCount(removed ?? 0)} removed
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section className="diff" tabIndex={0} aria-label="What differs">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines are never reordered.
          <Line key={index} line={line} />
        ))}
      </section>
    </>
  );
}

function Line({ line: { kind, text, before, after } }: { readonly line: DiffLine }) {
  return (
    <div className={`line ${kind}`}>
      <span className="line-number">{before ?? ''}</span>
      <span className="line-number">{after ?? ''}</span>
      <span className="sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      <span className="line-text">
        <span className="unseen">{WORDS[kind]}</span>
        {text}
      </span>
    </div>
  );
}
