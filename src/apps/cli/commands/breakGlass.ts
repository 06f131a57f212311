import { type ApprovalBody, askBreakGlass, confirmBreakGlass, endBreakGlass } from '../../../wire/http/approval.ts';
import { approvalLines } from '../present/approvalLines.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Context, Run } from '../tree/runner.ts';

interface Options {
  readonly pipeline?: string;
}

export const ask: Run<Options & { reason: string; for: number }, [of: string]> = async (context, options, of) => {
  const { reason, for: forMs, pipeline } = options;
  const body = { of, reason, forMs, ...named(pipeline) };
  const approval = await (await context.client()).call(askBreakGlass, { body });
  return show(context, 'asked for', approval);
};

export const confirm: Run<Options, [of: string]> = async (context, { pipeline }, of) => {
  const approval = await (await context.client()).call(confirmBreakGlass, { body: { of, ...named(pipeline) } });
  return show(context, 'confirmed', approval);
};

export const end: Run<Options, [of: string]> = async (context, { pipeline }, of) => {
  const approval = await (await context.client()).call(endBreakGlass, { body: { of, ...named(pipeline) } });
  return show(context, 'ended', approval);
};

function show({ output }: Context, done: string, approval: ApprovalBody): 'done' {
  output.document(approval);
  const of = approval.rollout ?? approval.change.name;
  output.lines([[segment(`BREAK-GLASS ${done}`, 'bad'), segment(`  ${of}`)], ...approvalLines(approval, output.width)]);
  return 'done';
}

function named(pipeline: string | undefined): Options {
  return pipeline === undefined ? {} : { pipeline };
}
