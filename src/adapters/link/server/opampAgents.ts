import { sameData } from '../../../core/kernel/canonicalJson.ts';
import type { Entropy } from '../../../engine/ports/entropy.ts';
import type { FleetChange } from '../../../engine/ports/fleet.ts';
import {
  AgentCapability,
  type AgentToServer,
  AgentToServerFlag,
  type ServerToAgent,
  ServerToAgentFlag,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { newUid, readUid, uidBytes } from '../../../wire/opamp/instanceUid.ts';
import { AGENT_CAPABILITY } from '../agentMessages.ts';
import { formatMalformed } from '../malformed.ts';
import { type AgentRecord, connect, disconnect, forgetTold, newRecord } from './agentRecord.ts';
import type { Channel } from './channel.ts';
import { describedTarget } from './describedTarget.ts';
import { FanOut } from './fanOut.ts';
import { can, hear } from './foreignState.ts';
import { desiredKey, Instructions, type InstructionsOptions } from './instructions.ts';
import { readSaid, type Said } from './said.ts';
import { badRequest, refusal, toAgent, unavailable } from './serverMessage.ts';

/** An answer names the uid of the message it answers, but a uid that is none is not repeated at any length. */
const LONGEST_ECHO = 64;

export interface OpampAgentsOptions extends InstructionsOptions {
  readonly entropy: Entropy;
}

/**
 * Every agent the server knows, by instance uid, and what the rules of OpAMP say is to be answered to each. Transports hand in
 * messages and carry answers; they decide nothing.
 *
 * One agent's messages are worked on one after the other, different agents' independently. No call rejects.
 */
export class OpampAgents {
  readonly #options: OpampAgentsOptions;
  /** In the order in which they were last connected. */
  readonly #records = new Map<string, AgentRecord>();
  readonly #instructions: Instructions;
  readonly #fanOut: FanOut;
  readonly #stopListening: () => void;

  constructor(options: OpampAgentsOptions) {
    this.#options = options;
    this.#instructions = new Instructions(options);
    this.#fanOut = new FanOut((uid, urgent) => this.#records.get(uid)?.channel?.wake(uid, urgent));
    this.#stopListening = options.fleet.onChange((change) => this.#onChange(change));
  }

  /** The answer to a message. Every message has one. */
  receive(message: AgentToServer, channel: Channel): Promise<ServerToAgent> {
    const uid = readUid(message.instanceUid);
    if (uid !== null) {
      const failed = refusal(message.instanceUid, 'the server failed to work on this message; its log says why');
      return this.#inTurn(this.#recordOf(uid), failed, (record) => this.#answer(record, message, channel));
    }
    const { length } = message.instanceUid;
    const echo = length <= LONGEST_ECHO ? message.instanceUid : new Uint8Array();
    if (wantsUid(message)) return Promise.resolve(this.#assignUid(echo, this.#newUid()));
    return Promise.resolve(this.#malformed(echo, `instance_uid: ${length} bytes; expected 16 that are not all zero`));
  }

  /** What the agent is to be told unasked, in this order. Taken as told. */
  tell(uid: string, channel: Channel): Promise<readonly ServerToAgent[]> {
    const record = this.#records.get(uid);
    if (record === undefined) return Promise.resolve([]);
    return this.#inTurn<readonly ServerToAgent[]>(record, [], async () => {
      if (record.channel !== channel || record.target === null) return [];
      if ((await this.#introduce(record)) !== null) return [];
      const messages = await this.#instructions.next(record, Number.POSITIVE_INFINITY);
      // It was refused before: what it said meanwhile went nowhere.
      const flags = this.#question(record);
      return flags === 0n ? messages : [...messages, toAgent(record.uidBytes, { flags })];
    });
  }

  /** The channel has ended, and with it the connection of these agents. */
  closed(channel: Channel, uids: Iterable<string>): void {
    for (const uid of uids) {
      const record = this.#records.get(uid);
      if (record?.channel === channel) this.#lose(record);
    }
  }

  /** Looks for agents that have been silent for too long. Those that never promised to speak are judged by their socket alone. */
  sweep(): void {
    const { clock, limits, metrics } = this.#options;
    const silentSince = clock.monotonic() - limits.silentMs;
    for (const record of this.#records.values()) {
      if (record.channel === null || record.lastHeard > silentSince) continue;
      const promised = record.channel.transport === 'http' || can(record.state, AgentCapability.REPORTS_HEARTBEAT);
      if (!promised) continue;
      metrics.silentLost++;
      this.#lose(record);
    }
  }

  stop(): void {
    this.#stopListening();
    this.#fanOut.stop();
    for (const record of this.#records.values()) this.#lose(record);
  }

  async #answer(record: AgentRecord, message: AgentToServer, channel: Channel): Promise<ServerToAgent> {
    const { clock, metrics } = this.#options;
    if (wantsUid(message)) {
      // The old one simply stops; a repeated request gets the same answer.
      if (record.channel === channel) this.#lose(record);
      record.newUid ??= this.#newUid();
      return this.#assignUid(record.uidBytes, record.newUid);
    }
    if (record.channel !== channel) {
      if (record.channel !== null && (await record.channel.isAlive())) {
        metrics.duplicateUids++;
        return this.#assignUid(record.uidBytes, this.#newUid());
      }
      // What came over a connection that has ended since must not make it look alive; nobody hears the answer.
      if (!channel.isOpen) return toAgent(record.uidBytes);
      record.channel?.drop();
      this.#connect(record, channel);
    }
    record.lastHeard = clock.monotonic();
    const follows = record.sequence.follow(message.sequenceNum);
    // Over HTTP an answer may be lost without a trace: an agent that starts over is told everything again.
    if (!follows || (channel.transport === 'http' && message.customCapabilities !== undefined)) forgetTold(record);
    this.#hear(record, message);
    if (message.agentDisconnect !== undefined) {
      this.#lose(record);
      return toAgent(record.uidBytes);
    }
    const refused = record.fault !== '' ? refusal(record.uidBytes, record.fault) : await this.#introduce(record);
    if (refused !== null) return refused;
    const said = readSaid(message);
    if (!said.ok) return this.#malformed(record.uidBytes, formatMalformed(said.error));
    this.#pass(record, said.value);
    return this.#reply(record, message);
  }

  #hear(record: AgentRecord, message: AgentToServer): void {
    const { clock, limits } = this.#options;
    record.state = hear(record.state, message);
    if (message.customCapabilities !== undefined) {
      record.isOurs = message.customCapabilities.capabilities.includes(AGENT_CAPABILITY);
    }
    if (message.agentDescription !== undefined) {
      const described = describedTarget(record.uid, message.agentDescription);
      record.fault = described.ok ? '' : `agent_description: ${formatMalformed(described.error)}`;
      if (described.ok && !sameData(record.target, described.value)) {
        record.target = described.value;
        record.introduced = false;
      }
    } else if (record.target === null && clock.monotonic() - record.askedAt >= limits.reofferMs) {
      // It never said who it is, and what it was asked may be lost; asked again, but not in a loop.
      record.askedAt = clock.monotonic();
      record.sequence.mayAskAgain();
      record.sequence.want();
    }
  }

  /** Makes the fleet know the agent on this connection. `null` when it does, or when the agent has yet to say who it is. */
  async #introduce(record: AgentRecord): Promise<ServerToAgent | null> {
    const { fleet, limits, logger, metrics } = this.#options;
    if (record.introduced || record.target === null) return null;
    const { channel, target } = record;
    const about = { uid: record.uid, service: target.service, target: target.name };
    try {
      const outcome = await fleet.introduce(target);
      if (outcome.ok) {
        // It may have gone while the fleet made up its mind.
        record.introduced = record.channel !== null && record.channel === channel;
        if (!record.introduced) fleet.lost(record.uid);
        record.refused = '';
        return null;
      }
      metrics.introductionsRefused++;
      // What it says until it is accepted goes nowhere; it will be asked to say it again.
      record.sequence.want();
      fleet.lost(record.uid);
      const { code, says, remedy } = outcome.error;
      const refused = `${code}: ${says}${remedy === undefined ? '' : `; ${remedy}`}`;
      // Said once, not with every heartbeat.
      if (record.refused !== refused) logger.warn(`an agent was refused: ${refused}`, { ...about, code });
      record.refused = refused;
      return refusal(record.uidBytes, refused);
    } catch (error) {
      logger.error(`an agent could not be enrolled and is told to come back: ${String(error)}`, about);
      record.sequence.want();
      return unavailable(record.uidBytes, 'the server cannot record anything just now', limits.retryAfterMs);
    }
  }

  /** Passes on what the agent says of itself. */
  #pass(record: AgentRecord, said: Said | null): void {
    const { fleet } = this.#options;
    if (!record.introduced) return;
    if (said !== null) record.isOurs = true;
    if (said?.kind === 'report') {
      record.toldConfirmations.clear();
      fleet.report(record.uid, said.report);
    }
    if (said?.kind === 'observations') fleet.observe(record.uid, said.observations);
  }

  async #reply(record: AgentRecord, message: AgentToServer): Promise<ServerToAgent> {
    const answer = toAgent(record.uidBytes, {
      flags: this.#question(record),
      ...(message.customCapabilities && { customCapabilities: { capabilities: [AGENT_CAPABILITY] } }),
    });
    if (!record.introduced) return answer;
    // An answer has room for one message of ours. What is left is pushed, or waits for the next poll.
    const [first] = await this.#instructions.next(record, 1);
    if (first?.customMessage !== undefined) answer.customMessage = first.customMessage;
    if (first?.remoteConfig !== undefined) answer.remoteConfig = first.remoteConfig;
    if (first?.packagesAvailable !== undefined) answer.packagesAvailable = first.packagesAvailable;
    return answer;
  }

  /** The flag that asks for the full state, if it is to be asked for. */
  #question(record: AgentRecord): bigint {
    if (!record.sequence.takeQuestion()) return 0n;
    this.#options.metrics.fullStateAsked++;
    return BigInt(ServerToAgentFlag.REPORT_FULL_STATE);
  }

  /**
   * Every agent of the role is told: our own follow the document by themselves, and one that has not seen its newest generation
   * is not known to follow it. Those whose own revision changes are told first, and of a step within a wave they alone.
   */
  #onChange(change: FleetChange): void {
    if (change.kind === 'confirmation') {
      this.#fanOut.add(change.uid, 'changed');
      return;
    }
    for (const record of this.#records.values()) {
      if (record.channel === null || record.target?.service !== change.service) continue;
      const set = this.#options.fleet.assignmentsFor(record.uid);
      // Without a set it was refused, perhaps for a service or role that exists by now.
      if (set !== null && (set.role !== change.role || set === record.toldSet)) continue;
      const changes = set !== null && desiredKey(record, set) !== record.toldDesired;
      if (!changes && set !== null && change.reach === 'moved') continue;
      const first = change.urgent ? 'urgent' : 'changed';
      this.#fanOut.add(record.uid, changes ? first : 'other');
    }
  }

  #connect(record: AgentRecord, channel: Channel): void {
    if (record.channel === null) this.#options.metrics.agentsConnected++;
    else record.introduced = false;
    connect(record, channel);
    // Last in line to be forgotten.
    this.#records.delete(record.uid);
    this.#records.set(record.uid, record);
  }

  #lose(record: AgentRecord): void {
    if (record.channel === null) return;
    disconnect(record);
    this.#options.metrics.agentsConnected--;
    this.#options.fleet.lost(record.uid);
  }

  #recordOf(uid: string): AgentRecord {
    const known = this.#records.get(uid);
    if (known !== undefined) return known;
    const { limits, metrics } = this.#options;
    const record = newRecord(uid);
    this.#records.set(uid, record);
    for (const [oldest, { channel }] of this.#records) {
      if (this.#records.size <= limits.agents) break;
      if (channel === null && oldest !== uid) this.#records.delete(oldest);
    }
    metrics.agentsRemembered = this.#records.size;
    return record;
  }

  /** Does the work after what is being worked on for this agent. A bug in it costs this one answer, which is then `failed`. */
  #inTurn<Value>(record: AgentRecord, failed: Value, work: (record: AgentRecord) => Promise<Value>): Promise<Value> {
    const turn = record.tail
      .then(() => work(record))
      .catch((error) => {
        this.#options.logger.error('a message could not be worked on', {
          uid: record.uid,
          error: error?.stack ?? String(error),
        });
        return failed;
      });
    record.tail = turn;
    return turn;
  }

  #assignUid(instanceUid: Uint8Array, uid: string): ServerToAgent {
    return toAgent(instanceUid, { agentIdentification: { newInstanceUid: uidBytes(uid) } });
  }

  #newUid(): string {
    return newUid(this.#options.clock.now(), this.#options.entropy.bytes(16));
  }

  #malformed(instanceUid: Uint8Array, says: string): ServerToAgent {
    this.#options.metrics.malformed++;
    return badRequest(instanceUid, says);
  }
}

function wantsUid(message: AgentToServer): boolean {
  return (message.flags & BigInt(AgentToServerFlag.REQUEST_INSTANCE_UID)) !== 0n;
}
