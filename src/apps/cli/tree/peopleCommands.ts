import type { Command } from 'commander';
import { type Runner, runs } from './runner.ts';
import { duration } from './values.ts';

const OF = 'id of a rollout that runs; else a change, by name or digest (6 digits will do)';
const PIPELINE = 'which pipeline; may be left out when the service has one';
const BEFORE = 'before what: start, or a stage; left out: the next that waits';

/** What people say of each other's changes. */
export function addPeopleCommands(program: Command, runner: Runner): void {
  program.commandsGroup('People:');
  runs(
    program
      .command('approve')
      .summary('say yes to a change of somebody else')
      .description(
        'Say yes to a change of somebody else, before it starts or before it reaches a stage. "ringfence get approvals" lists what waits. ' +
          'A yes is for one rollout of one change through one pipeline, as they stand now.',
      )
      .argument('<CHANGE>', OF)
      .option('--before <STAGE>', BEFORE)
      .option('--pipeline <PIPELINE>', PIPELINE)
      .option('-r, --reason <TEXT>', 'what it was looked at for, for the record'),
    runner,
    async () => (await import('../commands/approve.ts')).approve,
  );
  runs(
    program
      .command('reject')
      .summary('say no to a change')
      .description(
        'Say no to a change: one no keeps the gate shut, until it is taken back. What runs holds; nothing goes back by it.',
      )
      .argument('<CHANGE>', OF)
      .requiredOption('-r, --reason <TEXT>', 'why, for the record')
      .option('--before <STAGE>', BEFORE)
      .option('--pipeline <PIPELINE>', PIPELINE),
    runner,
    async () => (await import('../commands/approve.ts')).reject,
  );
  runs(
    program
      .command('withdraw')
      .summary('take back a yes or a no')
      .description(
        'Take back what you said of a change: a yes or a no. What has been opened stays open; nothing more is.',
      )
      .argument('<CHANGE>', OF)
      .option('--before <STAGE>', BEFORE)
      .option('--pipeline <PIPELINE>', PIPELINE),
    runner,
    async () => (await import('../commands/approve.ts')).withdraw,
  );
  addBreakGlass(program, runner);
}

function addBreakGlass(program: Command, runner: Runner): void {
  const glass = program
    .command('break-glass')
    .summary('the emergency way past freezes, halts and approvals, for two people')
    .description(
      'The emergency way: one person asks, another confirms, and for at most four hours one change goes past freezes, a halted line and missing ' +
        'approvals. It still goes stage by stage, with its bakes and checks. A rollback needs none of this.',
    )
    .usage('COMMAND [options]');
  runs(
    glass
      .command('ask')
      .description('ask for it; it opens nothing until somebody else confirms it')
      .argument('<CHANGE>', OF)
      .requiredOption('-r, --reason <TEXT>', 'the emergency, for the record')
      .requiredOption('--for <DURATION>', 'how long it lasts from now on: at most 4h', duration)
      .option('--pipeline <PIPELINE>', PIPELINE),
    runner,
    async () => (await import('../commands/breakGlass.ts')).ask,
  );
  runs(
    glass
      .command('confirm')
      .description('confirm what somebody else asked for')
      .argument('<CHANGE>', OF)
      .option('--pipeline <PIPELINE>', PIPELINE),
    runner,
    async () => (await import('../commands/breakGlass.ts')).confirm,
  );
  runs(
    glass
      .command('end')
      .description('end it before it expires')
      .argument('<CHANGE>', OF)
      .option('--pipeline <PIPELINE>', PIPELINE),
    runner,
    async () => (await import('../commands/breakGlass.ts')).end,
  );
}
