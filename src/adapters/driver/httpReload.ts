import { err, ok } from '../../core/kernel/result.ts';
import type { ReloadMaker } from './reload.ts';

const MAX_BYTES = 64 * 1024;

/** Sends a request, which must be answered with a 2xx status in time. */
export const httpReload: ReloadMaker<'http'> = ({ url, method, timeoutMs }, { host }, what) => ({
  ready: async () => ok(undefined),
  process: async () => null,
  async tell(signal) {
    const answer = await host.request({ url, method, timeoutMs, maxBytes: MAX_BYTES, signal });
    if (!answer.ok) return err(`the ${what} request failed: ${answer.error}`);
    const { status, body } = answer.value;
    if (status >= 200 && status < 300) return ok(undefined);
    const text = new TextDecoder().decode(body.subarray(0, 500)).trim();
    return err(
      `the ${what} request ${method} ${url} was answered with ${status}, expected 2xx${text === '' ? '' : `: ${text}`}`,
    );
  },
});
