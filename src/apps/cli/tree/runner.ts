import type { Command } from 'commander';
import type { ApiClient } from '../apiClient.ts';
import type { Exit } from '../exitCodes.ts';
import type { Output } from '../output.ts';

/** What every command is given besides its own options and arguments. */
export interface Context {
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** `--server`, if it was given. */
  readonly server: string | undefined;
  /** Finds the server and the token on first use, so that commands which need none do not fail for want of one. */
  client(): Promise<ApiClient>;
}

/** A command's work. Its options are named as Commander names them: `--op-amp` is `opAmp`. */
export type Run<Options, Args extends readonly unknown[]> = (
  context: Context,
  options: Options,
  ...args: Args
) => Promise<Exit>;

/** Called when a command was found on the command line. `load` brings its code, which is loaded only then. */
export type Runner = <Options, Args extends readonly unknown[]>(
  load: () => Promise<Run<Options, Args>>,
  command: Command,
) => Promise<void>;

/** Makes `command` do what `load` brings. */
export function runs<Options, Args extends readonly unknown[]>(
  command: Command,
  runner: Runner,
  load: () => Promise<Run<Options, Args>>,
): Command {
  return command.action(() => runner(load, command));
}
