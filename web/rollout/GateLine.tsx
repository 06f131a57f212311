import type { GateBody } from '../../src/wire/http/approval.ts';
import { Chip } from '../parts/Chip.tsx';
import { listed } from '../words.ts';

/** Whom a stage waits for, who has said what, and who could say the rest. */
export function GateLine({ gate }: { readonly gate: GateBody }) {
  const { before, open, needs, approved, own, rejected, could } = gate;
  const where = before === 'start' ? 'before it starts' : `before ${before}`;
  return (
    <div className="gate-line">
      <p>
        {open ? <Chip tone="good">approved</Chip> : <Chip tone="wait">asks</Chip>} {where}:{' '}
        {needs.map(({ role, count, given }) => `${given} of ${count} by ${role}`).join(', ')}
      </p>
      {approved.length > 0 && <p className="fine">approved by {listed(approved)}</p>}
      {own.length > 0 && <p className="fine">{listed(own)} approved what they want themselves: that does not count</p>}
      {rejected.map(({ person, reason }) => (
        <p key={person} className="bad-text">
          ✕ {person} rejected it: {reason}
        </p>
      ))}
      {!open && (
        <p className="fine">
          {could.length === 0 ? 'Nobody could give what is missing.' : `Could be given by ${listed(could)}`}
        </p>
      )}
    </div>
  );
}
