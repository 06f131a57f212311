import { allCommands, type CommandWords, type Completes } from './commandWords.ts';
import { ROLLOUT_IDS } from './rolloutIds.ts';

/** The script that `source <(ringfence completion zsh)` reads, or that stands as `_ringfence` in a folder of \`fpath\`. */
export function zshCompletion(root: CommandWords): string {
  return `#compdef ringfence
# zsh completion for ringfence; made by "ringfence completion zsh".
_ringfence_rollouts() {
  local -a ids
  ids=(\${(f)"$(${ROLLOUT_IDS})"})
  compadd -a ids
}

${allCommands(root).map(functionOf).join('\n')}
if [ "$funcstack[1]" = "_ringfence" ]; then
  _ringfence "$@"
elif (( $+functions[compdef] )); then
  compdef _ringfence ringfence
fi
`;
}

/** A function for each command: its options, then either the commands in it or its argument. */
function functionOf(command: CommandWords): string {
  const options = command.options.map(({ flags, says, value }) => {
    const spec = `[${quote(says)}]${value === null ? '' : `: :${action(value)}`}`;
    const names = flags.length === 1 ? flags[0] : `{${flags.join(',')}}`;
    return `    ${flags.length === 1 ? `'*${names}${spec}'` : `'*'${names}'${spec}'`} \\`;
  });
  if (command.commands.length === 0) {
    const argument = command.argument.kind === 'nothing' ? [] : [`    '1: :${action(command.argument)}' \\`];
    return `${nameOf(command)}() {\n  _arguments -s \\\n${[...options, ...argument].join('\n')}\n    && return\n}\n`;
  }
  const listed = command.commands.map((each) => `      '${each.path.at(-1)}:${quote(each.says)}'`);
  const cases = command.commands.map((each) => {
    return `      ${[each.path.at(-1), ...each.aliases].join('|')}) ${nameOf(each)} ;;`;
  });
  return `${nameOf(command)}() {
  local state line
  typeset -A opt_args
  _arguments -C -s \\
${options.join('\n')}
    '1: :->command' \\
    '*:: :->rest' && return
  if [[ $state == command ]]; then
    local -a commands
    commands=(
${listed.join('\n')}
    )
    _describe command commands
  elif [[ $state == rest ]]; then
    case $line[1] in
${cases.join('\n')}
    esac
  fi
}
`;
}

function nameOf(command: CommandWords): string {
  return ['_ringfence', ...command.path].join('_');
}

function quote(text: string): string {
  return text.replace(/'/g, '’').replace(/([\\[\]:])/g, '\\$1');
}

function action(completes: Completes): string {
  switch (completes.kind) {
    case 'choices':
      return `(${completes.choices.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'rollout':
      return '_ringfence_rollouts';
    case 'nothing':
      return ' ';
  }
}
