import { OtlpReceiver } from '../../adapters/source/otlp/otlpReceiver.ts';
import { SourceBook } from '../../adapters/source/sourceBook.ts';
import { SourcePoller } from '../../adapters/source/sourcePoller.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { ControlPlane } from '../../engine/ports/controlPlane.ts';
import type { Entropy } from '../../engine/ports/entropy.ts';
import type { Logger } from '../../engine/ports/logger.ts';
import type { MetricSources } from '../../engine/ports/metricSources.ts';

interface SourcesOptions {
  readonly controlPlane: ControlPlane;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly logger: Logger;
  readonly secrets: ReadonlyMap<string, string>;
}

/** Everything that metrics come from besides the agents, for as long as the server runs. */
export function startSources({
  controlPlane,
  clock,
  entropy,
  logger,
  secrets,
}: SourcesOptions): MetricSources & { close(): Promise<void> } {
  const { figures } = controlPlane;
  const world = () => controlPlane.world();
  const book = new SourceBook({ figures, clock, logger });
  const poller = new SourcePoller({ world, figures, book, clock, entropy, secrets });
  poller.follow();
  const receiver = new OtlpReceiver({ world, figures, book, clock });
  const stop = controlPlane.onAppend(() => {
    poller.follow();
    receiver.follow();
  });
  return {
    take: (request) => receiver.take(request),
    views: () => book.views(),
    async close() {
      stop();
      receiver.close();
      await poller.close();
    },
  };
}
