import { connect } from 'node:net';
import { formatDuration } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Host } from '../../engine/ports/host.ts';

/** Opens a connection and closes it again. */
export function connectTcp(
  clock: Clock,
  ...[{ host, port }, { timeoutMs, signal }]: Parameters<Host['connect']>
): Promise<Result<void, string>> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: Result<void, string>) => {
      cancelLimit();
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      resolve(outcome);
    };
    const fail = (says: string) => end(err(`${host}:${port}: ${says}`));
    const aborted = () => fail('not wanted any more');
    const cancelLimit = clock.after(timeoutMs, () => fail(`no connection within ${formatDuration(timeoutMs)}`));
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('error', (error) => fail(error.message || String((error as NodeJS.ErrnoException).code)));
    socket.on('connect', () => end(ok(undefined)));
    if (signal.aborted) aborted();
  });
}
