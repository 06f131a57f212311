import { spawn } from 'node:child_process';
import { PROGRAMS } from './programs.ts';

/** Runs `ringfence ARGS --json` as anybody would, and reads what it prints. Throws what it says when it fails. */
export async function ringfenceCommand(
  args: readonly string[],
  login: { readonly server: string; readonly token: string },
): Promise<unknown> {
  const child = spawn(process.execPath, [PROGRAMS.cli, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, RINGFENCE_SERVER: login.server, RINGFENCE_TOKEN: login.token },
  });
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve) => child.on('exit', resolve)),
  ]);
  if (code !== 0) throw new Error(`"ringfence ${args.join(' ')}" ended with ${code}: ${(stderr || stdout).trim()}`);
  return JSON.parse(stdout);
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const piece of stream) parts.push(piece);
  return Buffer.concat(parts).toString('utf8');
}
