import { create, toBinary } from '@bufbuild/protobuf';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import type { Target } from '../../../core/topology/target.ts';
import type { TargetObservations, TargetReport } from '../../../engine/ports/fleet.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import type { ServerLinkHandlers } from '../../../engine/ports/serverLink.ts';
import { boundedDecode } from '../../../wire/opamp/boundedDecode.ts';
import {
  AgentCapability,
  AgentToServerSchema,
  type CustomMessage,
  ServerErrorType,
  type ServerToAgent,
  ServerToAgentFlag,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { uidBytes } from '../../../wire/opamp/instanceUid.ts';
import {
  AGENT_CAPABILITY,
  decodeAssignmentSet,
  decodeConfirmation,
  encodeReport,
  MESSAGE_TYPE,
} from '../agentMessages.ts';
import { FIELD_LIMITS } from '../fieldLimits.ts';
import { formatMalformed } from '../malformed.ts';
import { encodeObservations } from '../observationMessages.ts';
import { readRetryInfo } from './retryAfter.ts';

/** What an answer means for the connection it came over. */
export type Heard =
  /** The server knows this target and goes along. `deliver` hands on what else it said. */
  | { readonly kind: 'accepted'; readonly deliver: () => void }
  /** It talks to us, but does not have this target as it is. Asked again with every message. */
  | { readonly kind: 'refused'; readonly says: string }
  /** It cannot serve us now; `null`: it does not say for how long. */
  | { readonly kind: 'unavailable'; readonly says: string; readonly retryAfterMs: DurationMs | null }
  /** Not for us, or not legible. */
  | { readonly kind: 'ignored' };

const CAPABILITIES = BigInt(
  AgentCapability.REPORTS_STATUS | AgentCapability.REPORTS_HEALTH | AgentCapability.REPORTS_HEARTBEAT,
);

/**
 * What the agent says and hears, whatever carries it: numbers its messages, says everything when a connection is new or the server
 * asks, and afterwards only what is news. Of reports and observations only the newest waits to be said.
 */
export class Conversation {
  readonly #target: Target;
  readonly #uid: Uint8Array;
  readonly #handlers: Pick<ServerLinkHandlers, 'assigned' | 'confirmed'>;
  readonly #logger: Logger;
  #sequence = 0n;
  #report: TargetReport | null = null;
  #observations: TargetObservations | null = null;
  #due: 'everything' | 'report' | 'nothing' = 'everything';

  constructor(target: Target, handlers: Pick<ServerLinkHandlers, 'assigned' | 'confirmed'>, logger: Logger) {
    this.#target = target;
    this.#uid = uidBytes(target.uid);
    this.#handlers = handlers;
    this.#logger = logger;
  }

  report(report: TargetReport): void {
    this.#report = report;
    if (this.#due === 'nothing') this.#due = 'report';
  }

  observe(observations: TargetObservations | null): void {
    this.#observations = observations;
  }

  /** The connection is new, or something that was said may not have been heard. */
  startOver(): void {
    this.#due = 'everything';
  }

  /** Whether something is under way on the target that an answer of the server may bring on. */
  get isBusy(): boolean {
    return this.#report?.slots.some(({ phase }) => phase !== 'settled' && phase !== 'failed') ?? false;
  }

  get hasNews(): boolean {
    return this.#due !== 'nothing' || this.#observations !== null;
  }

  /** The next message, as protobuf: news if there is some, else a heartbeat. */
  next(): Uint8Array {
    if (this.#due === 'nothing' && this.#observations !== null) {
      const observations = customMessage('observations', encodeObservations(this.#observations));
      this.#observations = null;
      return this.#message({ customMessage: observations });
    }
    const due = this.#due;
    this.#due = 'nothing';
    return this.#message({
      ...(due === 'everything' && {
        agentDescription: describe(this.#target),
        customCapabilities: { capabilities: [AGENT_CAPABILITY] },
      }),
      ...(due !== 'nothing' &&
        this.#report !== null && {
          health: healthOf(this.#report),
          customMessage: customMessage('status', encodeReport(this.#report)),
        }),
    });
  }

  /** The last message of all. */
  goodbye(): Uint8Array {
    return this.#message({ agentDisconnect: {} });
  }

  /** Takes in an answer, or something said unasked, as protobuf. */
  hear(bytes: Uint8Array): Heard {
    const decoded = boundedDecode(ServerToAgentSchema, bytes, FIELD_LIMITS.records);
    if (!decoded.ok) {
      this.#logger.warn(`the server said something illegible: ${decoded.error}`);
      return { kind: 'ignored' };
    }
    const message = decoded.value;
    if (message.errorResponse !== undefined) return this.#hearError(message.errorResponse);
    if (Buffer.compare(message.instanceUid, this.#uid) !== 0) {
      this.#logger.warn('the server said something meant for another agent; it is ignored');
      return { kind: 'ignored' };
    }
    if (message.agentIdentification !== undefined) {
      const says = 'another agent with the same identity is connected; give each agent a state directory of its own';
      return { kind: 'refused', says };
    }
    if ((message.flags & BigInt(ServerToAgentFlag.REPORT_FULL_STATE)) !== 0n) this.startOver();
    const { customMessage: custom } = message;
    return { kind: 'accepted', deliver: () => custom !== undefined && this.#hearCustom(custom) };
  }

  #hearError({ type, errorMessage, details }: NonNullable<ServerToAgent['errorResponse']>): Heard {
    switch (type) {
      case ServerErrorType.UNAVAILABLE: {
        const retryAfterMs = details.case === 'retryInfo' ? readRetryInfo(details.value.retryAfterNanoseconds) : null;
        return { kind: 'unavailable', says: errorMessage, retryAfterMs };
      }
      case ServerErrorType.BAD_REQUEST:
        // Saying it again would not make it better.
        this.#logger.error(`the server could not read a message of this agent: ${errorMessage}`);
        return { kind: 'ignored' };
      default:
        return { kind: 'refused', says: errorMessage };
    }
  }

  #hearCustom({ capability, type, data }: CustomMessage): void {
    if (capability !== AGENT_CAPABILITY) return;
    if (type === MESSAGE_TYPE.assignment) {
      const set = decodeAssignmentSet(data);
      if (!set.ok) this.#logger.error(`the server's assignment is malformed: ${formatMalformed(set.error)}`);
      else this.#guarded(() => this.#handlers.assigned(set.value));
    }
    if (type === MESSAGE_TYPE.confirm) {
      const confirmation = decodeConfirmation(data);
      if (!confirmation.ok)
        this.#logger.error(`the server's confirmation is malformed: ${formatMalformed(confirmation.error)}`);
      else this.#guarded(() => this.#handlers.confirmed(confirmation.value));
    }
  }

  /** A bug in who listens must not cost the connection. */
  #guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#logger.error('what the server said could not be worked on', {
        error: error instanceof Error ? error.stack : String(error),
      });
    }
  }

  #message(rest: Parameters<typeof create<typeof AgentToServerSchema>>[1]): Uint8Array {
    this.#sequence += 1n;
    const always = { instanceUid: this.#uid, sequenceNum: this.#sequence, capabilities: CAPABILITIES };
    return toBinary(AgentToServerSchema, create(AgentToServerSchema, { ...rest, ...always }));
  }
}

function customMessage(type: keyof typeof MESSAGE_TYPE, data: Uint8Array) {
  return { capability: AGENT_CAPABILITY, type: MESSAGE_TYPE[type], data };
}

function describe({ name, service, role, labels }: Target) {
  const attribute = (key: string, value: string) => ({
    key,
    value: { value: { case: 'stringValue' as const, value } },
  });
  const known = role === '' ? [] : [attribute('ringfence.role', role)];
  return {
    identifyingAttributes: [attribute('service.name', service), attribute('service.instance.id', name)],
    nonIdentifyingAttributes: [
      ...known,
      ...Object.entries(labels).map(([label, value]) => attribute(`ringfence.label.${label}`, value)),
    ],
  };
}

/** For whoever reads OpAMP alone: our own server goes by the report. */
function healthOf({ slots, checks }: TargetReport) {
  const ill = checks.find(({ healthy }) => !healthy);
  const failed = slots.find(({ phase }) => phase === 'failed');
  const lastError =
    ill !== undefined ? `${ill.name}: ${ill.detail}` : failed !== undefined ? `${failed.slot}: ${failed.failure}` : '';
  return {
    healthy: ill === undefined && failed === undefined,
    lastError: lastError.slice(0, FIELD_LIMITS.text).toWellFormed(),
  };
}
