import { type ApprovalBody, listApprovals } from '../../../../wire/http/approval.ts';
import { approvalLines, gateSays } from '../../present/approvalLines.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

interface Options {
  readonly limit: number;
  readonly mine?: true;
  readonly service?: string;
}

export const getApprovals: Run<Options, [name?: string]> = async (context, { limit, mine, service }, name) => {
  const client = await context.client();
  const query = { service, ...(mine ? { mine: 'true' } : {}) };
  if (name === undefined) {
    return showList(context, await client.list(listApprovals, query, limit), {
      columns: [
        { title: 'OF' },
        { title: 'CHANGE', shrinkTo: 8 },
        { title: 'AUTHOR', shrinkTo: 6 },
        { title: 'WAITS FOR', shrinkTo: 20 },
      ],
      row: (approval) => [
        approval.rollout ?? approval.pipeline,
        approval.change.name,
        approval.author,
        isWaiting(approval) ? { text: waits(approval), tone: 'warn' } : 'nobody',
      ],
      none: mine ? 'Nothing waits for you.' : 'Nobody is asked for anything.',
    });
  }
  const { items } = await client.list(listApprovals, {}, Number.POSITIVE_INFINITY);
  const approval = items.find(({ rollout, change }) => rollout === name || change.name === name);
  if (approval === undefined) {
    const known = items.map(({ rollout, change }) => rollout ?? change.name);
    throw unknownName('approval', name, known, 'ringfence get approvals');
  }
  context.output.document(approval);
  context.output.lines(approvalLines(approval, context.output.width));
  return 'done';
};

function isWaiting({ gates, breakGlass }: ApprovalBody): boolean {
  return gates.some(({ open }) => !open) || (breakGlass !== null && breakGlass.confirmedBy === null);
}

function waits({ gates, breakGlass }: ApprovalBody): string {
  const shut = gates.filter(({ open }) => !open).map(gateSays);
  const glass = breakGlass?.confirmedBy === null ? [`break-glass, asked for by ${breakGlass.askedBy}`] : [];
  return [...glass, ...shut].join('; ');
}
