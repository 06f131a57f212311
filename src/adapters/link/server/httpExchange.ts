import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { toBinary } from '@bufbuild/protobuf';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import { boundedDecode } from '../../../wire/opamp/boundedDecode.ts';
import {
  AgentToServerSchema,
  type ServerToAgent,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { formatUid } from '../../../wire/opamp/instanceUid.ts';
import { POLLING } from './channel.ts';
import type { OpampAgents } from './opampAgents.ts';
import type { OpampLimits } from './opampLimits.ts';
import type { OpampMetrics } from './opampMetrics.ts';
import { refuseRequest, retryAfter } from './plainAnswer.ts';
import { RateLimit } from './rateLimit.ts';
import { type BodyFault, ReceivingBudget, readBody } from './requestBody.ts';
import { badRequest, toAgent } from './serverMessage.ts';

export const PROTOBUF = 'application/x-protobuf';

/** Answers smaller than this are not worth compressing. */
const WORTH_COMPRESSING = 1024;

export interface HttpExchangeOptions {
  readonly agents: OpampAgents;
  readonly clock: Clock;
  readonly limits: OpampLimits;
  readonly metrics: OpampMetrics;
  readonly logger: Logger;
}

/** OpAMP over plain HTTP: one message in, one out. */
export class HttpExchange {
  readonly #options: HttpExchangeOptions;
  readonly #budget: ReceivingBudget;
  readonly #rates = new WeakMap<Socket, RateLimit>();
  #underWay = 0;

  constructor(options: HttpExchangeOptions) {
    this.#options = options;
    this.#budget = new ReceivingBudget(options.limits.receivingBytes);
  }

  /** Serves a POST that carries an AgentToServer. The caller has checked who it comes from. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { limits, metrics } = this.#options;
    if (!this.#rateOf(request.socket).admits(this.#options.clock.monotonic())) {
      metrics.rateLimited++;
      refuseRequest(request, response, 429, 'too many messages over this connection', retryAfter(limits));
      return;
    }
    if (this.#underWay >= limits.requests) {
      metrics.throttled++;
      refuseRequest(request, response, 503, 'too many requests are under way', retryAfter(limits));
      return;
    }
    this.#underWay++;
    try {
      const body = await readBody(request, limits.receiveBytes, this.#budget);
      if (!body.ok) {
        await this.#refuseBody(request, response, body.error);
        return;
      }
      try {
        await this.#send(request, response, await this.#answer(body.value));
      } finally {
        this.#budget.give(body.value.length);
      }
    } finally {
      this.#underWay--;
    }
  }

  #answer(body: Uint8Array): ServerToAgent | Promise<ServerToAgent> {
    const { agents, limits, metrics } = this.#options;
    metrics.messagesReceived++;
    const message = boundedDecode(AgentToServerSchema, body, limits.fields);
    if (message.ok) return agents.receive(message.value, POLLING);
    metrics.malformed++;
    return badRequest(new Uint8Array(), message.error);
  }

  async #refuseBody(request: IncomingMessage, response: ServerResponse, fault: BodyFault): Promise<void> {
    const { limits, metrics } = this.#options;
    switch (fault) {
      case 'too-large':
        metrics.oversizeReceived++;
        refuseRequest(request, response, 413, `the message is larger than ${limits.receiveBytes} bytes`);
        return;
      case 'no-room':
        metrics.throttled++;
        refuseRequest(request, response, 503, 'too many bytes are being received', retryAfter(limits));
        return;
      case 'unknown-encoding':
        refuseRequest(request, response, 415, 'expected Content-Encoding gzip or identity', {
          'Accept-Encoding': 'gzip',
        });
        return;
      case 'broken-encoding':
        metrics.malformed++;
        // Said in the protocol's own words: some clients repeat whatever was not answered with 200.
        await this.#send(request, response, badRequest(new Uint8Array(), 'the body is not the gzip it is said to be'));
        return;
      case 'aborted':
        request.destroy();
    }
  }

  async #send(request: IncomingMessage, response: ServerResponse, message: ServerToAgent): Promise<void> {
    const { limits, logger, metrics } = this.#options;
    let bytes = toBinary(ServerToAgentSchema, message);
    if (bytes.length > limits.sendBytes) {
      metrics.oversizeNotSent++;
      const about = { uid: formatUid(message.instanceUid), bytes: bytes.length, limit: limits.sendBytes };
      logger.error('a message is larger than may be sent to an agent and was left out', about);
      bytes = toBinary(ServerToAgentSchema, toAgent(message.instanceUid));
    }
    metrics.messagesSent++;
    const compress = bytes.length >= WORTH_COMPRESSING && acceptsGzip(request);
    const body = compress ? await promisify(gzip)(bytes) : bytes;
    response.writeHead(200, {
      'Content-Type': PROTOBUF,
      'Content-Length': body.length,
      ...(compress && { 'Content-Encoding': 'gzip' }),
    });
    response.end(body);
  }

  #rateOf(socket: Socket): RateLimit {
    const known = this.#rates.get(socket);
    if (known !== undefined) return known;
    const { clock, limits } = this.#options;
    const rate = new RateLimit(limits.messagesPerSecond, limits.messageBurst, clock.monotonic());
    this.#rates.set(socket, rate);
    return rate;
  }
}

/** Whether `gzip` is named, and not with a weight of 0. */
function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = String(request.headers['accept-encoding'] ?? '').toLowerCase();
  return accepted.split(',').some((coding) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/.test(coding));
}
