import { allCommands, type CommandWords, type Completes } from './commandWords.ts';
import { ROLLOUT_IDS } from './rolloutIds.ts';

/** The script that `source <(ringfence completion bash)` reads. Works from bash 3.2 on, without the bash-completion package. */
export function bashCompletion(root: CommandWords): string {
  const commands = allCommands(root);
  return `# bash completion for ringfence; made by "ringfence completion bash".
_ringfence_rollouts() {
  ${ROLLOUT_IDS}
}

_ringfence() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word index=1 skip=""
  COMPREPLY=()
  while [ "$index" -lt "$COMP_CWORD" ]; do
    word="\${COMP_WORDS[index]}"
    index=$((index + 1))
    if [ -n "$skip" ]; then skip=""; continue; fi
    case "$path:$word" in
${commands.flatMap(steps).join('\n')}
    esac
  done
  case "$path:$previous" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$current" in
    -*)
      case "$path" in
${commands.map((each) => `        '${each.path.join(' ')}') COMPREPLY=($(compgen -W '${flagsOf(each).join(' ')}' -- "$current")) ;;`).join('\n')}
      esac
      return ;;
  esac
  case "$path" in
${commands.map((each) => `    '${each.path.join(' ')}') ${wordsOf(each)} ;;`).join('\n')}
  esac
}

complete -F _ringfence ringfence
`;
}

/** From this command to those in it; options with a value make the next word no command. */
function steps(command: CommandWords): string[] {
  const path = command.path.join(' ');
  const into = command.commands.map((each) => {
    const names = [each.path.at(-1) ?? '', ...each.aliases].map((name) => `'${path}:${name}'`);
    return `      ${names.join('|')}) path='${each.path.join(' ')}' ;;`;
  });
  const valued = command.options.filter(({ value }) => value !== null).flatMap(({ flags }) => flags);
  return valued.length === 0
    ? into
    : [...into, `      ${valued.map((flag) => `'${path}:${flag}'`).join('|')}) skip=1 ;;`];
}

function valueCases(command: CommandWords): string[] {
  const path = command.path.join(' ');
  return command.options
    .filter(({ value }) => value !== null)
    .map(
      ({ flags, value }) =>
        `    ${flags.map((flag) => `'${path}:${flag}'`).join('|')}) ${reply(value ?? { kind: 'nothing' })}; return ;;`,
    );
}

function flagsOf(command: CommandWords): string[] {
  return command.options.flatMap(({ flags }) => flags);
}

function wordsOf(command: CommandWords): string {
  if (command.commands.length === 0) return reply(command.argument);
  return `COMPREPLY=($(compgen -W '${command.commands.map(({ path }) => path.at(-1)).join(' ')}' -- "$current"))`;
}

function reply(completes: Completes): string {
  switch (completes.kind) {
    case 'choices':
      return `COMPREPLY=($(compgen -W '${completes.choices.join(' ')}' -- "$current"))`;
    case 'file':
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current"))';
    case 'folder':
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current"))';
    case 'rollout':
      return 'COMPREPLY=($(compgen -W "$(_ringfence_rollouts)" -- "$current"))';
    case 'nothing':
      return 'COMPREPLY=()';
  }
}
