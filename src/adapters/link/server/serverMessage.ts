import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import {
  ServerCapability,
  ServerErrorType,
  type ServerToAgent,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { AGENT_CAPABILITY, MESSAGE_TYPE } from '../agentMessages.ts';

/** What this server can do. In every message: plain HTTP has no session in which it could be said once. */
const CAPABILITIES = BigInt(
  ServerCapability.ACCEPTS_STATUS |
    ServerCapability.OFFERS_REMOTE_CONFIG |
    ServerCapability.ACCEPTS_EFFECTIVE_CONFIG |
    ServerCapability.OFFERS_PACKAGES |
    ServerCapability.ACCEPTS_PACKAGES_STATUS,
);

/** An acknowledgement of what came from `instanceUid`, with whatever else there is to say. */
export function toAgent(
  instanceUid: Uint8Array,
  rest: MessageInitShape<typeof ServerToAgentSchema> = {},
): ServerToAgent {
  return create(ServerToAgentSchema, { ...rest, instanceUid, capabilities: CAPABILITIES });
}

/** A message of ours inside the standard one. */
export function customMessage(type: keyof typeof MESSAGE_TYPE, data: Uint8Array) {
  return { capability: AGENT_CAPABILITY, type: MESSAGE_TYPE[type], data };
}

/** An error; nothing else may be in the same message. */
function errorTo(
  instanceUid: Uint8Array,
  type: ServerErrorType,
  errorMessage: string,
  retryAfterMs?: DurationMs,
): ServerToAgent {
  const retryInfo = { retryAfterNanoseconds: BigInt(Math.ceil(retryAfterMs ?? 0)) * 1_000_000n };
  const details = retryAfterMs === undefined ? undefined : ({ case: 'retryInfo', value: retryInfo } as const);
  const errorResponse = { type, errorMessage, ...(details && { details }) };
  return create(ServerToAgentSchema, { instanceUid, errorResponse });
}

/** The message is malformed. The agent does not send it again. */
export function badRequest(instanceUid: Uint8Array, says: string): ServerToAgent {
  return errorTo(instanceUid, ServerErrorType.BAD_REQUEST, says);
}

/** The message was understood, but what it asks for is refused for now. */
export function refusal(instanceUid: Uint8Array, says: string): ServerToAgent {
  return errorTo(instanceUid, ServerErrorType.UNKNOWN, says);
}

/** The server cannot do it just now. */
export function unavailable(instanceUid: Uint8Array, says: string, retryAfterMs: DurationMs): ServerToAgent {
  return errorTo(instanceUid, ServerErrorType.UNAVAILABLE, says, retryAfterMs);
}
