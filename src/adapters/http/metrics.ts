import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { ROLLOUT_PHASES } from '../../core/rollout/rollout.ts';
import type { ControlPlane } from '../../engine/ports/controlPlane.ts';

/** One number that somebody else keeps. */
export interface Figure {
  readonly name: string;
  readonly kind: 'gauge' | 'counter';
  readonly help: string;
  readonly value: () => number;
}

export interface ServerMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** `route` is a route's pattern, never an address somebody sent. */
  observeRequest(method: string, route: string, status: number, seconds: number): void;
}

/** Figures about one server, in a registry of its own. Every label's values are known beforehand. */
export function createMetrics(
  controlPlane: ControlPlane,
  openStreams: () => number,
  figures: readonly Figure[],
): ServerMetrics {
  const registry = new Registry();
  // Brings the event loop's lag, the heap, the process's CPU time and open files.
  collectDefaultMetrics({ register: registry });

  const durations = new Histogram({
    name: 'ringfence_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer, by route. Live streams count when they end.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });

  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  gauge('ringfence_log_head', 'Position of the last event in the log.', () => controlPlane.world().position);
  gauge(
    'ringfence_log_signed',
    'Position up to which the newest checkpoint vouches for the log.',
    () => controlPlane.world().checkpoint?.document.position ?? 0,
  );
  gauge('ringfence_targets', 'Enrolled targets.', () => controlPlane.world().targets.size);
  gauge('ringfence_targets_connected', 'Targets that are connected now.', () => controlPlane.connectedTargets());
  gauge('ringfence_line_halted', '1 while the line is halted.', () => (controlPlane.world().halted === null ? 0 : 1));
  gauge('ringfence_ready', '1 while commands can be carried out.', () => (controlPlane.readiness().ready ? 1 : 0));
  gauge('ringfence_live_streams', 'Open live streams.', openStreams);
  new Gauge({
    name: 'ringfence_rollouts',
    help: 'Rollouts by phase.',
    labelNames: ['phase'] as const,
    registers: [registry],
    collect() {
      const rollouts = [...controlPlane.world().rollouts.values()];
      for (const phase of ROLLOUT_PHASES)
        this.set({ phase }, rollouts.filter((rollout) => rollout.phase === phase).length);
    },
  });

  for (const { name, kind, help, value } of figures) {
    if (kind === 'gauge') gauge(name, help, value);
    else counter(name, help, value);
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeRequest: (method, route, status, seconds) => durations.observe({ method, route, status }, seconds),
  };
}
