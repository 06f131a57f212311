import { type Command, Option } from 'commander';
import { TOKEN_ROLES } from '../../../core/policy/authority.ts';
import { addRecordCommands } from './recordCommands.ts';
import { type Runner, runs } from './runner.ts';
import { collect, limit, position } from './values.ts';

export function addLineCommands(program: Command, runner: Runner): void {
  program.commandsGroup('The whole line:');
  addHalt(program, runner);
  runs(
    program
      .command('lift')
      .description('lift the halt: rollouts go on')
      .option('-r, --reason <TEXT>', 'why, for the record'),
    runner,
    async () => (await import('../commands/halt.ts')).lift,
  );

  const freeze = program
    .command('freeze')
    .summary('import and remove freezes of the calendar')
    .description(
      'Spans of the calendar in which nothing moves forward; rollbacks do. "ringfence apply" puts them there, "ringfence get freezes" lists them.',
    )
    .usage('COMMAND [options]');
  runs(
    freeze
      .command('import')
      .summary('put the events of an iCalendar file on the calendar')
      .description('Put the events of an iCalendar file (RFC 5545) on the calendar as freezes: all of them, or none.')
      .argument('<FILE>', 'an iCalendar file, or - for stdin')
      .option('--service <SERVICE>', 'bind this service alone; may be repeated', collect)
      .option('--time-zone <ZONE>', 'the zone in which days, and times without a zone, are meant'),
    runner,
    async () => (await import('../commands/freeze.ts')).importFreezes,
  );
  runs(
    freeze
      .command('remove')
      .description('take a freeze off the calendar, at once: what it held goes on')
      .argument('<FREEZE>', 'its name'),
    runner,
    async () => (await import('../commands/freeze.ts')).removeFreeze,
  );

  const target = program
    .command('target')
    .summary('retire targets that are gone for good')
    .description('Targets enrol by themselves when their agent connects; "ringfence get targets" lists them.')
    .usage('COMMAND [options]');
  runs(
    target
      .command('retire')
      .summary('forget a target that is gone for good')
      .description(
        'Forget a target that is gone for good, so that no rollout waits for it and no floor counts it as unavailable. One that comes back enrols again.',
      )
      .argument('<TARGET>', 'its name or its uid')
      .option('--service <SERVICE>', 'where several services have a target of that name'),
    runner,
    async () => (await import('../commands/target.ts')).retire,
  );

  program.commandsGroup('The record and its keys:');
  const log = program
    .command('log')
    .summary('show what happened, as it was recorded')
    .description(
      'Show what happened, as it was recorded: who, what, when. The last 50 events, or all after a position.',
    )
    .option('--after <POSITION>', 'begin after this position; 0 is the beginning', position)
    .option('--follow', 'go on as things happen, until Ctrl-C');
  runs(log, runner, async () => (await import('../commands/log.ts')).log);
  addRecordCommands(log, runner);

  addKeyCommands(program, runner);
  const token = program
    .command('token')
    .summary('make and revoke tokens')
    .description('Make and revoke tokens. "ringfence get tokens" lists them.')
    .usage('COMMAND [options]');
  runs(
    token
      .command('create')
      .summary('make a token and show its secret, once')
      .description(
        'Make a token. Its secret goes to stdout, or into a file, and is shown this once: the server keeps only a hash.',
      )
      .addOption(
        new Option(
          '--role <ROLE>',
          'viewer reads; author also registers changes and starts rollouts; approver also approves; operator also steers; ' +
            'admin may do everything; agent connects as a target, flags evaluates flags, ingest sends metrics, and nothing else',
        )
          .choices([...TOKEN_ROLES])
          .makeOptionMandatory(),
      )
      .requiredOption('--name <TEXT>', 'whose it is: tokens of one name are one person; for an agent, what for')
      .option('-o, --output <FILE>', 'write the secret into this new file, readable by you alone'),
    runner,
    async () => (await import('../commands/token.ts')).createToken,
  );
  runs(
    token.command('revoke').description('revoke a token, at once').argument('<TOKEN>', 'its id'),
    runner,
    async () => (await import('../commands/token.ts')).revokeToken,
  );
}

/** The keys that permits and evidence are signed with. */
function addKeyCommands(program: Command, runner: Runner): void {
  const key = program
    .command('key')
    .summary('list, replace and retire signing keys')
    .description('List, replace and retire the keys that permits and evidence are signed with.')
    .usage('COMMAND [options]');
  runs(
    key
      .command('list')
      .description('list the signing keys, oldest first, with what an agent pins')
      .option('--limit <COUNT>', 'list at most so many', limit, 1000),
    runner,
    async () => (await import('../commands/key.ts')).keys,
  );
  runs(
    key
      .command('rotate')
      .summary('make a new signing key and sign with it')
      .description('Make a new signing key, announced to agents by the present one, and sign with it from then on.'),
    runner,
    async () => (await import('../commands/key.ts')).rotateKey,
  );
  runs(
    key
      .command('retire')
      .summary('refuse what a signing key has signed')
      .description(
        'Retire a signing key: agents refuse what it signed. What is still needed is signed anew with the present key, at the same time.',
      )
      .argument('<KEY>', 'its id'),
    runner,
    async () => (await import('../commands/key.ts')).retireKey,
  );
}

export function addHalt(parent: Command, runner: Runner): Command {
  const halt = parent
    .command('halt')
    .summary('stop every rollout, everywhere, at once')
    .description('Stop the line: nothing moves forward anywhere until it is lifted. Rollbacks go on.')
    .requiredOption('-r, --reason <TEXT>', 'why, for the record');
  return runs(halt, runner, async () => (await import('../commands/halt.ts')).halt);
}
