import { err, ok } from '../../core/kernel/result.ts';
import type { Host } from '../../engine/ports/host.ts';
import type { Scrape } from '../../engine/ports/scrape.ts';
import type { AgentMetrics } from '../../wire/manifest/agent.ts';
import { parseExposition } from './exposition.ts';
import { readCounters } from './readCounters.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 5000;

/** The counters of the service beside the agent, from its Prometheus page. */
export function prometheusScrape({ url }: AgentMetrics, host: Host): Scrape {
  return {
    async read(watches, signal) {
      const accept = 'text/plain;version=0.0.4;q=1, */*;q=0.1';
      const answer = await host.request({
        url,
        method: 'GET',
        accept,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        signal,
      });
      if (!answer.ok) return answer;
      const { status, body } = answer.value;
      if (status !== 200) return err(`GET ${url}: ${status}, expected 200`);
      const text = decode(body);
      if (text === null) return err(`GET ${url}: the answer is not UTF-8`);
      const exposition = parseExposition(text);
      if (!exposition.ok) return err(`GET ${url}: ${exposition.error}`);
      return ok(readCounters(exposition.value, watches));
    },
  };
}

function decode(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
