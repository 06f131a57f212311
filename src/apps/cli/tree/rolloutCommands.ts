import type { Command } from 'commander';
import { AT, rolloutList } from './getCommands.ts';
import { addHalt } from './lineCommands.ts';
import { type Runner, runs } from './runner.ts';
import { duration, limit } from './values.ts';

const ROLLOUT = 'id of a rollout, or the beginning of one';

export function addRolloutCommands(program: Command, runner: Runner): void {
  program.commandsGroup('Rolling out:');
  const rollout = program
    .command('rollout')
    .summary('start, watch and steer rollouts')
    .description('Start, watch and steer rollouts: one run of a change through the stages of a pipeline.')
    .usage('COMMAND [options]');

  runs(
    rollout
      .command('start')
      .summary('start rolling a change out')
      .description('Start rolling a change out. What would refuse it is what "ringfence plan" shows.')
      .argument('<CHANGE>', 'name or digest (6 digits will do) of a change that is registered')
      .option('--pipeline <PIPELINE>', 'which pipeline; may be left out when the service has one')
      .option('--watch', 'then watch it, as "rollout watch" does')
      .option('--timeout <DURATION>', 'with --watch: stop watching after this long (exit code 6)', duration),
    runner,
    async () => (await import('../commands/rollout/start.ts')).start,
  );
  runs(
    rolloutList(
      rollout
        .command('list')
        .description('list rollouts, newest first')
        .option('--limit <COUNT>', 'list at most so many', limit, 1000),
    ),
    runner,
    async () => (await import('../commands/get/rollouts.ts')).listRollouts,
  );
  runs(
    rollout
      .command('show')
      .description('show how a rollout stands, or stood')
      .argument('<ROLLOUT>', ROLLOUT)
      .option('--at <MOMENT>', AT),
    runner,
    async () => (await import('../commands/get/rollouts.ts')).showRollout,
  );
  runs(
    rollout
      .command('judge')
      .summary('show how the checks of a rollout have gone')
      .description(
        'Show how the checks of a rollout have gone, window by window: the newest of each, and what the judge would have said of the past of the fleet, ' +
          'in which nothing was changed. With --json every point is there, to plot.',
      )
      .argument('<ROLLOUT>', ROLLOUT),
    runner,
    async () => (await import('../commands/rollout/judgeRollout.ts')).judgeRollout,
  );
  runs(
    rollout
      .command('watch')
      .summary('watch a rollout until it ends')
      .description(
        'Watch a rollout until it ends: drawn in place in a terminal, one line for each thing that happens in a pipe. Ends with 0 only when the ' +
          'rollout completed and with 5 when it was rolled back. Ctrl-C ends the watching; the rollout goes on.',
      )
      .argument('[ROLLOUT]', `${ROLLOUT}; left out: the one that runs, or the newest`)
      .option('--timeout <DURATION>', 'stop watching after this long (exit code 6); the rollout goes on', duration),
    runner,
    async () => (await import('../commands/rollout/watch.ts')).watch,
  );
  runs(
    rollout
      .command('pause')
      .summary('stop opening anything until it is resumed')
      .description('Stop opening anything until it is resumed. Checks go on, and what they find still rolls it back.')
      .argument('<ROLLOUT>', ROLLOUT)
      .requiredOption('-r, --reason <TEXT>', 'why, for the record'),
    runner,
    async () => (await import('../commands/rollout/steer.ts')).pause,
  );
  runs(
    rollout
      .command('resume')
      .summary('go on after a pause, or accept a hold')
      .description('Go on after a pause, and accept the holds that wait for a person.')
      .argument('<ROLLOUT>', ROLLOUT),
    runner,
    async () => (await import('../commands/rollout/steer.ts')).resume,
  );
  runs(
    rollout
      .command('promote')
      .summary('open the next stage')
      .description(
        'Open the next stage of a rollout whose pipeline asks a person to. Needs the evidence of the stage before; nothing goes round it.',
      )
      .argument('<ROLLOUT>', ROLLOUT),
    runner,
    async () => (await import('../commands/rollout/steer.ts')).promote,
  );
  runs(
    rollout
      .command('revoke-evidence')
      .summary('take the evidence of a stage back')
      .description(
        'Take the evidence of a stage back: nothing opens on it any more, and the permits that rest on it are withdrawn. Targets keep what they ' +
          'have. "rollout resume" bakes the present stage anew; for an earlier one there is only the way back.',
      )
      .argument('<ROLLOUT>', ROLLOUT)
      .requiredOption('--stage <STAGE>', 'name of the stage')
      .requiredOption('-r, --reason <TEXT>', 'why, for the record'),
    runner,
    async () => (await import('../commands/rollout/steer.ts')).revokeEvidence,
  );
  runs(
    rollout
      .command('rollback')
      .summary('order everything it reached back')
      .description(
        'Order everything the rollout reached back to the last known good. Needs no download and no approval.',
      )
      .argument('<ROLLOUT>', ROLLOUT)
      .requiredOption('-r, --reason <TEXT>', 'why, for the record')
      .option('--watch', 'then watch until every target is back')
      .option('--timeout <DURATION>', 'with --watch: stop watching after this long (exit code 6)', duration),
    runner,
    async () => (await import('../commands/rollout/steer.ts')).rollback,
  );
  addHalt(rollout, runner).summary('the same as "ringfence halt": stop every rollout');
  runs(
    program
      .command('blame')
      .summary('say which rollouts may have caused what is wrong now')
      .description(
        'Say which rollouts may have caused what is wrong with targets now: by when and where they turned unhealthy, and by what they depend ' +
          'on. Every rollout that is under way or ended within a day is ranked, with what speaks for and against it; none is blamed when none fits.',
      )
      .option('--service <SERVICE>', 'look at targets of this service and of its neighbours alone'),
    runner,
    async () => (await import('../commands/blame.ts')).blame,
  );
}
