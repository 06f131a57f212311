import { err, ok } from '../../core/kernel/result.ts';
import type { ReloadMaker } from './reload.ts';

/** Runs a program, which must end with 0 in time. */
export const commandReload: ReloadMaker<'command'> = ({ command, timeoutMs }, { host }, what) => ({
  ready: async () => ok(undefined),
  process: async () => null,
  async tell(signal) {
    const outcome = await host.run(command, { timeoutMs, signal });
    if (outcome.ok) return ok(undefined);
    return err(
      `the ${what} command ${command.join(' ')} ${outcome.says}${outcome.output === '' ? '' : `; it said: ${outcome.output}`}`,
    );
  },
});
