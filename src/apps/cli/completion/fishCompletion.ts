import { allCommands, type CommandWords, type Completes, type OptionWords } from './commandWords.ts';
import { ROLLOUT_IDS } from './rolloutIds.ts';

/** The script that `ringfence completion fish | source` reads. */
export function fishCompletion(root: CommandWords): string {
  const lines = allCommands(root).flatMap(linesOf);
  return `# fish completion for ringfence; made by "ringfence completion fish".
function __ringfence_rollouts
    env ${ROLLOUT_IDS}
end

# The words that lead to the command the cursor is in, without options and their values.
function __ringfence_path
    set -l path
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        switch "$path/$word"
${allCommands(root).flatMap(steps).join('\n')}
        end
    end
    string join ' ' $path
end

function __ringfence_at
    set -l path (__ringfence_path)
    test "$path" = "$argv"
end

complete -c ringfence -f
${lines.join('\n')}
`;
}

function steps(command: CommandWords): string[] {
  const path = command.path.join(' ');
  const into = command.commands.map((each) => {
    const names = [each.path.at(-1) ?? '', ...each.aliases].map((name) => `'${path}/${name}'`);
    return `            case ${names.join(' ')}\n                set path ${each.path.join(' ')}`;
  });
  const valued = command.options.filter(({ value }) => value !== null).flatMap(({ flags }) => flags);
  return valued.length === 0
    ? into
    : [...into, `            case ${valued.map((flag) => `'${path}/${flag}'`).join(' ')}\n                set skip 1`];
}

function linesOf(command: CommandWords): string[] {
  const here = `complete -c ringfence -n '__ringfence_at ${command.path.join(' ')}'`;
  const commands = command.commands.map((each) => `${here} -a ${each.path.at(-1)} -d '${quote(each.says)}'`);
  const options = command.options.map(
    (option) => `${here} ${optionFlags(option)} -d '${quote(option.says)}'${valueFlags(option.value)}`,
  );
  const argument =
    command.commands.length === 0 && command.argument.kind !== 'nothing'
      ? [`${here}${valueFlags(command.argument).replace(/ -[rx]/, '')}`]
      : [];
  return [...commands, ...options, ...argument];
}

function optionFlags({ flags }: OptionWords): string {
  return flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(' ');
}

function valueFlags(completes: Completes | null): string {
  switch (completes?.kind) {
    case undefined:
      return '';
    case 'choices':
      return ` -x -a '${completes.choices.join(' ')}'`;
    case 'file':
      return ' -r -F';
    case 'folder':
      return " -x -a '(__fish_complete_directories)'";
    case 'rollout':
      return " -x -a '(__ringfence_rollouts)'";
    case 'nothing':
      return ' -x';
  }
}

function quote(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/'/g, "\\'");
}
