import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { OtelShopSettings } from '../../src/adapters/source/testing/otelShop.ts';
import { startOtelShop } from '../../src/adapters/source/testing/startOtelShop.ts';
import type { Sketch } from '../../src/core/analysis/targetSample.ts';
import {
  ExportMetricsServiceRequestSchema,
  ExportMetricsServiceResponseSchema,
  StatusSchema,
} from '../../src/wire/otlp/generated/metrics_pb.ts';
import { askSources, type SourceUnderTest } from '../support/sourceUnderTest.ts';
import { type ApiUnderTest, startApi, until } from './apiUnderTest.ts';

const target = 'service.instance.id';
const METRICS = {
  requests: { otlp: 'shop.requests', target },
  failures: { otlp: 'shop.requests', where: { code: '500' }, target },
  duration: { otlp: 'shop.duration', target },
  load: { otlp: 'shop.load', target },
  open: { otlp: 'shop.open', target },
} as const;

describe('metrics of OpenTelemetry', () => {
  let api: ApiUnderTest;
  let asked: SourceUnderTest;

  before(async () => {
    asked = askSources({ sources: {}, metrics: METRICS });
    api = await startApi({ sources: { views: () => asked.views(), take: (request) => asked.receiver.take(request) } });
  });
  after(async () => {
    await asked?.close();
    await api?.close();
  });

  const url = () => `${api.origin}/otlp/v1/metrics`;
  const settings = (more: Partial<OtelShopSettings>): OtelShopSettings => ({
    url: url(),
    token: api.tokens.ingest,
    protocol: 'protobuf',
    temporality: 'cumulative',
    histogram: 'explicit',
    isPacked: false,
    resource: { 'service.name': 'shop', 'service.instance.id': 'shop-1' },
    ...more,
  });
  /** Of the figures that arrived of a target while a story was told. */
  async function during(name: string, metric: string, story: () => Promise<void>) {
    const before = asked.measured(name, metric).length;
    await story();
    return asked.measured(name, metric).slice(before);
  }
  const totalOf = (sketches: readonly { readonly figures: unknown }[]) =>
    sketches.reduce((sum, { figures }) => sum + (figures as Sketch).counts.reduce((all, each) => all + each, 0), 0);

  const WAYS: readonly Partial<OtelShopSettings>[] = [
    { protocol: 'json', temporality: 'cumulative', histogram: 'explicit' },
    { protocol: 'protobuf', temporality: 'cumulative', histogram: 'exponential', isPacked: true },
    { protocol: 'json', temporality: 'delta', histogram: 'exponential', isPacked: true },
    { protocol: 'protobuf', temporality: 'delta', histogram: 'explicit' },
  ];
  for (const way of WAYS) {
    const { protocol, temporality, histogram, isPacked = false } = way;
    it(`are taken from the real SDK: ${protocol}, ${temporality}, ${histogram}${isPacked ? ', gzip' : ''}`, async () => {
      // Processes that follow each other under one name are told apart by what else is known of them.
      const resource = { 'service.instance.id': 'shop-1', 'process.pid': `${protocol} ${temporality}` };
      const shop = startOtelShop(settings({ ...way, resource }));
      try {
        const before = { requests: asked.sum('shop-1', 'requests'), failures: asked.sum('shop-1', 'failures') };
        const grown = () => [
          asked.sum('shop-1', 'requests') - before.requests,
          asked.sum('shop-1', 'failures') - before.failures,
        ];
        const first = await during('shop-1', 'duration', async () => {
          await shop.order({ count: 90, code: '200' });
          await shop.order({ observe: [0.05, 0.3, 0.3, 7] });
          await shop.order({ gauge: 3 });
          await shop.order({ open: 5 });
          await shop.order({ flush: true });
        });
        assert.deepEqual(asked.views()[0]?.state, 'ok', JSON.stringify(asked.views()));
        assert.deepEqual(grown(), [90, 0]);
        assert.equal(totalOf(first), 4);
        const second = await during('shop-1', 'duration', async () => {
          await shop.order({ count: 7, code: '200' });
          await shop.order({ count: 3, code: '500' });
          await shop.order({ observe: [0.05, 2] });
          await shop.order({ open: -2 });
          await shop.order({ flush: true });
        });
        assert.deepEqual(grown(), [100, 3]);
        assert.equal(totalOf(second), 2);
        const { bounds, counts, sum } = (second[0] ?? assert.fail()).figures as Sketch;
        assert.ok(Math.abs(sum - 2.05) < 1e-9);
        // Of two values, one lies at or below 0.1 and one above 1, whatever the buckets.
        const upTo = (limit: number) =>
          counts.reduce((all, each, index) => ((bounds[index] ?? 0) <= limit ? all + each : all), 0);
        assert.deepEqual([upTo(0.1), upTo(1)], [1, 1]);
        assert.deepEqual(asked.measured('shop-1', 'load').at(-1)?.figures, [3]);
        // What also falls is known only where it is sent as it is.
        if (temporality === 'cumulative') assert.deepEqual(asked.measured('shop-1', 'open').at(-1)?.figures, [3]);
      } finally {
        await shop.close();
      }
    });
  }

  it('of a token that may send metrics alone: everybody else is refused, in the words of the protocol', async () => {
    for (const type of ['application/json', 'application/x-protobuf']) {
      const ask = (token: string | null) =>
        fetch(url(), {
          method: 'POST',
          headers: { 'content-type': type, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
          body: type === 'application/json' ? '{}' : new Uint8Array(),
        });
      for (const [token, status, code] of [
        [null, 401, 16],
        ['rfi_wrong', 401, 16],
        [api.tokens.agent, 403, 7],
        [api.tokens.viewer, 403, 7],
      ] as const) {
        const answer = await ask(token);
        assert.equal(answer.status, status);
        assert.equal(answer.headers.get('content-type'), type);
        const bytes = new Uint8Array(await answer.arrayBuffer());
        const said =
          type === 'application/json' ? JSON.parse(Buffer.from(bytes).toString()) : fromBinary(StatusSchema, bytes);
        assert.equal(said.code, code);
        assert.match(said.message, /token/);
      }
      assert.equal((await ask(api.tokens.ingest)).status, 200);
    }
    // And with it, nothing else may be done.
    assert.equal((await api.call({ path: '/v1/services', as: 'ingest' })).status, 403);
  });

  const send = (body: BodyInit, headers: Readonly<Record<string, string>> = {}) =>
    fetch(url(), {
      method: 'POST',
      headers: { authorization: `Bearer ${api.tokens.ingest}`, 'content-type': 'application/json', ...headers },
      body,
    });
  const statusOf = async (answer: Response) =>
    [answer.status, ((await answer.json()) as { message: string }).message] as const;

  it('that cannot be read are refused, each for what is wrong with it', async () => {
    const MISTAKES: readonly (readonly [
      body: BodyInit,
      headers: Readonly<Record<string, string>>,
      status: number,
      says: RegExp,
    ])[] = [
      ['{"resourceMetrics":[', {}, 400, /not an ExportMetricsServiceRequest: /],
      ['{"resourceMetrics":7}', {}, 400, /not an ExportMetricsServiceRequest: /],
      ['', {}, 400, /not an ExportMetricsServiceRequest: /],
      ['{}', { 'content-encoding': 'br' }, 415, /a body packed with "br" is not read here; gzip, or none, is/],
      ['{}', { 'content-encoding': 'gzip' }, 400, /the body is not gzip/],
      [
        gzipSync(Buffer.alloc(64 * 1024 * 1024)),
        { 'content-encoding': 'gzip' },
        413,
        /larger than the 4194304 bytes taken here, unpacked/,
      ],
      ['x'.repeat(5 * 1024 * 1024), {}, 413, /larger than the 4194304 bytes/],
    ];
    for (const [body, headers, status, says] of MISTAKES) {
      const [found, message] = await statusOf(await send(body, headers));
      assert.equal(found, status, message);
      assert.match(message, says);
    }
    const binary = await send(new Uint8Array([0xff, 0xff, 0xff]), { 'content-type': 'application/x-protobuf' });
    assert.equal(binary.status, 400);
    assert.match(
      fromBinary(StatusSchema, new Uint8Array(await binary.arrayBuffer())).message,
      /not a ExportMetricsServiceRequest/,
    );
    const text = await send('shop.requests 5', { 'content-type': 'text/plain' });
    assert.equal(text.status, 415);
    assert.match(text.headers.get('content-type') ?? '', /^application\/problem\+json/);
    // Two bytes make a message: bytes alone bound no memory.
    const bomb = Buffer.from([0x0a, 0x00]).toString('latin1').repeat(1_000_000);
    const many = await send(Buffer.from(bomb, 'latin1'), { 'content-type': 'application/x-protobuf' });
    assert.equal(many.status, 400);
    assert.match(fromBinary(StatusSchema, new Uint8Array(await many.arrayBuffer())).message, /more than 400000 fields/);
  });

  const point = (more: object) => ({
    timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
    attributes: [{ key: 'service.instance.id', value: { stringValue: 'shop-2' } }],
    asInt: '5',
    ...more,
  });
  const request = (data: object) =>
    JSON.stringify({
      resourceMetrics: [
        { resource: {}, unknownField: [1], scopeMetrics: [{ metrics: [{ name: 'shop.load', ...data }] }] },
      ],
    });

  it('that cannot be used are counted as rejected, with the reason, and are a fault until there are better ones', async () => {
    const old = await send(
      request({
        gauge: { dataPoints: [point({ timeUnixNano: String(BigInt(Date.now() - 3_600_000) * 1_000_000n) })] },
      }),
    );
    assert.equal(old.status, 200);
    const { partialSuccess } = (await old.json()) as {
      partialSuccess: { rejectedDataPoints: string; errorMessage: string };
    };
    assert.equal(partialSuccess.rejectedDataPoints, '1');
    assert.match(
      partialSuccess.errorMessage,
      /^shop\.load: the target shop-2 sends points that are 1h old: set its clock/,
    );
    assert.equal(asked.faults.get('load')?.code, 'source-slow');
    const good = await send(request({ gauge: { dataPoints: [point({})] } }));
    assert.deepEqual([good.status, await good.json()], [200, {}]);
    assert.equal(asked.faults.get('load'), undefined);
    assert.deepEqual(asked.measured('shop-2', 'load').at(-1)?.figures, [5]);
  });

  it('that nobody wants are taken and let go', async () => {
    const empty = toBinary(ExportMetricsServiceRequestSchema, create(ExportMetricsServiceRequestSchema));
    const answer = await send(empty as BodyInit, { 'content-type': 'application/x-protobuf' });
    assert.equal(answer.status, 200);
    const body = new Uint8Array(await answer.arrayBuffer());
    assert.equal(fromBinary(ExportMetricsServiceResponseSchema, body).partialSuccess, undefined);
    assert.deepEqual(
      await (await send(request({ gauge: { dataPoints: [] } }).replace('shop.load', 'other'))).json(),
      {},
    );
  });

  it('that are too many at once are put off, and taken when there is room again', async () => {
    // Bodies that never come to their end.
    const stalled = Array.from({ length: 16 }, () => {
      const abort = new AbortController();
      const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
      const headers = { authorization: `Bearer ${api.tokens.ingest}`, 'content-type': 'application/json' };
      const answer = fetch(url(), {
        method: 'POST',
        body,
        headers,
        signal: abort.signal,
        duplex: 'half',
      } as RequestInit);
      answer.catch(() => {});
      return abort;
    });
    const busy = await until('it to be busy', async () => {
      const answer = await send('{}');
      return answer.status === 429 && answer;
    });
    assert.equal(busy.headers.get('retry-after'), '5');
    assert.deepEqual((await statusOf(busy))[1], '16 requests are being taken in, and no more are at once');
    for (const abort of stalled) abort.abort();
    await until('room again', async () => (await send('{}')).status === 200);
  });
});
