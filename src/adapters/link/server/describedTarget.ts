import { err, ok, type Result } from '../../../core/kernel/result.ts';
import type { Target } from '../../../core/topology/target.ts';
import type { AgentDescription, KeyValue } from '../../../wire/opamp/generated/opamp_pb.ts';
import { FIELD_LIMITS, readName } from '../fieldLimits.ts';
import { type Malformed, MalformedError } from '../malformed.ts';

/**
 * The target an agent says it is:
 *
 * | attribute | of the target |
 * |---|---|
 * | `service.name` | its service |
 * | `service.instance.id` | its name; the instance uid when left out |
 * | `ringfence.role` | its role; empty when left out: the service's only one |
 * | `ringfence.label.<name>` | a label |
 *
 * The first two identify, the others do not (as OpAMP divides them); where both lists have one, the identifying list is believed.
 */
export function describedTarget(uid: string, description: AgentDescription): Result<Target, Malformed> {
  const attributes = stringsOf([...description.nonIdentifyingAttributes, ...description.identifyingAttributes]);
  const named = (key: string) => readName(key, attributes.get(key) ?? '');
  try {
    const labels = [...attributes.keys()].filter((key) => key.startsWith(LABEL) && key.length > LABEL.length);
    if (labels.length > FIELD_LIMITS.labels) {
      throw new MalformedError(`${LABEL}*`, `${labels.length} labels; expected at most ${FIELD_LIMITS.labels}`);
    }
    return ok({
      uid,
      name: attributes.has('service.instance.id') ? named('service.instance.id') : uid,
      service: named('service.name'),
      role: attributes.has(ROLE) ? named(ROLE) : '',
      labels: Object.fromEntries(labels.map((key) => [readName(key, key.slice(LABEL.length)), named(key)])),
    });
  } catch (error) {
    if (error instanceof MalformedError) return err(error.malformed);
    throw error;
  }
}

export const ROLE = 'ringfence.role';
export const LABEL = 'ringfence.label.';

function stringsOf(attributes: readonly KeyValue[]): ReadonlyMap<string, string> {
  return new Map(
    attributes.flatMap(({ key, value }) => (value?.value.case === 'stringValue' ? [[key, value.value.value]] : [])),
  );
}
