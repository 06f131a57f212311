import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { World } from '../../core/record/world.ts';
import type { MetricSpec } from '../../core/topology/metric.ts';
import { addressOf, kindOfSource, type MetricSource } from '../../core/topology/metricSource.ts';
import type { Service } from '../../core/topology/service.ts';
import { windowMsOf } from '../../engine/controlplane/windowLength.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Entropy } from '../../engine/ports/entropy.ts';
import type { FigureIntake } from '../../engine/ports/figures.ts';
import { AlertmanagerQuestion } from './alertmanagerQuestion.ts';
import type { Heard, MetricQuestion } from './metricQuestion.ts';
import { PrometheusQuestion } from './prometheusQuestion.ts';
import type { SourceBook } from './sourceBook.ts';
import { askAll } from './sourceRound.ts';
import { uidNamed } from './targetNames.ts';

export interface SourcePollerOptions {
  readonly world: () => World;
  readonly figures: FigureIntake;
  readonly book: SourceBook;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** By name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Samples of this age are taken whatever the window; 45 s if left out. */
  readonly freshMs?: DurationMs;
}

/** Of a window: the rest is for the answers to be judged in. */
const PART_OF_WINDOW = 0.8;
const LONGEST_ROUND_MS = 30_000;
const FRESH_MS = 45_000;
/** Samples that missed so many windows are of the past. */
const FRESH_WINDOWS = 3;

/** One source of one service, asked once a window. */
interface Line {
  readonly service: string;
  readonly name: string;
  /** What the questions were made from: when it changes they are made anew, and counts begin anew. */
  readonly made: Map<string, { readonly of: string; readonly question: MetricQuestion }>;
  cancel: () => void;
}

/** Asks every source of every service for its metrics, once in each window of the service, and never twice at the same time. */
export class SourcePoller {
  readonly #options: SourcePollerOptions;
  readonly #lines = new Map<string, Line>();
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();
  #seen: World['services'] | null = null;

  constructor(options: SourcePollerOptions) {
    this.#options = options;
  }

  /** Takes up what services say now. To be called at the start and after every append; cheap where nothing of this has changed. */
  follow(): void {
    const { services } = this.#options.world();
    if (services === this.#seen || this.#ending.signal.aborted) return;
    this.#seen = services;
    const wanted = new Set<string>();
    for (const service of services.values()) {
      for (const [name, source] of Object.entries(service.sources ?? {})) {
        const key = `${service.name}\n${name}`;
        wanted.add(key);
        const title = { service: service.name, name, kind: kindOfSource(source), url: addressOf(source).url };
        this.#options.book.expect(title, Object.keys(metricsOf(service, name)));
        if (!this.#lines.has(key)) this.#begin(key, service.name, name);
      }
    }
    for (const [key, line] of this.#lines) {
      if (wanted.has(key)) continue;
      line.cancel();
      this.#lines.delete(key);
      this.#options.book.forget(line.service, line.name);
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    for (const line of this.#lines.values()) line.cancel();
    this.#lines.clear();
    await Promise.all(this.#running);
  }

  /** The first round at a random point of a window, so that services do not all ask at once. */
  #begin(key: string, service: string, name: string): void {
    const line: Line = { service, name, made: new Map(), cancel: () => {} };
    this.#lines.set(key, line);
    const [chance = 0] = this.#options.entropy.bytes(1);
    const windowMs = this.#windowMsOf(service);
    this.#after(key, line, Math.min(windowMs, LONGEST_ROUND_MS) * (chance / 256));
  }

  #after(key: string, line: Line, delayMs: DurationMs): void {
    const { clock } = this.#options;
    line.cancel = clock.after(delayMs, () => {
      const began = clock.monotonic();
      const round = this.#round(line).then(() => {
        this.#running.delete(round);
        if (this.#ending.signal.aborted || this.#lines.get(key) !== line) return;
        const windowMs = this.#windowMsOf(line.service);
        this.#after(key, line, Math.max(0, windowMs - (clock.monotonic() - began)));
      });
      this.#running.add(round);
    });
  }

  async #round(line: Line): Promise<void> {
    const { world, clock, book } = this.#options;
    const service = world().services.get(line.service);
    const source = service?.sources?.[line.name];
    if (service === undefined || source === undefined) return;
    const questions = this.#questions(line, service, source);
    const secret = this.#secretOf(source);
    if (!secret.ok) {
      for (const metric of questions.keys()) book.heard(line.service, line.name, metric, secret);
      return;
    }
    const windowMs = this.#windowMsOf(line.service);
    const asking = {
      clock,
      address: addressOf(source),
      secret: secret.value,
      windowMs,
      freshMs: Math.max(FRESH_WINDOWS * windowMs, this.#options.freshMs ?? FRESH_MS),
      signal: this.#ending.signal,
      uidNamed: (value: string) => uidNamed(world(), line.service, value),
      targets: () => uidsOf(world(), line.service),
    };
    const withinMs = Math.min(windowMs * PART_OF_WINDOW, LONGEST_ROUND_MS);
    await askAll(questions, asking, withinMs, (metric, outcome) => {
      // The source may have gone from the manifest while it was asked, and what ends at once says nothing.
      if (!this.#ending.signal.aborted && line.made.has(metric)) this.#take(line, metric, outcome);
    });
  }

  #take(line: Line, metric: string, outcome: Result<Heard, MetricFault>): void {
    const { book, figures } = this.#options;
    if (!outcome.ok) {
      book.heard(line.service, line.name, metric, outcome);
      return;
    }
    const { figures: found, targets, strangers, note } = outcome.value;
    for (const [uid, each] of found) figures.measured(uid, { metric, ...each });
    const unknown = strangers.size === 0 ? '' : `what names no target is left out: ${strangers.says}`;
    const says = [note, unknown].filter((text) => text !== '').join('; ');
    book.heard(line.service, line.name, metric, ok({ targets, note: says }));
  }

  #windowMsOf(service: string): DurationMs {
    return windowMsOf(this.#options.world().pipelines.values(), service);
  }

  #questions(line: Line, service: Service, source: MetricSource): ReadonlyMap<string, MetricQuestion> {
    const metrics = metricsOf(service, line.name);
    for (const metric of line.made.keys()) if (metrics[metric] === undefined) line.made.delete(metric);
    for (const [metric, spec] of Object.entries(metrics)) {
      const of = JSON.stringify([spec, source]);
      if (line.made.get(metric)?.of === of) continue;
      const question = 'query' in spec ? new PrometheusQuestion(spec) : new AlertmanagerQuestion(spec);
      line.made.set(metric, { of, question });
    }
    return new Map([...line.made].map(([metric, { question }]) => [metric, question]));
  }

  #secretOf(source: MetricSource): Result<string | null, MetricFault> {
    const { secret: name } = addressOf(source);
    if (name === undefined) return ok(null);
    const secret = this.#options.secrets.get(name);
    if (secret !== undefined) return ok(secret);
    const says = `this server was started without the secret "${name}" of the source: start it with --source-secret ${name}=FILE`;
    return err({ code: 'source-error', says });
  }
}

type AskedSpec = Extract<MetricSpec, { readonly query: string } | { readonly alert: object }>;

function metricsOf(service: Service, source: string): Readonly<Record<string, AskedSpec>> {
  const all = Object.entries(service.metrics).flatMap(([metric, spec]) =>
    ('query' in spec || 'alert' in spec) && spec.source === source ? [[metric, spec] as const] : [],
  );
  return Object.fromEntries(all);
}

function* uidsOf(world: World, service: string): Iterable<string> {
  for (const target of world.targets.values()) if (target.service === service) yield target.uid;
}
