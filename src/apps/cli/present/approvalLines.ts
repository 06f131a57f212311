import type { ApprovalBody, BreakGlassBody, GateBody } from '../../../wire/http/approval.ts';
import { type StyledLine, segment } from '../terminal/styledLine.ts';
import { type Fact, facts } from './facts.ts';
import { changeName, moment, names } from './words.ts';

/** What people were asked of one plan and what they have said, in at most `width` columns. */
export function approvalLines(approval: ApprovalBody, width: number): StyledLine[] {
  const { change, pipeline, author, gates, says, breakGlass, irreversible } = approval;
  return facts(
    [
      ['change', `${changeName(change)} by ${author}, through ${pipeline}`],
      ...irreversibleFacts(irreversible),
      ...gateFacts(gates),
      ...says.map(
        ({ before, verdict, person, role, reason, at }): Fact => [
          verdict,
          {
            text: `${where(before)} by ${person} (${role}), ${moment(at)}${reason === '' ? '' : `: ${reason}`}`,
            tone: verdict === 'approved' ? 'good' : 'warn',
          },
        ],
      ),
      ...(breakGlass === null ? [] : breakGlassFacts(breakGlass)),
    ],
    width,
  );
}

export function gateFacts(gates: readonly GateBody[]): Fact[] {
  return gates.map((gate): Fact => ['approval', { text: gateSays(gate), tone: gate.open ? 'good' : 'warn' }]);
}

export function gateSays({ before, open, needs, approved, own, rejected, could }: GateBody): string {
  const asked = needs.map(({ role, count, given }) => `${given} of ${count} by ${role}`).join(', ');
  const counted = approved.length === 0 ? '' : `; ${names(approved)} said yes`;
  const given = own.length === 0 ? counted : `${counted}; ${names(own)} said yes to their own, which does not count`;
  const against = rejected.map(({ person, reason }) => `; ${person} said no: ${reason}`).join('');
  const missing = needs.some((need) => need.given < need.count);
  const who = could.length === 0 ? '; nobody who has a token could' : `; ${names(could)} could`;
  return `${where(before)}: ${asked}${given}${against}${!open && missing ? who : ''}`;
}

export function breakGlassFacts({ reason, askedBy, confirmedBy, expires }: BreakGlassBody): Fact[] {
  const people =
    confirmedBy === null ? `asked for by ${askedBy}, not confirmed yet` : `by ${askedBy} and ${confirmedBy}`;
  return [['BREAK-GLASS', segment(`${people}, until ${moment(expires)}: ${reason}`, 'bad')]];
}

export function irreversibleFacts(said: ApprovalBody['irreversible'] | undefined): Fact[] {
  if (said == null) return [];
  return [
    ['no undo', { text: said.reason, tone: 'bad' }],
    ['to restore', { text: said.restore, tone: 'bad' }],
  ];
}

function where(before: string): string {
  return before === 'start' ? 'before it starts' : `before ${before}`;
}
