// node src/adapters/source/testing/otelShop.ts: a program that is measured with the real OpenTelemetry SDK, for tests. It is told
// what to do by its parent, and answers each time when that is done; it ends with it.
import { createRequire } from 'node:module';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtoExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

/** In the place of settings: it is set up by `OTEL_…`, as most programs are. */
export const FROM_ENVIRONMENT = 'environment';

/** How it is set up: by the one argument, as JSON. */
export interface OtelShopSettings {
  readonly url: string;
  readonly token: string;
  readonly protocol: 'json' | 'protobuf';
  readonly temporality: 'cumulative' | 'delta';
  readonly histogram: 'explicit' | 'exponential';
  readonly isPacked: boolean;
  readonly resource: Readonly<Record<string, string>>;
}

export type OtelShopOrder =
  | { readonly count: number; readonly code: string }
  | { readonly observe: readonly number[] }
  | { readonly gauge: number }
  | { readonly open: number }
  | { readonly flush: true };

if (import.meta.main) {
  // What a resource is made with comes with the SDK.
  const resources = createRequire(import.meta.resolve('@opentelemetry/sdk-metrics'))('@opentelemetry/resources');
  const given = process.argv[2] ?? '';
  const settings = given === FROM_ENVIRONMENT ? null : (JSON.parse(given) as OtelShopSettings);
  const exporter = settings === null ? new ProtoExporter() : exporterOf(settings);
  // It is told when to export; never by itself within a test.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({
    resource:
      settings === null
        ? resources.detectResources({ detectors: [resources.envDetector] })
        : resources.resourceFromAttributes(settings.resource),
    readers: [reader],
    views:
      settings?.histogram === 'exponential'
        ? [{ instrumentName: 'shop.duration', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }]
        : [],
  });
  const meter = provider.getMeter('shop');
  const requests = meter.createCounter('shop.requests');
  const duration = meter.createHistogram('shop.duration', { advice: { explicitBucketBoundaries: [0.1, 0.5, 1] } });
  const load = meter.createGauge('shop.load');
  const open = meter.createUpDownCounter('shop.open');

  process.on('message', async (order: OtelShopOrder) => {
    if ('count' in order) requests.add(order.count, { code: order.code });
    if ('observe' in order) for (const each of order.observe) duration.record(each);
    if ('gauge' in order) load.record(order.gauge);
    if ('open' in order) open.add(order.open);
    if ('flush' in order) await reader.forceFlush().catch(() => {});
    process.send?.('done');
  });
  process.on('disconnect', () => process.exit(0));
}

function exporterOf({ protocol, url, token, isPacked, temporality }: OtelShopSettings) {
  const Exporter = protocol === 'json' ? JsonExporter : ProtoExporter;
  return new Exporter({
    url,
    headers: { authorization: `Bearer ${token}` },
    compression: (isPacked ? 'gzip' : 'none') as never,
    temporalityPreference: temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    timeoutMillis: 5_000,
  });
}
