import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Host, HttpAnswer } from '../../engine/ports/host.ts';
import type { Scrape, Watches } from '../../engine/ports/scrape.ts';
import type { AgentMetrics } from '../../wire/manifest/agent.ts';
import { type Exposition, parseExposition } from './exposition.ts';
import { parseProtobufExposition } from './protobufExposition.ts';
import { readMetrics } from './readMetrics.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 5000;

const PROTOBUF = 'application/vnd.google.protobuf';
const TEXT = 'text/plain;version=0.0.4;q=0.8, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1';
const ANY = `${PROTOBUF};proto=io.prometheus.client.MetricFamily;encoding=delimited, ${TEXT}`;

/** What the service beside the agent shows on its Prometheus page. */
export function prometheusScrape({ url }: AgentMetrics, host: Host): Scrape {
  return {
    async read(watches, signal) {
      const accept = acceptable(watches);
      const answer = await host.request({
        url,
        method: 'GET',
        accept,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        signal,
      });
      if (!answer.ok) return answer;
      const { status } = answer.value;
      if (status !== 200) return err(`GET ${url}: ${status}, expected 200`);
      const exposition = parse(answer.value);
      return exposition.ok ? ok(readMetrics(exposition.value, watches)) : err(`GET ${url}: ${exposition.error}`);
    },
  };
}

/** Native histograms are shown in protobuf only, which nobody has to make who has none. */
function acceptable(watches: Watches): string {
  return Object.values(watches).some((watch) => 'histogram' in watch) ? ANY : TEXT;
}

/** What comes is judged by what it says it is; what says nothing of the kind is text. */
function parse({ contentType, body }: HttpAnswer): Result<Exposition, string> {
  const [type = '', ...parameters] = contentType.toLowerCase().replaceAll(/[\s"]/g, '').split(';');
  if (type === PROTOBUF) {
    if (parameters.includes('encoding=delimited')) return parseProtobufExposition(body);
    return err(`the answer is ${contentType.slice(0, 200)}; of protobuf only encoding=delimited is read`);
  }
  const text = decode(body);
  return text === null ? err('the answer is not UTF-8') : parseExposition(text);
}

function decode(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
