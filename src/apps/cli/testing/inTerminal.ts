import { spawn, spawnSync } from 'node:child_process';
import { type CliSettings, cliEnv, MAIN } from './runCli.ts';
import { Screen } from './screen.ts';

/** Why nothing can be run in a terminal here, `false` when it can: `script` of util-linux makes the terminal. */
export const NO_TERMINAL = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '')
  ? false
  : 'there is no script(1) of util-linux here';

export interface InTerminal extends AsyncDisposable {
  readonly screen: Screen;
  /** Everything that was written so far. */
  readonly bytes: () => string;
  /** Types these keys. */
  type(keys: string): void;
  readonly code: Promise<number | null>;
}

/** Runs the real command in a real terminal of so many columns and rows. */
export function runInTerminal(
  args: readonly string[],
  columns: number,
  rows: number,
  settings: CliSettings & { cwd: string },
): InTerminal {
  const quoted = [process.execPath, MAIN, ...args].map((each) => `'${each}'`).join(' ');
  const env = cliEnv(settings.cwd, { TERM: 'xterm-256color', SHELL: '/bin/sh', ...settings.env });
  const child = spawn('script', ['-qfec', `stty cols ${columns} rows ${rows}; exec ${quoted}`, '/dev/null'], {
    cwd: settings.cwd,
    env,
  });
  const screen = new Screen(columns);
  let bytes = '';
  const { promise: code, resolve, reject } = Promise.withResolvers<number | null>();
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    bytes += piece;
    try {
      screen.write(piece);
    } catch (error) {
      reject(error);
    }
  });
  child.on('close', resolve);
  child.stdin.on('error', () => {});
  code.catch(() => {}); // Whoever waits for it hears of it; a test that failed before does not.
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    screen,
    bytes: () => bytes,
    type: (keys) => child.stdin.write(keys),
    code,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL'); // The terminal is gone with it, and what ran in it is hung up on.
      await closed;
    },
  };
}
