import { toBinary } from '@bufbuild/protobuf';
import { FIELD_LIMITS } from '../../src/adapters/link/fieldLimits.ts';
import { POLLING } from '../../src/adapters/link/server/channel.ts';
import { OpampAgents } from '../../src/adapters/link/server/opampAgents.ts';
import { DEFAULT_LIMITS } from '../../src/adapters/link/server/opampLimits.ts';
import { newMetrics } from '../../src/adapters/link/server/opampMetrics.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import type { Entropy } from '../../src/engine/ports/entropy.ts';
import type { Fleet } from '../../src/engine/ports/fleet.ts';
import type { Logger } from '../../src/engine/ports/logger.ts';
import { boundedDecode } from '../../src/wire/opamp/boundedDecode.ts';
import {
  AgentToServerSchema,
  type ServerToAgent,
  ServerToAgentSchema,
} from '../../src/wire/opamp/generated/opamp_pb.ts';
import type { SimProcess } from '../kernel/simProcess.ts';
import type { SimConnection } from '../net/simConnection.ts';

/** Shorter than in life, so that what they are for happens often in a few simulated minutes. */
const LIMITS = { ...DEFAULT_LIMITS, silentMs: 32_000, reofferMs: 10_000, probeMs: 2_000 };

/** What stands between the sockets and the engine, which is the real thing: only the sockets are not. */
export class Gateway {
  readonly process: SimProcess;
  readonly #fleet: Fleet;
  readonly #agents: OpampAgents;
  readonly #connections = new Set<SimConnection>();

  constructor(process: SimProcess, fleet: Fleet, entropy: Entropy, logger: Logger) {
    this.process = process;
    this.#fleet = fleet;
    this.#agents = new OpampAgents({
      fleet,
      clock: process.clock,
      limits: LIMITS,
      metrics: newMetrics(),
      logger,
      entropy,
    });
    this.#sweepLater();
  }

  get connections(): ReadonlySet<SimConnection> {
    return this.#connections;
  }

  admits(token: string): boolean {
    return this.#fleet.admits(token);
  }

  opened(connection: SimConnection): void {
    this.#connections.add(connection);
  }

  closed(connection: SimConnection): void {
    this.#connections.delete(connection);
    if (this.process.alive) this.#agents.closed(connection, connection.uids);
  }

  receive(bytes: Uint8Array, connection: SimConnection): void {
    if (!this.process.alive) return;
    const message = decoded(bytes);
    connection.uids.add(Buffer.from(message.instanceUid).toString('hex'));
    void this.#agents.receive(message, connection).then((answer) => connection.toClient(encoded(answer)));
  }

  /** One message of an agent that polls. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    return encoded(await this.#agents.receive(decoded(bytes), POLLING));
  }

  artifact(digest: Digest): Promise<Uint8Array | null> {
    return this.#fleet.artifact(digest);
  }

  tell(uid: string, connection: SimConnection): void {
    if (!this.process.alive) return;
    void this.#agents.tell(uid, connection).then((messages) => {
      for (const message of messages) connection.toClient(encoded(message));
    });
  }

  /** The process is gone: its sockets close, as the operating system sees to. */
  abandon(): void {
    for (const connection of [...this.#connections]) connection.closeServer('the server closed the connection');
  }

  #sweepLater(): void {
    this.process.clock.after(LIMITS.sweepMs, () => {
      this.#agents.sweep();
      this.#sweepLater();
    });
  }
}

function decoded(bytes: Uint8Array) {
  const message = boundedDecode(AgentToServerSchema, bytes, FIELD_LIMITS.records);
  if (!message.ok) throw new Error(`invariant broken: an agent sent something illegible: ${message.error}`);
  return message.value;
}

function encoded(message: ServerToAgent): Uint8Array {
  return toBinary(ServerToAgentSchema, message);
}
