import type { DurationMs } from '../../../core/kernel/instant.ts';

/** What one agent, and all of them together, may cost the server. Every one can be set; sizes are bytes after decompression. */
export interface OpampLimits {
  /** Of one message received. Beyond: HTTP 413, WebSocket close 1009. */
  readonly receiveBytes: number;
  /** Of one message sent. Beyond: it is not sent, and counted. */
  readonly sendBytes: number;
  /** Of all HTTP bodies being received at one moment. Beyond: 503. */
  readonly receivingBytes: number;
  /** Fields in one message, at every depth: what decoding may allocate. */
  readonly fields: number;
  /** Sockets of any kind. Beyond: closed at once. */
  readonly sockets: number;
  /** WebSocket connections. Beyond: 503 before the upgrade. */
  readonly connections: number;
  /** HTTP requests under way. Beyond: 503. */
  readonly requests: number;
  /** Agents that are remembered, connected or not. The longest silent are forgotten; they are asked for their full state again. */
  readonly agents: number;
  /** Agents that share one WebSocket. */
  readonly agentsPerConnection: number;
  /** Messages of one connection, sustained and at once. */
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  /** Messages of one connection being worked on; beyond, nothing more is read from it for a while. */
  readonly messagesUnderWay: number;
  /** Malformed messages after which a WebSocket is closed. */
  readonly malformedMessages: number;
  /** Bytes that wait to be taken by one agent. Beyond, it is too slow and is closed. */
  readonly queuedBytes: number;
  /** How long an agent may take nothing of what waits for it. */
  readonly stalledMs: DurationMs;
  /** How long a socket may take to send its HTTP header, a request its body, a WebSocket its first message. */
  readonly headerMs: DurationMs;
  readonly bodyMs: DurationMs;
  readonly firstMessageMs: DurationMs;
  /** A WebSocket that is quiet for this long is pinged, and closed when it is quiet for as long again. */
  readonly pingMs: DurationMs;
  /** Agents that send heartbeats or poll are lost when nothing came for this long: three heartbeats of 30 s and some slack. */
  readonly silentMs: DurationMs;
  /** How long a connection has to show that it is alive when another one comes with the same instance uid. */
  readonly probeMs: DurationMs;
  /** What throttled agents are told to wait. */
  readonly retryAfterMs: DurationMs;
  /** How long an offered configuration waits for the agent's word before it is offered again. */
  readonly reofferMs: DurationMs;
  /** How often silence, stalls and revoked tokens are looked for. */
  readonly sweepMs: DurationMs;
}

const MiB = 1024 * 1024;

export const DEFAULT_LIMITS: OpampLimits = {
  receiveBytes: 64 * MiB,
  sendBytes: 64 * MiB,
  receivingBytes: 256 * MiB,
  fields: 200_000,
  sockets: 24_000,
  connections: 20_000,
  requests: 2_000,
  agents: 100_000,
  agentsPerConnection: 1_000,
  messagesPerSecond: 50,
  messageBurst: 1_000,
  messagesUnderWay: 64,
  malformedMessages: 10,
  queuedBytes: 80 * MiB,
  stalledMs: 30_000,
  headerMs: 10_000,
  bodyMs: 60_000,
  firstMessageMs: 10_000,
  pingMs: 30_000,
  silentMs: 95_000,
  probeMs: 3_000,
  retryAfterMs: 30_000,
  reofferMs: 30_000,
  sweepMs: 1_000,
};
