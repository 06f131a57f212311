import { err, ok, type Result } from '../../../core/kernel/result.ts';
import type { TargetObservations, TargetReport } from '../../../engine/ports/fleet.ts';
import type { AgentToServer } from '../../../wire/opamp/generated/opamp_pb.ts';
import { AGENT_CAPABILITY, decodeReport, MESSAGE_TYPE } from '../agentMessages.ts';
import type { Malformed } from '../malformed.ts';
import { decodeObservations } from '../observationMessages.ts';

/** What one of our own agents says beside the standard. */
export type Said =
  | { readonly kind: 'report'; readonly report: TargetReport }
  | { readonly kind: 'observations'; readonly observations: TargetObservations };

/** `null`: nothing of ours, or of a type that a later version may know. */
export function readSaid({ customMessage }: AgentToServer): Result<Said | null, Malformed> {
  if (customMessage === undefined || customMessage.capability !== AGENT_CAPABILITY) return ok(null);
  const at = (malformed: Malformed) =>
    err({ ...malformed, says: `custom_message ${customMessage.type}: ${malformed.says}` });
  if (customMessage.type === MESSAGE_TYPE.status) {
    const report = decodeReport(customMessage.data);
    return report.ok ? ok({ kind: 'report', report: report.value }) : at(report.error);
  }
  if (customMessage.type === MESSAGE_TYPE.observations) {
    const observations = decodeObservations(customMessage.data);
    return observations.ok ? ok({ kind: 'observations', observations: observations.value }) : at(observations.error);
  }
  return ok(null);
}
