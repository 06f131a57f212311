import type { CheckMaker } from './checkRegistry.ts';

/** Healthy when the program ends with 0 in time. */
export const execCheck: CheckMaker<'exec'> =
  ({ command }, timeoutMs, host) =>
  async (signal) => {
    const { ok, says, output } = await host.run(command, { timeoutMs, signal });
    if (ok) return { healthy: true, says: `${command[0]} ${says}` };
    return { healthy: false, says: `${command[0]} ${says}${output === '' ? '' : `: ${output.slice(-500)}`}` };
  };
