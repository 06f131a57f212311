import type { CheckMaker } from './checkRegistry.ts';

/** Healthy when something accepts a connection. */
export const tcpCheck: CheckMaker<'tcp'> =
  ({ host: name, port }, timeoutMs, host) =>
  async (signal) => {
    const connected = await host.connect({ host: name, port }, { timeoutMs, signal });
    return connected.ok
      ? { healthy: true, says: `${name}:${port} accepts connections` }
      : { healthy: false, says: connected.error };
  };
