import { type Command, CommanderError } from 'commander';
import type { ApiClient } from '../apiClient.ts';
import type { Exit } from '../exitCodes.ts';
import type { Output } from '../output.ts';
import { buildProgram } from './program.ts';
import type { Context, Runner } from './runner.ts';
import { usageError } from './usageError.ts';

/** Finds the command that was asked for, loads its code, and does it. */
export async function dispatch(
  args: readonly string[],
  output: Output,
  env: Context['env'],
  cwd: string,
): Promise<Exit> {
  let exit: Exit = 'done';
  const runner: Runner = async (load, command) => {
    const options = command.optsWithGlobals<{ server?: string }>();
    const run = await load();
    const context = { output, env, cwd, server: options.server, client: clientFinder(options.server, env, cwd) };
    exit = await run(context, options as never, ...(command.processedArgs as never));
  };
  const program = buildProgram(runner);
  let erring: Command = program;
  eachCommand(program, (command) => {
    command.exitOverride((error) => {
      erring = command;
      throw error;
    });
  });
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, erring);
  }
  return exit;
}

function eachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const each of command.commands) eachCommand(each, visit);
}

function clientFinder(server: string | undefined, env: Context['env'], cwd: string): () => Promise<ApiClient> {
  return async () => {
    const [{ ApiClient }, { findConnection }] = await Promise.all([
      import('../apiClient.ts'),
      import('../connection/findConnection.ts'),
    ]);
    return new ApiClient(findConnection({ server, env, cwd }));
  };
}
