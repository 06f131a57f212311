import { Command } from 'commander';
import { readVersion } from '../version.ts';
import { addChangeCommands } from './changeCommands.ts';
import { addGetCommands } from './getCommands.ts';
import { addLineCommands } from './lineCommands.ts';
import { addPackageCommands } from './packageCommands.ts';
import { addPeopleCommands } from './peopleCommands.ts';
import { addProcessCommands } from './processCommands.ts';
import { addRolloutCommands } from './rolloutCommands.ts';
import type { Runner } from './runner.ts';
import { addShellCommands } from './shellCommands.ts';

/**
 * Every command there is. Help, completion scripts and the reference are made from it, so a command that is not here does not
 * exist. Says nothing by itself: mistakes are thrown, and what they are called is decided in `usageError`.
 */
export function buildProgram(runner: Runner): Command {
  const program = new Command('ringfence')
    .description('Staged, measured, enforced rollouts for every kind of change, that always keep a way back.')
    .usage('COMMAND [options]')
    .option('--server <URL>', 'the server to speak to; else RINGFENCE_SERVER, else what "ringfence login" kept')
    .option('--json', 'one JSON document on stdout (JSON lines for streams), errors as JSON on stderr')
    .version(readVersion(), '-V, --version', 'show the version of this program')
    .helpOption('-h, --help', 'show what a command does and takes')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, subcommandTerm })
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} });
  addProcessCommands(program, runner);
  addChangeCommands(program, runner);
  addGetCommands(program, runner);
  addRolloutCommands(program, runner);
  addPeopleCommands(program, runner);
  addLineCommands(program, runner);
  addPackageCommands(program, runner);
  addShellCommands(program, runner);
  program.helpCommand('help [COMMAND]', 'show what a command does and takes');
  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 2 usage, 3 refused, 4 not reachable or not signed in,\n5 rolled back; all of them in docs/reference/exit-codes.md.',
  );
  return program;
}

/** Name and arguments alone: the options of every subcommand would drown what it is for. */
function subcommandTerm(command: Command): string {
  const args = command.registeredArguments.map((each) => (each.required ? ` <${each.name()}>` : ` [${each.name()}]`));
  return command.name() + args.join('');
}
