import type { Command, Option } from 'commander';
import { commandPath } from '../tree/usageError.ts';

/** `docs/reference/cli.md`: every command, as the program itself knows it. */
export function cliReference(program: Command): string {
  return `# Command line

<!-- Made from the program's own commands by src/apps/cli/reference/writeReference.ts; a test says when it is stale. -->

\`ringfence COMMAND --help\` shows the same. Exit codes have [a page of their own](exit-codes.md).

## Which server, which token

| what | first | else | else | else |
|---|---|---|---|---|
| server | \`--server URL\` | \`RINGFENCE_SERVER\` | the nearest \`.ringfence/cli.json\` from this folder upwards, then \`~/.config/ringfence/cli.json\` | \`http://127.0.0.1:4600\` |
| token | \`RINGFENCE_TOKEN\` | what was kept in one of these files for that very server | | none: what anyone may read |

\`ringfence login\` writes these files. They are read only if they are yours and nobody else may write them. A token is sent
over \`https://\` or on this machine, never in clear over a network. A certificate of your own authority is trusted
through \`NODE_EXTRA_CA_CERTS\`.

## Environment

| variable | meaning |
|---|---|
| \`RINGFENCE_SERVER\` | the server to speak to |
| \`RINGFENCE_TOKEN\` | the token to speak with |
| \`RINGFENCE_TIMEOUT\` | how long an answer may take, as in \`30s\`; else 15 s |
| \`NO_COLOR\` | anything: no colours. They are only ever used on a terminal, and never say anything by themselves |
| \`RINGFENCE_DEBUG\` | anything: shows where an unexpected failure comes from |

What Node compiled is kept in \`~/.cache/ringfence/\` for the next run, which starts in half the time; the folder may be removed
at any time, and \`NODE_DISABLE_COMPILE_CACHE=1\` does without.

## Output

Results go to stdout, notices and errors to stderr. With \`--json\`, stdout holds one JSON document, or one a line for
\`log\` and \`rollout watch\`, and nothing else; errors and notices are JSON on stderr:

\`\`\`json
{"error":{"code":"unknown-rollout","exitCode":3,"says":"there is no rollout \\"shop-9\\"","remedy":"Did you mean shop-2?"}}
\`\`\`

${globals(program)}
${program.commands.flatMap((command) => section(command)).join('\n')}`;
}

function globals(program: Command): string {
  return `## Options of every command\n\n${optionTable(program.options)}\n`;
}

function section(command: Command): string[] {
  const help = command.createHelp();
  const path = commandPath(command);
  const parts = [`## \`${path}\`\n`];
  const aliases = command.aliases();
  parts.push(
    `${sentence(command.description())}${aliases.length > 0 ? ` Also: ${aliases.map((each) => `\`${each}\``).join(', ')}.` : ''}\n`,
  );
  if (command.commands.length > 0) {
    parts.push(`| command | |\n|---|---|`);
    parts.push(
      `${command.commands.map((each) => `| \`${commandPath(each)}\` | ${cell(each.summary() || each.description())} |`).join('\n')}\n`,
    );
  }
  if (command.commands.length === 0 || command.registeredArguments.length > 0 || command.options.length > 0) {
    const args = command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`));
    parts.push(`\`\`\`\n${[path, ...args, ...(command.options.length > 0 ? ['[options]'] : [])].join(' ')}\n\`\`\`\n`);
  }
  if (command.registeredArguments.length > 0) {
    const rows = command.registeredArguments.map(
      (each) => `| \`${each.name()}\` | ${cell(help.argumentDescription(each))} |`,
    );
    parts.push(`| argument | |\n|---|---|\n${rows.join('\n')}\n`);
  }
  if (command.options.length > 0) parts.push(`${optionTable(command.options)}\n`);
  return [parts.join('\n'), ...command.commands.flatMap((each) => section(each))];
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => {
    const notes = [
      ...(option.mandatory ? ['required'] : []),
      ...(option.argChoices === undefined ? [] : [option.argChoices.map((each) => `\`${each}\``).join(', ')]),
      ...(option.defaultValue === undefined
        ? []
        : [`default \`${option.defaultValueDescription ?? option.defaultValue}\``]),
    ];
    return `| \`${option.flags}\` | ${cell(option.description)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} |`;
  });
  return `| option | |\n|---|---|\n${rows.join('\n')}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
