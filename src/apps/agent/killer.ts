import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Killer, MortalOrder } from '../../adapters/driver/contract/deaths.ts';
import { NotProven } from '../../adapters/driver/contract/driverProofs.ts';

const PROGRAM = join(import.meta.dirname, `mortalDriver${extname(import.meta.filename)}`);
/** Far more than any way of a driver takes. */
const WITHIN_MS = 60_000;

/** Processes of our own that die at the step they are told. */
export const killer: Killer = {
  async run(order: MortalOrder) {
    // Files, not pipes: whoever dies has written all that it wrote, and what it had started may hold a pipe open.
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-killed-'));
    const [said, complained] = [join(folder, 'said'), join(folder, 'complained')];
    const written = [openSync(said, 'w'), openSync(complained, 'w')] as const;
    try {
      const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', ...written] });
      const limit = setTimeout(() => child.kill('SIGKILL'), WITHIN_MS);
      child.stdin?.on('error', () => {}).end(JSON.stringify(order, bytesAsText));
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      clearTimeout(limit);
      const last = readFileSync(said, 'utf8').trim().split('\n').at(-1) ?? '';
      if (signal === 'SIGKILL' && last !== '') return last;
      if (code === 0) return null;
      const complaint = readFileSync(complained, 'utf8').slice(-2_000);
      throw new NotProven(
        `the way ${order.way} ended with ${signal ?? `code ${code}`} in ${last || 'no step'}: ${complaint}`,
      );
    } finally {
      for (const file of written) closeSync(file);
      rmSync(folder, { recursive: true });
    }
  },
};

function bytesAsText(this: unknown, key: string, value: unknown): unknown {
  const found = (this as Record<string, unknown>)[key];
  return found instanceof Uint8Array ? { base64: Buffer.from(found).toString('base64') } : value;
}
