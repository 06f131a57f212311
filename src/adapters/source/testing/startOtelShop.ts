import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OtelShopOrder, OtelShopSettings } from './otelShop.ts';

/** A program with the real OpenTelemetry SDK in it, as a process of its own. */
export interface OtelShop {
  readonly child: ChildProcess;
  /** Resolves when it is done. */
  order(order: OtelShopOrder): Promise<void>;
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./otelShop.ts', import.meta.url));

export function startOtelShop(settings: OtelShopSettings): OtelShop {
  const child = fork(PROGRAM, [JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return {
    child,
    async order(order) {
      const done = once(child, 'message');
      child.send(order);
      await done;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
