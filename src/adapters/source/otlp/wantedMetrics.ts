import type { World } from '../../../core/record/world.ts';
import type { MetricSpec } from '../../../core/topology/metric.ts';

type OtlpSpec = Extract<MetricSpec, { readonly otlp: string }>;

export interface WantedMetric extends OtlpSpec {
  readonly service: string;
  /** As the service calls it. */
  readonly metric: string;
}

/** The metrics that services want of what is sent to us, by the name that they are sent under. */
export class WantedMetrics {
  #services: World['services'] | null = null;
  #byName: ReadonlyMap<string, readonly WantedMetric[]> = new Map();

  /** Whether services have changed since it was asked last. */
  follow({ services }: World): boolean {
    if (services === this.#services) return false;
    this.#services = services;
    const all = [...services.values()].flatMap(({ name: service, metrics }) =>
      Object.entries(metrics).flatMap(([metric, spec]) => ('otlp' in spec ? [{ service, metric, ...spec }] : [])),
    );
    this.#byName = Map.groupBy(all, ({ otlp }) => otlp);
    return true;
  }

  get all(): readonly WantedMetric[] {
    return [...this.#byName.values()].flat();
  }

  named(name: string): readonly WantedMetric[] {
    return this.#byName.get(name) ?? [];
  }
}
