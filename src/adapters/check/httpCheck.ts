import type { CheckMaker } from './checkRegistry.ts';

/** What an answer says is not read beyond this; its status is what counts. */
const MAX_BYTES = 1024 * 1024;

/** Healthy when the URL answers with the expected status. */
export const httpCheck: CheckMaker<'http'> =
  ({ url, status }, timeoutMs, host) =>
  async (signal) => {
    const answer = await host.request({ url, method: 'GET', timeoutMs, maxBytes: MAX_BYTES, signal });
    if (!answer.ok) return { healthy: false, says: answer.error };
    const found = answer.value.status;
    if (found === status) return { healthy: true, says: `GET ${url}: ${found}` };
    return { healthy: false, says: `GET ${url}: ${found}, expected ${status}` };
  };
