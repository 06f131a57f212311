import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import type { AssignmentSet, TargetReport } from '../../../engine/ports/fleet.ts';
import {
  type ServerErrorResponse,
  type ServerToAgent,
  ServerToAgentFlag,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { AGENT_CAPABILITY, decodeAssignmentSet, encodeReport, MESSAGE_TYPE } from '../agentMessages.ts';
import type { Message, RawAgent } from './rawAgent.ts';

/** What the agent is told next: pushed to it, or found when it polls. */
export function told(agent: RawAgent): Promise<ServerToAgent> {
  return agent.transport.kind === 'websocket' ? agent.transport.pushed() : agent.say();
}

export function asksFullState(answer: ServerToAgent): boolean {
  return (answer.flags & BigInt(ServerToAgentFlag.REPORT_FULL_STATE)) !== 0n;
}

/** The error in an answer, which must be one and nothing else. */
export function errorOf(answer: ServerToAgent): ServerErrorResponse {
  assert.ok(answer.errorResponse, 'expected an error');
  const alone = create(ServerToAgentSchema, { instanceUid: answer.instanceUid, errorResponse: answer.errorResponse });
  assert.deepEqual(answer, alone, 'beside an error nothing else is set');
  return answer.errorResponse;
}

export function assignmentIn({ customMessage }: ServerToAgent): AssignmentSet | null {
  if (customMessage?.type !== MESSAGE_TYPE.assignment) return null;
  const decoded = decodeAssignmentSet(customMessage.data);
  assert.ok(decoded.ok);
  return decoded.value;
}

/** Files by name, as text. */
export function configIn({ remoteConfig }: ServerToAgent): Readonly<Record<string, string>> | undefined {
  const files = Object.entries(remoteConfig?.config?.configMap ?? {});
  return remoteConfig && Object.fromEntries(files.map(([name, { body }]) => [name, Buffer.from(body).toString()]));
}

/** Our own agent's report, as it is said. */
export function statusMessage(report: TargetReport): Message {
  return { customMessage: { capability: AGENT_CAPABILITY, type: MESSAGE_TYPE.status, data: encodeReport(report) } };
}
