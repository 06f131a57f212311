import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Sketch } from '../../core/analysis/targetSample.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Result } from '../../core/kernel/result.ts';
import type { Counted, TargetObservation, TargetObservations } from '../../engine/ports/fleet.ts';
import type { Watches } from '../../engine/ports/scrape.ts';
import * as pb from '../../wire/agent/generated/agent_pb.ts';
import { decodeMessage } from './decodeMessage.ts';
import {
  cutText,
  digestBytes,
  FIELD_LIMITS,
  readCount,
  readDistinct,
  readList,
  readName,
  readOptionalDigest,
  readText,
} from './fieldLimits.ts';
import { type Malformed, MalformedError } from './malformed.ts';

// What agents are to read of their services, and what they say they have read.

/** Counters stand apart: an agent that knows nothing else is told of nothing else. */
export function watchMessages(
  watches: Watches,
): Pick<MessageInitShape<typeof pb.AssignmentSchema>, 'watches' | 'figures'> {
  const messages = {
    watches: [] as { metric: string; counter: string }[],
    figures: [] as MessageInitShape<typeof pb.FigureWatchSchema>[],
  };
  for (const [metric, watch] of Object.entries(watches)) {
    if ('counter' in watch) messages.watches.push({ metric, counter: watch.counter });
    else if ('gauge' in watch) messages.figures.push({ metric, source: { case: 'gauge', value: watch.gauge } });
    else messages.figures.push({ metric, source: { case: 'histogram', value: watch.histogram } });
  }
  return messages;
}

export function readWatches({ watches, figures }: Pick<pb.Assignment, 'watches' | 'figures'>): Watches {
  const all = [
    ...readDistinct('watches', watches, FIELD_LIMITS.watches, ({ metric }) => metric, readCounterWatch),
    ...readDistinct('figures', figures, FIELD_LIMITS.watches, ({ metric }) => metric, readFigureWatch).flat(),
  ];
  return Object.fromEntries(all);
}

function readCounterWatch(at: string, { metric, counter }: pb.Watch): [string, Watches[string]] {
  return [readName(`${at}.metric`, metric), { counter: readText(`${at}.counter`, counter) }];
}

/** What a later server may ask for is not known here, and passed over. */
function readFigureWatch(at: string, { metric, source }: pb.FigureWatch): [string, Watches[string]][] {
  const name = readName(`${at}.metric`, metric);
  if (source.case === 'gauge') return [[name, { gauge: readText(`${at}.gauge`, source.value) }]];
  if (source.case === 'histogram') return [[name, { histogram: readText(`${at}.histogram`, source.value) }]];
  return [];
}

/** What is beyond the limits is left out: a message that is refused would say nothing at all. */
export function encodeObservations(said: TargetObservations): Uint8Array {
  const message = create(pb.ObservationsSchema, {
    observations: said.observations.slice(0, FIELD_LIMITS.observations).map(
      (observation): MessageInitShape<typeof pb.ObservationSchema> => ({
        metric: observation.metric,
        slot: observation.slot,
        artifact: digestBytes(observation.artifact),
        epoch: BigInt(observation.epoch),
        counted: countedMessage(observation),
        present: observation.present,
        ...(observation.countedMs !== undefined && {
          countedMs: BigInt(Math.max(0, Math.round(observation.countedMs))),
        }),
      }),
    ),
    exposedCounters: exposedNames(said.exposedCounters),
    exposedGauges: exposedNames(said.exposedGauges),
    exposedHistograms: exposedNames(said.exposedHistograms),
    scrapeError: cutText(said.scrapeError),
  });
  return toBinary(pb.ObservationsSchema, message);
}

function exposedNames(names: readonly string[] = []): string[] {
  return names.filter((name) => name.length <= FIELD_LIMITS.name).slice(0, FIELD_LIMITS.exposed);
}

function countedMessage(counted: Counted): NonNullable<MessageInitShape<typeof pb.ObservationSchema>['counted']> {
  if ('total' in counted) return { case: 'total', value: counted.total };
  if ('sketch' in counted) {
    const { bounds, counts, sum } = counted.sketch;
    return { case: 'sketch', value: { bounds: [...bounds], counts: [...counts], sum } };
  }
  const { taken, last } = counted.readings;
  return { case: 'readings', value: { taken: BigInt(taken), last: [...last] } };
}

export function decodeObservations(bytes: Uint8Array): Result<TargetObservations, Malformed> {
  return decodeMessage(pb.ObservationsSchema, bytes, (message) => ({
    observations: readList('observations', message.observations, FIELD_LIMITS.observations, observationReader()),
    exposedCounters: readList('exposed_counters', message.exposedCounters, FIELD_LIMITS.exposed, readName),
    exposedGauges: readList('exposed_gauges', message.exposedGauges, FIELD_LIMITS.exposed, readName),
    exposedHistograms: readList('exposed_histograms', message.exposedHistograms, FIELD_LIMITS.exposed, readName),
    scrapeError: readText('scrape_error', message.scrapeError),
  }));
}

/** For the observations of one message, which are of few artifacts: each is written out once. */
function observationReader(): (at: string, observation: pb.Observation) => TargetObservation {
  let last: { readonly bytes: Uint8Array; readonly artifact: Digest | null } = {
    bytes: new Uint8Array(),
    artifact: null,
  };
  return (at, { metric, slot, artifact, epoch, counted, present, countedMs }) => {
    if (Buffer.compare(artifact, last.bytes) !== 0)
      last = { bytes: artifact, artifact: readOptionalDigest(`${at}.artifact`, artifact) };
    return {
      metric: readName(`${at}.metric`, metric),
      slot: readName(`${at}.slot`, slot),
      artifact: last.artifact,
      epoch: readCount(`${at}.epoch`, epoch),
      present,
      ...(countedMs !== undefined && { countedMs: readCount(`${at}.counted_ms`, countedMs) }),
      ...readCounted(at, counted),
    };
  };
}

function readCounted(at: string, counted: pb.Observation['counted']): Counted {
  switch (counted.case) {
    case 'sketch':
      return { sketch: readSketch(`${at}.sketch`, counted.value) };
    case 'readings': {
      const { taken, last } = counted.value;
      const values = readList(`${at}.readings.last`, last, FIELD_LIMITS.readings, readFinite);
      const times = readCount(`${at}.readings.taken`, taken);
      if (times < values.length)
        throw new MalformedError(`${at}.readings.taken`, `${times}; ${values.length} are shown`);
      return { readings: { taken: times, last: values } };
    }
    // A total of 0 was left out by agents that knew of nothing but totals.
    default:
      return { total: readAmount(`${at}.total`, counted.value ?? 0) };
  }
}

function readSketch(at: string, { bounds, counts, sum }: pb.Sketch): Sketch {
  if (counts.length !== bounds.length)
    throw new MalformedError(`${at}.counts`, `${counts.length} items; expected ${bounds.length}, one for each bound`);
  let below = Number.NEGATIVE_INFINITY;
  const readBound = (place: string, bound: number) => {
    if (!(bound > below)) throw new MalformedError(place, `${bound}; expected more than ${below}`);
    below = bound;
    return bound;
  };
  return {
    bounds: readList(`${at}.bounds`, bounds, FIELD_LIMITS.bounds, readBound),
    counts: readList(`${at}.counts`, counts, FIELD_LIMITS.bounds, readAmount),
    sum: readFinite(`${at}.sum`, sum),
  };
}

function readAmount(at: string, value: number): number {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
    throw new MalformedError(at, `${value}; expected a finite number of at least 0`);
  return value;
}

function readFinite(at: string, value: number): number {
  if (!Number.isFinite(value)) throw new MalformedError(at, `${value}; expected a finite number`);
  return value;
}
