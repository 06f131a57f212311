import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FROM_ENVIRONMENT, type OtelShopOrder, type OtelShopSettings } from './otelShop.ts';

/** A program with the real OpenTelemetry SDK in it, as a process of its own. */
export interface OtelShop {
  readonly child: ChildProcess;
  /** Resolves when it is done. */
  order(order: OtelShopOrder): Promise<void>;
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./otelShop.ts', import.meta.url));

/** By settings, or by the environment alone. */
export function startOtelShop(
  settings: OtelShopSettings | { readonly env: Readonly<Record<string, string>> },
): OtelShop {
  const [given, env] = 'env' in settings ? [FROM_ENVIRONMENT, settings.env] : [JSON.stringify(settings), process.env];
  const child = fork(PROGRAM, [given], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env });
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
