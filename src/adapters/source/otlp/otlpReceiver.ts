import type { MetricFault } from '../../../core/analysis/metricFault.ts';
import { type DurationMs, formatDuration, type Instant } from '../../../core/kernel/instant.ts';
import { err, ok } from '../../../core/kernel/result.ts';
import type { World } from '../../../core/record/world.ts';
import { windowMsOf } from '../../../engine/controlplane/windowLength.ts';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { FigureIntake } from '../../../engine/ports/figures.ts';
import type { OtlpIntake, OtlpOutcome } from '../../../engine/ports/metricSources.ts';
import type { ExportMetricsServiceRequest, KeyValue } from '../../../wire/otlp/generated/metrics_pb.ts';
import { MOST_SKEW_MS } from '../metricQuestion.ts';
import type { SourceBook } from '../sourceBook.ts';
import { Strangers, uidNamed } from '../targetNames.ts';
import { type OtlpPoint, pointsOf, type Reading } from './otlpPoint.ts';
import { type Batch, emptyBatch, figuresOf, TargetStreams } from './targetStreams.ts';
import { type WantedMetric, WantedMetrics } from './wantedMetrics.ts';

/** What is sent to us is called so among a service's sources. */
export const OTLP = 'otlp';

export interface OtlpReceiverOptions {
  readonly world: () => World;
  readonly figures: FigureIntake;
  readonly book: SourceBook;
  readonly clock: Clock;
  /** A metric of which nothing arrives for so long is down: SDKs report every minute if they are not told otherwise. */
  readonly silentMs?: DurationMs;
}

const SILENT_MS = 180_000;
const FRESH_MS = 45_000;
const FRESH_WINDOWS = 3;
const LOOK_MS = 5_000;

/** What is known of one metric of one service. */
interface Line {
  readonly wanted: WantedMetric;
  /** By uid. */
  readonly streams: Map<string, TargetStreams>;
  /** Targets of which the last that came could be used, and when that was. */
  readonly well: Map<string, Instant>;
  /** Targets of which it could not. */
  readonly wrong: Map<string, { readonly fault: MetricFault; readonly at: Instant }>;
  heardAt: Instant;
}

const NONE: ReadonlyMap<string, Batch> = new Map();

type Attributes = ReadonlyMap<string, string>;

/**
 * Takes in what OpenTelemetry SDKs and collectors send, and hands on what services want of it. What nobody wants is let go; what
 * cannot be used of what somebody wants is a fault of that metric, until the target sends what can.
 */
export class OtlpReceiver implements OtlpIntake {
  readonly #options: OtlpReceiverOptions;
  readonly #wanted = new WantedMetrics();
  readonly #lines = new Map<string, Line>();
  #cancel: () => void;

  constructor(options: OtlpReceiverOptions) {
    this.#options = options;
    this.#cancel = () => {};
    this.follow();
    this.#watch();
  }

  /** Takes up what services say now. Cheap where nothing of this has changed. */
  follow(): void {
    const { world, book, clock } = this.#options;
    if (!this.#wanted.follow(world())) return;
    const byService = Map.groupBy(this.#wanted.all, ({ service }) => service);
    for (const [key, { wanted }] of this.#lines) {
      const still = byService.get(wanted.service)?.some((each) => JSON.stringify(each) === JSON.stringify(wanted));
      if (still !== true) this.#lines.delete(key);
      if (!byService.has(wanted.service)) book.forget(wanted.service, OTLP);
    }
    for (const [service, all] of byService) {
      const names = all.map(({ metric }) => metric);
      book.expect({ service, name: OTLP, kind: 'otlp', url: null }, names);
      for (const wanted of all) {
        const key = keyOf(wanted);
        if (this.#lines.has(key)) continue;
        const empty = { streams: new Map(), well: new Map(), wrong: new Map() };
        this.#lines.set(key, { wanted, ...empty, heardAt: clock.now() });
      }
    }
  }

  close(): void {
    this.#cancel();
  }

  take(request: ExportMetricsServiceRequest): OtlpOutcome {
    this.follow();
    const taking = new Taking(this.#options);
    for (const { resource, scopeMetrics } of request.resourceMetrics) {
      const ofResource = attributesOf(resource?.attributes ?? []);
      const named = ofResource.get('service.name') ?? '';
      const isRegistered = this.#options.world().services.has(named);
      for (const { scope, metrics } of scopeMetrics) {
        for (const metric of metrics) {
          const lines = this.#wanted
            .named(metric.name)
            .filter(({ service }) => !isRegistered || service === named)
            .flatMap((wanted) => this.#lines.get(keyOf(wanted)) ?? []);
          if (lines.length === 0) continue;
          const sender = `${textOf(ofResource)}\n${scope?.name ?? ''}\n${scope?.version ?? ''}`;
          for (const point of pointsOf(metric)) taking.point(lines, ofResource, sender, point);
        }
      }
    }
    return taking.end();
  }

  /** What is silent for too long is down, and what was wrong with a target that is gone is forgotten. */
  #watch(): void {
    const { world, clock, book, silentMs = SILENT_MS } = this.#options;
    this.#cancel = clock.after(LOOK_MS, () => {
      const now = clock.now();
      for (const { wanted, streams, wrong, well, heardAt } of this.#lines.values()) {
        for (const uid of streams.keys()) if (!world().targets.has(uid)) streams.delete(uid);
        for (const [uid, { at }] of wrong) if (now - at > silentMs) wrong.delete(uid);
        for (const [uid, at] of well) if (now - at > silentMs) well.delete(uid);
        if (now - heardAt <= silentMs) continue;
        const todo = `see that its SDKs or collectors run and send to /otlp/v1/metrics, and that ${wanted.target} names the target`;
        const says = `nothing of ${wanted.otlp} has been sent for any target of ${wanted.service} for ${formatDuration(silentMs)} or more: ${todo}`;
        book.heard(wanted.service, OTLP, wanted.metric, err({ code: 'source-down', says }));
      }
      this.#watch();
    });
  }
}

/** One request, while it is taken in. */
class Taking {
  readonly #options: OtlpReceiverOptions;
  readonly #now: Instant;
  readonly #batches = new Map<Line, Map<string, Batch>>();
  readonly #strangers = new Map<Line, Strangers>();
  #rejected = 0;
  #says = '';

  constructor(options: OtlpReceiverOptions) {
    this.#options = options;
    this.#now = options.clock.now();
  }

  point(lines: readonly Line[], ofResource: Attributes, sender: string, point: OtlpPoint): void {
    const own = attributesOf(point.attributes);
    const key = { resource: sender, attributes: textOf(own) };
    for (const line of lines) {
      const { service, where = {}, target } = line.wanted;
      const read = (attribute: string) => own.get(attribute) ?? ofResource.get(attribute);
      const seen = seenBy(point, where, read);
      if (seen === null) continue;
      const name = read(target) ?? '';
      const uid = uidNamed(this.#options.world(), service, name);
      if (uid === undefined) {
        this.#strangersOf(line).add(name);
        continue;
      }
      const windowMs = windowMsOf(this.#options.world().pipelines.values(), service);
      const batch = this.#batchOf(line, uid);
      const streams = line.streams.get(uid) ?? new TargetStreams();
      line.streams.set(uid, streams);
      const fault = this.#timeFault(point, windowMs, name) ?? wrongIn(streams.add(key, seen, windowMs, batch), name);
      if (fault === null) continue;
      batch.refused = true;
      this.#reject(line, uid, fault);
    }
  }

  end(): OtlpOutcome {
    const { figures, book, silentMs = SILENT_MS } = this.#options;
    for (const line of new Set([...this.#batches.keys(), ...this.#strangers.keys()])) {
      const batches = this.#batches.get(line) ?? NONE;
      const { wanted, well, wrong, streams } = line;
      if (batches.size > 0) line.heardAt = this.#now;
      for (const [uid, batch] of batches) {
        if (batch.refused) continue;
        const found = figuresOf(batch);
        if (found !== null && 'error' in found) {
          this.#reject(line, uid, { code: 'source-error', says: `a target sends ${found.error}` });
          continue;
        }
        streams.get(uid)?.cover(batch);
        wrong.delete(uid);
        well.set(uid, this.#now);
        const ageMs = Math.max(0, this.#now - batch.time);
        if (found !== null)
          figures.measured(uid, { metric: wanted.metric, figures: found, minutes: batch.minutes, ageMs });
      }
      const [first] = wrong.values();
      const more = wrong.size > 1 ? ` (and ${wrong.size - 1} more targets)` : '';
      const targets = [...well.values()].filter((at) => this.#now - at <= silentMs).length;
      const strangers = this.#strangers.get(line)?.says ?? '';
      const note = strangers === '' ? '' : `what names no target is left out: ${strangers}`;
      const nobody = `what is sent names no target of the service in its attribute ${wanted.target} (${strangers})`;
      const todo = 'give the metric the attribute that holds a name or uid of a target as its "target"';
      const outcome =
        first !== undefined
          ? err({ ...first.fault, says: first.fault.says + more })
          : targets === 0
            ? err<MetricFault>({ code: 'source-error', says: `${nobody}: ${todo}` })
            : ok({ targets, note });
      book.heard(wanted.service, OTLP, wanted.metric, outcome);
    }
    return { rejected: this.#rejected, says: this.#says };
  }

  #reject(line: Line, uid: string, fault: MetricFault): void {
    line.wrong.set(uid, { fault, at: this.#now });
    line.well.delete(uid);
    this.#rejected++;
    if (this.#says === '') this.#says = `${line.wanted.otlp}: ${fault.says}`;
  }

  #timeFault({ start, time }: OtlpPoint, windowMs: DurationMs, name: string): MetricFault | null {
    const ahead = time - this.#now;
    const age = -ahead;
    const freshMs = Math.max(FRESH_WINDOWS * windowMs, FRESH_MS);
    const who = `the target ${name}`;
    const skew = (says: string): MetricFault => ({ code: 'clock-skew', says: `${who} ${says}: set its clock by NTP` });
    if (time === 0) return { code: 'source-error', says: `${who} sends points without a time` };
    if (ahead > MOST_SKEW_MS) return skew(`sends points of a time that is ${formatDuration(ahead)} ahead of ours`);
    if (start !== null && start > time) return skew('sends points that end before they start');
    if (age <= freshMs) return null;
    const todo = 'set its clock by NTP, and see what held them up on the way';
    return { code: 'source-slow', says: `${who} sends points that are ${formatDuration(age)} old: ${todo}` };
  }

  #batchOf(line: Line, uid: string): Batch {
    const batches = this.#batches.get(line) ?? new Map<string, Batch>();
    this.#batches.set(line, batches);
    const batch = batches.get(uid) ?? emptyBatch();
    batches.set(uid, batch);
    return batch;
  }

  #strangersOf(line: Line): Strangers {
    const strangers = this.#strangers.get(line) ?? new Strangers();
    this.#strangers.set(line, strangers);
    return strangers;
  }
}

/**
 * A point as a metric sees it that wants only some of them; `null`: not at all. What was counted with other values of the same
 * attributes is 0 of it: that nothing has failed yet is known, and not unknown.
 */
function seenBy(
  point: OtlpPoint,
  where: Readonly<Record<string, string>>,
  read: (attribute: string) => string | undefined,
): OtlpPoint | null {
  const wanted = Object.entries(where);
  if (wanted.every(([attribute, value]) => read(attribute) === value)) return point;
  const { reading } = point;
  const isCounted = reading.ok && reading.value.kind === 'count' && wanted.every(([each]) => read(each) !== undefined);
  return isCounted ? { ...point, reading: ok({ ...reading.value, value: 0 } as Reading) } : null;
}

function wrongIn(says: string | null, name: string): MetricFault | null {
  return says === null ? null : { code: 'source-error', says: `the target ${name} sends ${says}` };
}

function attributesOf(pairs: readonly KeyValue[]): Attributes {
  const found = new Map<string, string>();
  // What is not one text, number or truth names nothing.
  for (const { key, value } of pairs) if (value?.value.case !== undefined) found.set(key, String(value.value.value));
  return found;
}

function textOf(attributes: Attributes): string {
  return JSON.stringify([...attributes].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function keyOf({ service, metric }: Pick<WantedMetric, 'service' | 'metric'>): string {
  return `${service}\n${metric}`;
}
