import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Killer, MortalOrder } from '../../adapters/driver/contract/deaths.ts';
import { NotProven } from '../../adapters/driver/contract/driverProofs.ts';

const PROGRAM = join(import.meta.dirname, `mortalDriver${extname(import.meta.filename)}`);
/** Far more than any way of a driver takes. */
const WITHIN_MS = 60_000;

/** Processes of our own that die at the step they are told. */
export const killer: Killer = {
  async run(order: MortalOrder) {
    const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
    const limit = setTimeout(() => child.kill('SIGKILL'), WITHIN_MS);
    const said = [text(child.stdout), text(child.stderr)] as const;
    child.stdin.end(JSON.stringify(order, bytesAsText));
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    clearTimeout(limit);
    // What the driver had started may hold the pipes open; what it said is in them.
    child.stdout.destroy();
    child.stderr.destroy();
    const [steps, complaint] = await Promise.all(said.map((each) => each.catch(() => '')));
    const last = steps?.trim().split('\n').at(-1) ?? '';
    if (signal === 'SIGKILL' && last !== '') return last;
    if (code === 0) return null;
    throw new NotProven(
      `the way ${order.way} ended with ${signal ?? `code ${code}`} in ${last || 'no step'}: ${complaint?.slice(-2_000)}`,
    );
  },
};

function bytesAsText(this: unknown, key: string, value: unknown): unknown {
  const found = (this as Record<string, unknown>)[key];
  return found instanceof Uint8Array ? { base64: Buffer.from(found).toString('base64') } : value;
}
