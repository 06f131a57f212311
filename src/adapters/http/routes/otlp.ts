import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { create, type DescMessage, fromJson, type MessageShape, toBinary, toJson } from '@bufbuild/protobuf';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { err, ok, type Result } from '../../../core/kernel/result.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import type { OtlpIntake } from '../../../engine/ports/metricSources.ts';
import { exportMetrics, OTLP_TYPES, type OtlpType } from '../../../wire/http/otlp.ts';
import { boundedDecode } from '../../../wire/opamp/boundedDecode.ts';
import {
  type ExportMetricsServiceRequest,
  ExportMetricsServiceRequestSchema,
  ExportMetricsServiceResponseSchema,
  StatusSchema,
} from '../../../wire/otlp/generated/metrics_pb.ts';
import { asProblem, HttpProblem } from '../httpProblem.ts';
import { serve } from '../route.ts';

/** Unpacked. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Of a request, at every depth: each of them costs memory. */
const MOST_FIELDS = 400_000;
/** Requests whose bodies are held at the same time. */
const MOST_AT_ONCE = 16;
const RETRY_AFTER = { 'retry-after': '5' };

/** What an HTTP status is called in google.rpc.Status; what is not here is `INTERNAL`. */
const STATUS_CODES: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 413: 8, 415: 3, 429: 8, 503: 14 };

/**
 * Metrics of OpenTelemetry, as its protocol has it. In a scope of its own: bodies are read here as bytes, and who speaks the protocol
 * hears what is wrong in its words. 429 and 503 say when to come again; all other refusals are for good.
 */
export function otlpRoutes(
  app: FastifyInstance,
  controlPlane: Pick<ControlPlane, 'readiness'>,
  intake: OtlpIntake,
): void {
  let underway = 0;
  const counted = new WeakSet<FastifyRequest>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body);

  app.setErrorHandler((error, request, reply) => {
    const { body, headers } = asProblem(error, request);
    const type = typeOf(request);
    // Whoever sends another type does not speak the protocol: they are answered as everywhere else.
    if (type === null) throw error;
    if (body.code === 'internal') request.log.error({ err: error }, 'a request met a mistake of ours');
    const message = body.remedy === undefined ? body.detail : `${body.detail}: ${body.remedy}`;
    const status = create(StatusSchema, { code: STATUS_CODES[body.status] ?? 13, message });
    return reply
      .headers(headers)
      .code(body.status)
      .type(type)
      .send(encode(type, StatusSchema, status));
  });

  // Before anything of a body is read, after it is known who sends it.
  app.addHook('onRequest', async (request) => {
    if (typeOf(request) === null)
      throw unreadable(`a body of type "${request.headers['content-type'] ?? ''}"`, OTLP_TYPES.join(' or '));
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'gzip' && encoding !== 'identity')
      throw unreadable(`a body packed with "${encoding}"`, 'gzip, or none,');
    const { ready, says } = controlPlane.readiness();
    if (!ready) throw new HttpProblem('store-unavailable', says, {}, RETRY_AFTER);
    if (underway >= MOST_AT_ONCE)
      throw new HttpProblem(
        'too-busy',
        `${underway} requests are being taken in, and no more are at once`,
        {},
        RETRY_AFTER,
      );
    underway++;
    counted.add(request);
  });
  app.addHook('onResponse', async (request) => {
    if (counted.delete(request)) underway--;
  });
  app.addHook('onRequestAbort', async (request) => {
    if (counted.delete(request)) underway--;
  });

  serve(app, exportMetrics, async ({ body, request, reply }) => {
    const type = typeOf(request) ?? 'application/x-protobuf';
    const isPacked = request.headers['content-encoding'] === 'gzip';
    const decoded = decode(type, isPacked ? await unpacked(body) : body);
    if (!decoded.ok) throw new HttpProblem('invalid-request', decoded.error);
    const { rejected, says } = intake.take(decoded.value);
    const partialSuccess = { rejectedDataPoints: BigInt(rejected), errorMessage: says };
    const answer = create(ExportMetricsServiceResponseSchema, rejected === 0 ? {} : { partialSuccess });
    reply.type(type);
    return encode(type, ExportMetricsServiceResponseSchema, answer) as never;
  });
}

function typeOf({ headers }: FastifyRequest): OtlpType | null {
  const found = /^[^;\s]*/.exec(headers['content-type'] ?? '')?.[0]?.toLowerCase();
  return OTLP_TYPES.find((type) => type === found) ?? null;
}

/** As bytes, so that nothing is added to the type. */
function encode<Desc extends DescMessage>(type: OtlpType, schema: Desc, message: MessageShape<Desc>): Buffer {
  return type === 'application/json'
    ? Buffer.from(JSON.stringify(toJson(schema, message)))
    : Buffer.from(toBinary(schema, message));
}

function unreadable(found: string, expected: string): HttpProblem {
  return new HttpProblem('unsupported-media-type', `${found} is not read here; ${expected} is`);
}

async function unpacked(body: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(body, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new HttpProblem(
        'body-too-large',
        `the body is larger than the ${MOST_BYTES} bytes taken here, unpacked: send fewer points at once`,
      );
    throw new HttpProblem('invalid-request', `the body is not gzip: ${(error as Error).message}`);
  }
}

function decode(type: OtlpType, bytes: Buffer): Result<ExportMetricsServiceRequest, string> {
  if (type === 'application/x-protobuf') return boundedDecode(ExportMetricsServiceRequestSchema, bytes, MOST_FIELDS);
  try {
    return ok(
      fromJson(ExportMetricsServiceRequestSchema, JSON.parse(bytes.toString('utf8')), { ignoreUnknownFields: true }),
    );
  } catch (error) {
    return err(`not an ExportMetricsServiceRequest: ${(error as Error).message.slice(0, 300)}`);
  }
}
