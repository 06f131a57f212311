import { CliError } from './cliError.ts';
import { keepCompiled } from './compileCache.ts';
import { EXIT_CODES, type Exit } from './exitCodes.ts';
import { Output } from './output.ts';
import { readVersion } from './version.ts';

/** What goes wrong in a way nobody foresaw is a bug or a fault of this machine: one line, and the stack only for who asks for it. */
function unforeseen(error: unknown): CliError {
  const says = error instanceof Error ? error.message : String(error);
  if (process.env.RINGFENCE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return new CliError('unexpected', says, { remedy: 'Set RINGFENCE_DEBUG=1 to see where this comes from.' });
}

/** `| head` has read enough: nothing more is said, and no stack is shown for it. */
function endWhenNobodyReads(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_CODES.readerGone.code);
    throw error;
  });
}

async function main(args: readonly string[]): Promise<Exit> {
  // Commander reads the rest; this much must be known before it can fail.
  const words = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
  const output = new Output(words.includes('--json'), process.env);
  try {
    if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
      output.say(readVersion());
      return 'done';
    }
    keepCompiled(process.env);
    const { dispatch } = await import('./tree/dispatch.ts');
    return await dispatch(args, output, process.env, process.cwd());
  } catch (error) {
    const failure = error instanceof CliError ? error : unforeseen(error);
    output.failure(failure);
    return failure.exit;
  }
}

endWhenNobodyReads(process.stdout);
endWhenNobodyReads(process.stderr);
process.exitCode = EXIT_CODES[await main(process.argv.slice(2))].code;
