import type { Argument, Command, CommanderError, Option } from 'commander';
import { nearest } from '../../../core/kernel/nearest.ts';
import { CliError } from '../cliError.ts';

/** What Commander found wrong with the command line, in our words: what, where, what was expected, what to do. */
export function usageError(error: CommanderError, command: Command): CliError {
  const path = commandPath(command);
  const where = command.parent === null ? '' : `${path.replace(/^\S+ /, '')}: `;
  const usage = (says: string, remedy = `"${path} --help" shows what it takes.`) =>
    new CliError('usage', where + says, { code: error.code.replace('commander.', ''), remedy });
  const unknownCommand = (word: string) => {
    const known = command.commands.flatMap((each) => [each.name(), ...each.aliases()]);
    return usage(`there is no command ${JSON.stringify(word)}${meant(word, known)}`, thereAre(command));
  };
  const unknownOption = (word: string) =>
    usage(`there is no option ${JSON.stringify(word)}${meant(word, optionsOf(command))}`);
  const ofArgument = /argument value '(.*)' is invalid for argument '(.*?)'/s.exec(error.message);
  const ofOption = /'([^']*)'(?: argument '(.*)' is invalid)?/s.exec(error.message);
  const quoted = ofArgument?.[2] ?? ofOption?.[1] ?? '';
  const given = ofArgument?.[1] ?? ofOption?.[2] ?? '';
  const place = [...command.options, ...command.registeredArguments].find((each) => nameOf(each) === quoted);
  switch (error.code) {
    case 'commander.help':
      return usage('a command is missing', thereAre(command));
    case 'commander.unknownCommand':
      return unknownCommand(quoted);
    case 'commander.unknownOption':
      return unknownOption(quoted);
    case 'commander.missingMandatoryOptionValue': {
      // What is missing was most likely misspelt.
      const unknown = command.args.find((each) => /^--?[^-]/.test(each));
      if (unknown !== undefined) return unknownOption(unknown);
      return usage(`${quoted} is missing: ${place?.description ?? ''}`);
    }
    case 'commander.missingArgument':
      return usage(`${quoted} is missing: ${place?.description ?? ''}`);
    case 'commander.optionMissingArgument':
      return usage(`${quoted} stands without a value: ${place?.description ?? ''}`);
    case 'commander.invalidArgument': {
      const choices = place?.argChoices;
      const expected =
        choices === undefined ? (/(Expected .*)$/s.exec(error.message)?.[1] ?? '') : `Expected ${choices.join(', ')}.`;
      return usage(
        `${quoted} cannot be ${JSON.stringify(given)}${meant(given, choices ?? [])}. ${expected}`.replace('?. ', '? '),
      );
    }
    case 'commander.excessArguments': {
      const excess = command.args.slice(command.registeredArguments.length);
      if (command.commands.length > 0) return unknownCommand(excess[0] ?? '');
      return usage(`more was given than it takes: ${excess.map((each) => JSON.stringify(each)).join(', ')}`);
    }
    default:
      return usage(error.message.replace(/^error: /, ''));
  }
}

function nameOf(place: Option | Argument): string {
  return 'flags' in place ? place.flags : place.name();
}

/** `ringfence rollout watch`. */
export function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

function thereAre(command: Command): string {
  return `There are: ${command.commands.map((each) => each.name()).join(', ')}.`;
}

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word.split('=')[0] ?? '', known);
  return near === null ? '' : `; did you mean ${JSON.stringify(near)}?`;
}

function optionsOf(command: Command): string[] {
  const own = ['--help', ...command.options.flatMap(({ long, short }) => [long, short])].filter((flag) => flag != null);
  return command.parent === null ? own : [...own, ...optionsOf(command.parent)];
}
