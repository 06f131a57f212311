import { toBinary } from '@bufbuild/protobuf';
import type { WebSocket } from 'ws';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import { boundedDecode } from '../../../wire/opamp/boundedDecode.ts';
import { decodeFrame, encodeFrame } from '../../../wire/opamp/frame.ts';
import {
  type AgentToServer,
  AgentToServerSchema,
  type ServerToAgent,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { formatUid, readUid } from '../../../wire/opamp/instanceUid.ts';
import type { Channel } from './channel.ts';
import type { OpampAgents } from './opampAgents.ts';
import type { OpampLimits } from './opampLimits.ts';
import type { OpampMetrics } from './opampMetrics.ts';
import { RateLimit } from './rateLimit.ts';
import { badRequest, toAgent, unavailable } from './serverMessage.ts';

/** WebSocket close codes: RFC 6455, 7.4.1, and its registry. */
export const CLOSE = { goingAway: 1001, unsupportedData: 1003, policyViolation: 1008, tryAgainLater: 1013 } as const;

export interface WebSocketConnectionOptions {
  readonly agents: OpampAgents;
  readonly clock: Clock;
  readonly limits: OpampLimits;
  readonly metrics: OpampMetrics;
  readonly logger: Logger;
  /** Where it comes from, for the log. */
  readonly remote: string;
  /** Whether the token it came with still lets an agent in. */
  readonly isAdmitted: () => boolean;
}

const NOBODY = new Uint8Array();
/** Bytes given to the socket beyond which nothing more is: enough to keep it busy, little enough to let urgent things overtake. */
const HIGH_WATER = 64 * 1024;

/**
 * One WebSocket. Reads frames, bounds what they may cost, and writes answers and what agents are to be told:
 *
 * ```
 *   urgent pushes ─┐
 *   answers        ├─► socket ─► (taken by the agent) ─► the next
 *   other pushes  ─┘
 * ```
 *
 * A push waits as a uid, not as bytes: when there is room for it, it says what is true then. Only answers wait as bytes, and an
 * agent that lets too many of them wait, or takes nothing for too long, is closed.
 */
export class WebSocketConnection implements Channel {
  readonly transport = 'websocket';
  readonly #socket: WebSocket;
  readonly #options: WebSocketConnectionOptions;
  readonly #rate: RateLimit;
  readonly #uids = new Set<string>();
  readonly #urgent = new Set<string>();
  readonly #waiting = new Set<string>();
  #answers: Uint8Array[] = [];
  #answerBytes = 0;
  #underWay = 0;
  #hasSpoken = false;
  #malformed = 0;
  #openedAt: DurationMs;
  #heardAt: DurationMs;
  #pingedAt: DurationMs | null = null;
  /** When the agent last took something, or had nothing to take. */
  #tookAt: DurationMs;
  readonly #onSign = new Set<() => void>();

  constructor(socket: WebSocket, options: WebSocketConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    const now = options.clock.monotonic();
    this.#openedAt = now;
    this.#heardAt = now;
    this.#tookAt = now;
    this.#rate = new RateLimit(options.limits.messagesPerSecond, options.limits.messageBurst, now);
    options.metrics.connections++;
    socket.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on('pong', () => this.#heard());
    // Answered by the library; each costs as much as a message.
    socket.on('ping', () => this.#spend());
    socket.on('close', () => this.#onClose());
    socket.on('error', (error) => this.#onError(error));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  wake(uid: string, urgent: boolean): void {
    (urgent ? this.#urgent : this.#waiting).add(uid);
    this.#flush();
  }

  isAlive(): Promise<boolean> {
    if (!this.isOpen) return Promise.resolve(false);
    const { clock, limits } = this.#options;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const onSign = () => resolve(this.isOpen);
    const cancel = clock.after(limits.probeMs, () => resolve(false));
    this.#onSign.add(onSign);
    this.#socket.ping();
    return promise.finally(() => {
      cancel();
      this.#onSign.delete(onSign);
    });
  }

  drop(): void {
    this.#socket.terminate();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Looks for what time alone brings about: silence, stalling, a token that was revoked. */
  sweep(): void {
    const { clock, limits, logger, remote } = this.#options;
    const now = clock.monotonic();
    if (!this.#hasSpoken && now - this.#openedAt >= limits.firstMessageMs) {
      this.close(CLOSE.policyViolation, 'no message came in time');
      // One that does not even close is not waited for.
      if (now - this.#openedAt >= 2 * limits.firstMessageMs) this.drop();
      return;
    }
    if (!this.#options.isAdmitted()) {
      logger.warn('an agent was disconnected: its token was revoked', { remote });
      this.close(CLOSE.policyViolation, 'the token was revoked');
      return;
    }
    if (this.#socket.bufferedAmount === 0) this.#tookAt = now;
    if (now - this.#tookAt >= limits.stalledMs) this.#tooSlow('took nothing of what waits for it');
    if (this.#pingedAt !== null && now - this.#pingedAt >= limits.pingMs) this.drop();
    else if (this.#pingedAt === null && now - this.#heardAt >= limits.pingMs) {
      this.#pingedAt = now;
      this.#socket.ping();
    }
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const { limits, metrics } = this.#options;
    this.#heard();
    if (!this.#spend()) return;
    metrics.messagesReceived++;
    if (!isBinary) {
      metrics.malformed++;
      this.close(CLOSE.unsupportedData, 'OpAMP messages are binary');
      return;
    }
    const frame = decodeFrame(data);
    const message = frame.ok ? boundedDecode(AgentToServerSchema, frame.value, limits.fields) : frame;
    if (!message.ok) {
      metrics.malformed++;
      this.#answer(badRequest(NOBODY, message.error));
      if (++this.#malformed >= limits.malformedMessages)
        this.close(CLOSE.policyViolation, 'too many malformed messages');
      return;
    }
    void this.#work(message.value);
  }

  async #work(message: AgentToServer): Promise<void> {
    const { agents, limits, metrics } = this.#options;
    this.#hasSpoken = true;
    const uid = readUid(message.instanceUid);
    if (uid !== null && !this.#uids.has(uid)) {
      if (this.#uids.size >= limits.agentsPerConnection) {
        metrics.throttled++;
        this.#answer(unavailable(message.instanceUid, 'too many agents share this connection', limits.retryAfterMs));
        return;
      }
      this.#uids.add(uid);
    }
    if (++this.#underWay >= limits.messagesUnderWay) this.#socket.pause();
    const answer = await agents.receive(message, this);
    if (--this.#underWay < limits.messagesUnderWay && this.#socket.isPaused) this.#socket.resume();
    this.#answer(answer);
  }

  /** Takes a message's worth from the connection's rate. An agent that sends more is told, and closed: some clients only heed that. */
  #spend(): boolean {
    const { clock, limits, metrics } = this.#options;
    if (!this.isOpen) return false;
    if (this.#rate.admits(clock.monotonic())) return true;
    metrics.rateLimited++;
    this.#answer(unavailable(NOBODY, 'too many messages', limits.retryAfterMs));
    this.close(CLOSE.tryAgainLater, 'too many messages');
    return false;
  }

  #answer(message: ServerToAgent): void {
    const bytes = this.#encode(message) ?? this.#encode(toAgent(message.instanceUid));
    if (bytes === null || !this.isOpen) return;
    this.#answers.push(bytes);
    this.#answerBytes += bytes.length;
    this.#flush();
    if (this.#answerBytes > this.#options.limits.queuedBytes) this.#tooSlow('lets too many answers wait');
  }

  /** Gives the socket what waits, for as long as it has room. */
  #flush(): void {
    while (this.isOpen && this.#socket.bufferedAmount < HIGH_WATER) {
      const uid = take(this.#urgent);
      if (uid !== undefined) {
        this.#push(uid);
        continue;
      }
      const answer = this.#answers.shift();
      if (answer !== undefined) {
        this.#answerBytes -= answer.length;
        this.#send(answer);
        continue;
      }
      const other = take(this.#waiting);
      if (other === undefined) return;
      this.#push(other);
    }
  }

  #push(uid: string): void {
    void this.#options.agents.tell(uid, this).then((messages) => {
      for (const message of messages) {
        const bytes = this.#encode(message);
        if (bytes !== null && this.isOpen) this.#send(bytes);
      }
    });
  }

  #send(bytes: Uint8Array): void {
    this.#options.metrics.messagesSent++;
    this.#socket.send(bytes, (error) => {
      if (error) return;
      this.#tookAt = this.#options.clock.monotonic();
      this.#flush();
    });
  }

  /** `null`: it is larger than may be sent. */
  #encode(message: ServerToAgent): Uint8Array | null {
    const { limits, logger, metrics } = this.#options;
    const frame = encodeFrame(toBinary(ServerToAgentSchema, message));
    if (frame.length <= limits.sendBytes) return frame;
    metrics.oversizeNotSent++;
    logger.error('a message is larger than may be sent to an agent and was left out', {
      uid: formatUid(message.instanceUid),
      bytes: frame.length,
      limit: limits.sendBytes,
    });
    return null;
  }

  #tooSlow(says: string): void {
    if (!this.isOpen) return;
    const { logger, metrics, remote } = this.#options;
    metrics.slowClosed++;
    logger.warn(`an agent was disconnected: it ${says}`, { remote, agents: this.#uids.size });
    // A close frame would wait behind everything it does not take.
    this.drop();
  }

  #heard(): void {
    this.#heardAt = this.#options.clock.monotonic();
    this.#pingedAt = null;
    for (const onSign of this.#onSign) onSign();
  }

  #onClose(): void {
    this.#options.metrics.connections--;
    for (const onSign of this.#onSign) onSign();
    this.#answers = [];
    this.#options.agents.closed(this, this.#uids);
  }

  #onError(error: Error & { code?: string }): void {
    const { logger, metrics, remote } = this.#options;
    // The library closes with 1009 by itself.
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') metrics.oversizeReceived++;
    logger.warn(`an agent's connection failed: ${error.message}`, { remote, code: error.code });
  }
}

function take(uids: Set<string>): string | undefined {
  const [uid] = uids;
  if (uid !== undefined) uids.delete(uid);
  return uid;
}
