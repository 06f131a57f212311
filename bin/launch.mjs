// Runs a program in our place: the same terminal, the same signals, the same end. Plain JavaScript, for Node 20 or later.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';

/** Never returns to its caller in any way that matters: this process ends as the program does. */
export function launch(node, args) {
  // The fourth descriptor is a pipe that closes when this process ends, however it ends: a program that must leave nothing
  // behind (the demo) watches it.
  const child = spawn(node, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, RINGFENCE_LIFELINE_FD: '3' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal's Ctrl-C reaches the whole process group already; passing it on would press it twice.
      if (signal === 'SIGINT' && [0, 1, 2].some((descriptor) => isatty(descriptor))) return;
      child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`ringfence: cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1)));
}
