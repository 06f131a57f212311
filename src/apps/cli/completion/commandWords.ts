import type { Argument, Command, Option } from 'commander';

/** What may stand in a place of the command line. */
export type Completes =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'folder' }
  /** Ids of rollouts, asked of the server. */
  | { readonly kind: 'rollout' }
  | { readonly kind: 'nothing' };

export interface OptionWords {
  /** `-f`, `--file`. */
  readonly flags: readonly string[];
  readonly says: string;
  /** `null`: it takes no value. */
  readonly value: Completes | null;
}

/** One command as a completion script needs it. */
export interface CommandWords {
  /** Words after `ringfence` that lead here; empty for the program itself. */
  readonly path: readonly string[];
  readonly aliases: readonly string[];
  readonly says: string;
  readonly commands: readonly CommandWords[];
  readonly options: readonly OptionWords[];
  /** What the argument completes to. */
  readonly argument: Completes;
}

/** The tree of commands as words. */
export function commandWords(command: Command, path: readonly string[] = []): CommandWords {
  const [argument] = command.registeredArguments;
  return {
    path,
    aliases: command.aliases(),
    says: command.summary() || command.description(),
    commands: command.commands.map((each) => commandWords(each, [...path, each.name()])),
    options: optionsOf(command).map((option) => ({
      flags: [option.short, option.long].filter((flag): flag is string => typeof flag === 'string'),
      says: option.description,
      value: option.required || option.optional ? completes(option) : null,
    })),
    argument: argument === undefined ? { kind: 'nothing' } : completes(argument),
  };
}

/** Its own and those that hold everywhere. */
function optionsOf(command: Command): readonly Option[] {
  const own = command.createHelp().visibleOptions(command);
  const inherited: Option[] = [];
  for (let above = command.parent; above !== null; above = above.parent) {
    if (above.parent === null) inherited.push(...above.options.filter(({ long }) => long !== '--version'));
  }
  return [...own, ...inherited];
}

/** By what the place is called: that is what its name in capitals is for. */
function completes(place: Argument | Option): Completes {
  if (place.argChoices !== undefined) return { kind: 'choices', choices: place.argChoices };
  const name = 'flags' in place ? (/<(.*)>/.exec(place.flags)?.[1] ?? '') : place.name();
  if (name === 'FILE') return { kind: 'file' };
  if (name === 'FOLDER') return { kind: 'folder' };
  return name === 'ROLLOUT' ? { kind: 'rollout' } : { kind: 'nothing' };
}

/** Every command of the tree, those above first. */
export function allCommands(root: CommandWords): readonly CommandWords[] {
  return [root, ...root.commands.flatMap(allCommands)];
}
