import { Argument, type Command } from 'commander';
import { type Runner, runs } from './runner.ts';

export function addShellCommands(program: Command, runner: Runner): void {
  program.commandsGroup('This program:');
  runs(
    program
      .command('login')
      .summary('keep a server’s address and a token for later')
      .description(
        'Keep a server’s address and a token for later runs, after trying them. The token is asked for without showing it, or read from stdin when ' +
          'that is not a terminal. Kept in ~/.config/ringfence/cli.json, readable by you alone.',
      )
      .argument('[URL]', 'the server; else --server, RINGFENCE_SERVER or http://127.0.0.1:4600')
      .option('--here', 'keep it in .ringfence/cli.json of this folder, for work in it and below'),
    runner,
    async () => (await import('../commands/login.ts')).login,
  );
  runs(
    program
      .command('completion')
      .summary('print a completion script for your shell')
      .description('Print a completion script for your shell.')
      .addArgument(new Argument('<SHELL>', 'which shell').choices(['bash', 'zsh', 'fish']))
      .addHelpText(
        'after',
        '\nbash:  source <(ringfence completion bash)\nzsh:   source <(ringfence completion zsh)\nfish:  ringfence completion fish | source',
      ),
    runner,
    async () => (await import('../commands/completion.ts')).completion,
  );
  runs(
    program.command('version').description('show the version of this program and of the server, if one answers'),
    runner,
    async () => (await import('../commands/version.ts')).version,
  );
}
