import type { Conditions } from '../../core/policy/conditions.ts';
import type { TargetObservations, TargetReport } from '../ports/fleet.ts';

/** Names of what one target's service exposes, by what it is. */
export type Exposed = Required<Pick<TargetObservations, 'exposedCounters' | 'exposedGauges' | 'exposedHistograms'>>;

type Names = Required<Pick<Conditions, keyof Exposed | 'exposedChecks' | 'exposedComponents'>>;

/** What many targets have to measure, by name: whoever misspelt one is told the nearest. */
export class ExposedNames {
  readonly #names = {
    exposedCounters: new Set<string>(),
    exposedGauges: new Set<string>(),
    exposedHistograms: new Set<string>(),
    exposedChecks: new Set<string>(),
    exposedComponents: new Set<string>(),
  };

  add(exposed: Exposed, report: TargetReport | null): void {
    const { exposedCounters, exposedGauges, exposedHistograms, exposedChecks, exposedComponents } = this.#names;
    for (const name of exposed.exposedCounters) exposedCounters.add(name);
    for (const name of exposed.exposedGauges) exposedGauges.add(name);
    for (const name of exposed.exposedHistograms) exposedHistograms.add(name);
    for (const { name } of report?.checks ?? []) exposedChecks.add(name);
    for (const { path } of report?.components ?? []) exposedComponents.add(path);
  }

  get all(): Names {
    const { exposedCounters, exposedGauges, exposedHistograms, exposedChecks, exposedComponents } = this.#names;
    return {
      exposedCounters: [...exposedCounters],
      exposedGauges: [...exposedGauges],
      exposedHistograms: [...exposedHistograms],
      exposedChecks: [...exposedChecks],
      exposedComponents: [...exposedComponents],
    };
  }
}
