import { create, toBinary } from '@bufbuild/protobuf';
import {
  AGENT_CAPABILITY,
  decodeAssignmentSet,
  decodeConfirmation,
  encodeReport,
  MESSAGE_TYPE,
} from '../../src/adapters/link/agentMessages.ts';
import { encodeObservations } from '../../src/adapters/link/observationMessages.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import { desiredRevision } from '../../src/core/rollout/assignment.ts';
import type { AssignmentSet, SlotReport } from '../../src/engine/ports/fleet.ts';
import { boundedDecode } from '../../src/wire/opamp/boundedDecode.ts';
import {
  AgentToServerSchema,
  type CustomMessage,
  ServerToAgentFlag,
  ServerToAgentSchema,
} from '../../src/wire/opamp/generated/opamp_pb.ts';
import { uidBytes } from '../../src/wire/opamp/instanceUid.ts';

/** Beyond what a Ringfence agent does not say. */
const FIELDS = 10_000;
/** Header, tag, length and the 16 bytes of the instance uid, which differ between agents. */
const OWN_BYTES = 19;
/** At the end of an assignment stands the server's time, which differs between messages. */
const TIME_BYTES = 10;

/**
 * What agents of one role say, worked out once for all that are told the same. An agent here has one slot, applies at once what it is to
 * hold, waits for the confirmation and then holds it: the conversation of a real agent, without a target behind it.
 */
export class CrowdScript {
  readonly #service: string;
  readonly #slot: string;
  readonly #metrics: readonly string[];
  readonly #bodies = new Map<string, Uint8Array>();
  #last: { readonly bytes: Buffer; readonly set: AssignmentSet } | null = null;

  constructor(service: string, slot: string, metrics: readonly string[]) {
    this.#service = service;
    this.#slot = slot;
    this.#metrics = metrics;
  }

  introduction(uid: string, name: string, report: SlotReport): Uint8Array {
    const attribute = (key: string, value: string) => ({
      key,
      value: { value: { case: 'stringValue' as const, value } },
    });
    return this.#encode(uid, {
      agentDescription: {
        identifyingAttributes: [attribute('service.name', this.#service), attribute('service.instance.id', name)],
        nonIdentifyingAttributes: [],
      },
      customCapabilities: { capabilities: [AGENT_CAPABILITY] },
      customMessage: {
        capability: AGENT_CAPABILITY,
        type: MESSAGE_TYPE.status,
        data: encodeReport({ slots: [report], checks: [] }),
      },
    });
  }

  counted(uid: string, artifact: Digest | null): Uint8Array {
    const slot = this.#slot;
    const observations = this.#metrics.map((metric) => ({ metric, slot, artifact, epoch: 1, total: 1, present: true }));
    const data = encodeObservations({ observations, exposedCounters: this.#metrics, scrapeError: '' });
    return this.#encode(uid, {
      customMessage: { capability: AGENT_CAPABILITY, type: MESSAGE_TYPE.observations, data },
    });
  }

  report(report: SlotReport): Uint8Array {
    const key = `${report.phase} ${report.generation} ${report.current}`;
    let body = this.#bodies.get(key);
    if (body === undefined) {
      const data = encodeReport({ slots: [report], checks: [] });
      const customMessage = { capability: AGENT_CAPABILITY, type: MESSAGE_TYPE.status, data };
      body = toBinary(AgentToServerSchema, create(AgentToServerSchema, { customMessage, capabilities: 1n }));
      this.#bodies.set(key, body);
    }
    return body;
  }

  /** The server's message, decoded; assignments once for everybody who is told the same bytes. */
  hear(
    frame: Buffer,
  ): { readonly set: AssignmentSet } | { readonly custom: CustomMessage | null; readonly asked: boolean } {
    const shared = frame.subarray(OWN_BYTES, -TIME_BYTES);
    if (this.#last?.bytes.equals(shared)) return this.#last;
    const decoded = boundedDecode(ServerToAgentSchema, frame.subarray(1), FIELDS);
    if (!decoded.ok) throw new Error(`the server said something illegible: ${decoded.error}`);
    const { customMessage, errorResponse, flags } = decoded.value;
    if (errorResponse !== undefined) throw new Error(`the server refuses: ${errorResponse.errorMessage}`);
    if (customMessage?.type === MESSAGE_TYPE.assignment) {
      const set = decodeAssignmentSet(customMessage.data);
      if (!set.ok) throw new Error('the assignment is malformed');
      this.#last = { bytes: Buffer.from(shared), set: set.value };
      return this.#last;
    }
    return { custom: customMessage ?? null, asked: (flags & BigInt(ServerToAgentFlag.REPORT_FULL_STATE)) !== 0n };
  }

  #encode(uid: string, rest: Parameters<typeof create<typeof AgentToServerSchema>>[1]): Uint8Array {
    const message = create(AgentToServerSchema, { ...rest, instanceUid: uidBytes(uid), capabilities: 1n });
    return toBinary(AgentToServerSchema, message);
  }
}

/** One agent of the crowd. */
export class CrowdAgent {
  readonly #script: CrowdScript;
  readonly #uid: string;
  readonly #uidBytes: Uint8Array;
  readonly #name: string;
  readonly #slot: string;
  readonly #send: (frame: Uint8Array) => void;
  #sequence = 0;
  #generation = 0;
  #current: Digest | null = null;
  #phase: SlotReport['phase'] = 'settled';

  constructor(script: CrowdScript, uid: string, name: string, slot: string, send: (frame: Uint8Array) => void) {
    this.#script = script;
    this.#uid = uid;
    this.#uidBytes = uidBytes(uid);
    this.#name = name;
    this.#slot = slot;
    this.#send = send;
  }

  introduce(): void {
    this.#say(this.#script.introduction(this.#uid, this.#name, this.#report()));
    this.#say(this.#script.counted(this.#uid, this.#current));
  }

  hear(frame: Buffer): void {
    const heard = this.#script.hear(frame);
    if ('set' in heard) this.#follow(heard.set);
    else if (heard.custom?.type === MESSAGE_TYPE.confirm) this.#confirm(heard.custom.data);
    else if (heard.asked) this.introduce();
  }

  #follow({ assignments }: AssignmentSet): void {
    const assignment = assignments.find(({ slot }) => slot === this.#slot);
    if (assignment === undefined || assignment.generation <= this.#generation) return;
    const desired = desiredRevision(assignment, { uid: this.#uid, labels: {} }, this.#current);
    this.#generation = assignment.generation;
    // What was good before needs no confirmation; what is new does.
    if (desired !== this.#current) this.#phase = assignment.lastKnownGood === desired ? 'settled' : 'provisional';
    this.#current = desired;
    this.#say(this.#script.report(this.#report()));
  }

  #confirm(data: Uint8Array): void {
    const confirmation = decodeConfirmation(data);
    if (!confirmation.ok || confirmation.value.artifact !== this.#current || this.#phase !== 'provisional') return;
    this.#phase = 'settled';
    this.#say(this.#script.report(this.#report()));
  }

  #report(): SlotReport {
    return {
      slot: this.#slot,
      generation: this.#generation,
      phase: this.#phase,
      current: this.#current,
      baseline: null,
      failed: null,
      failureCode: '',
      failure: '',
      verifiedBy: 'file',
    };
  }

  /** Frame header, number, uid, and what all share: fields of protobuf may stand in any order. */
  #say(body: Uint8Array): void {
    const frame = Buffer.alloc(1 + 18 + 6 + body.length);
    frame[1] = 0x0a;
    frame[2] = 16;
    frame.set(this.#uidBytes, 3);
    frame[19] = 0x10;
    const end = varint(frame, ++this.#sequence, 20);
    frame.set(body, end);
    this.#send(frame.subarray(0, end + body.length));
  }
}

function varint(into: Buffer, value: number, at: number): number {
  let rest = value;
  let place = at;
  for (; rest > 127; rest >>>= 7) into[place++] = (rest & 127) | 128;
  into[place++] = rest;
  return place;
}
