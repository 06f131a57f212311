import { type HaltBody, haltLine, liftHalt } from '../../../wire/http/halt.ts';
import type { Exit } from '../exitCodes.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Context, Run } from '../tree/runner.ts';

export const halt: Run<{ reason: string }, []> = async (context, { reason }) => {
  const client = await context.client();
  return show(context, await client.call(haltLine, { body: { reason } }));
};

export const lift: Run<{ reason?: string }, []> = async (context, { reason }) => {
  const client = await context.client();
  return show(context, await client.call(liftHalt, { query: { reason } }));
};

function show({ output }: Context, body: HaltBody): Exit {
  output.document(body);
  if (body.halt === null) output.lines([[segment('The line is open: ', 'good'), segment('rollouts go on.')]]);
  else {
    output.lines([
      [
        segment('The line is halted: ', 'warn'),
        segment('nothing moves forward until "ringfence lift"; rollbacks go on.'),
      ],
      [segment(`By ${body.halt.by}: ${body.halt.reason}`)],
    ]);
  }
  return 'done';
}
