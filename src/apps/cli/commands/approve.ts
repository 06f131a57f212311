import { type ApprovalRequest, sayApproval } from '../../../wire/http/approval.ts';
import { approvalLines } from '../present/approvalLines.ts';
import { segment, type Tone } from '../terminal/styledLine.ts';
import type { Context, Run } from '../tree/runner.ts';

interface Options {
  readonly before?: string;
  readonly pipeline?: string;
  readonly reason?: string;
}

export const approve: Run<Options, [of: string]> = (context, options, of) =>
  say(context, 'approved', 'good', { word: 'approve', of, ...options });

export const reject: Run<Options & { reason: string }, [of: string]> = (context, options, of) =>
  say(context, 'rejected', 'warn', { word: 'reject', of, ...options });

export const withdraw: Run<Options, [of: string]> = (context, options, of) =>
  say(context, 'taken back', 'warn', { word: 'withdraw', of, ...options });

async function say({ output, client }: Context, done: string, tone: Tone, body: ApprovalRequest): Promise<'done'> {
  const approval = await (await client()).call(sayApproval, { body });
  output.document(approval);
  output.lines([
    [segment(done, tone), segment(`  ${approval.rollout ?? approval.change.name}`)],
    ...approvalLines(approval, output.width),
  ]);
  return 'done';
}
