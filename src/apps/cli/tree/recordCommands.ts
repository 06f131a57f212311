import type { Command } from 'commander';
import { type Runner, runs } from './runner.ts';

/** Whether the record is what it was. */
export function addRecordCommands(log: Command, runner: Runner): void {
  runs(
    log
      .command('verify')
      .summary('show that the record is whole, and how far signatures vouch for it')
      .description(
        'Recompute the hash of every event, check every checkpoint and every change of keys, and compare with what is known outside the record. ' +
          'Ends with 1 when something is not as it was signed.',
      )
      .option('--checkpoint <FILE>', 'compare with this checkpoint that was kept elsewhere')
      .option('--data <FOLDER>', "read a server's data folder, or a copy of its database, oneself: needs no server"),
    runner,
    async () => (await import('../commands/verifyLog.ts')).verify,
  );
  runs(
    log
      .command('checkpoint')
      .summary('print the newest checkpoint, to be kept elsewhere')
      .description(
        'Print the newest checkpoint as JSON: how the log ended, signed. Kept where nobody who can change the record can change it, it shows later ' +
          'that history was neither rewritten nor cut off.',
      )
      .option('--now', 'sign what is not signed yet first; takes the right to change'),
    runner,
    async () => (await import('../commands/checkpoint.ts')).checkpoint,
  );
}
