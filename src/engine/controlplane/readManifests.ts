import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse as parseYaml } from 'yaml';
import { canonicalJson, type Json } from '../../core/kernel/canonicalJson.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Refusal } from '../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Change } from '../../core/policy/change.ts';
import type { Freeze } from '../../core/policy/freeze.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { Manifest } from '../../core/record/decideCommand.ts';
import { changeKindOf, type Service, type SlotName, type SlotSpec } from '../../core/topology/service.ts';
import type { Calendar } from '../ports/calendar.ts';
import type { ContentFaults } from '../ports/contentFaults.ts';
import type { ChangeInput, ManifestInput } from '../ports/controlPlane.ts';
import type { Rules } from '../ports/rules.ts';
import { labelsNeeded } from './labelsNeeded.ts';

/** What was asked to be applied, ready to be decided, with the bytes that must be stored before. */
export interface ReadManifests {
  readonly manifests: readonly Manifest[];
  readonly artifacts: readonly Uint8Array[];
}

export interface ManifestReaders {
  readonly calendar: Pick<Calendar, 'fault'>;
  readonly rules: Pick<Rules, 'fault'>;
  readonly contents?: ContentFaults;
}

/**
 * Checks what only the bytes, the calendar and the language of rules can tell: sizes, that every slot satisfies its schema, that a
 * freeze comes to something, that a rule can be evaluated. A service earlier in the list counts for the changes after it. Unknown
 * services, roles and slots are left to the decision.
 */
export function readManifests(
  inputs: readonly ManifestInput[],
  known: ReadonlyMap<string, Service>,
  author: string,
  { calendar, rules, contents }: ManifestReaders,
): Result<ReadManifests, readonly Refusal[]> {
  const services = new Map(known);
  const refusals: Refusal[] = [];
  const manifests: Manifest[] = [];
  const artifacts: Uint8Array[] = [];
  for (const input of inputs) {
    if (input.kind === 'Service') {
      services.set(input.service.name, input.service);
      refusals.push(...checkSchemas(input.service));
      manifests.push(input);
    } else if (input.kind === 'Pipeline' || input.kind === 'Catalog') {
      if (input.kind === 'Pipeline') refusals.push(...checkRules(input.pipeline, rules));
      manifests.push(input);
    } else if (input.kind === 'Freeze') {
      refusals.push(...checkFreeze(input.freeze, calendar));
      manifests.push(input);
    } else {
      const service = services.get(input.change.service);
      for (const [slot, bytes] of Object.entries(input.change.slots)) {
        const spec = service?.slots[slot];
        if (spec !== undefined) refusals.push(...checkContent(input.change.name, slot, spec, bytes, contents));
        artifacts.push(bytes);
      }
      manifests.push({ kind: 'Change', change: toChange(input.change, service, author) });
    }
  }
  return refusals.length > 0 ? err(refusals) : ok({ manifests, artifacts });
}

/** A change by its content: what it is called, why and by whom are not part of its digest. */
function toChange(input: ChangeInput, service: Service | undefined, author: string): Change {
  const slots: Record<SlotName, Digest> = {};
  for (const slot of Object.keys(input.slots).sort()) slots[slot] = digestOf(input.slots[slot] ?? new Uint8Array());
  const named =
    input.roles.length > 0
      ? input.roles
      : (service?.roles ?? []).filter((role) =>
          Object.keys(slots).some((slot) => service?.slots[slot]?.roles.includes(role)),
        );
  const roles = [...new Set(named)].sort();
  const digest = digestOf(Buffer.from(canonicalJson({ service: input.service, roles, slots })));
  const { name, reason, newPath, irreversible } = input;
  const measured = newPath === undefined ? {} : { newPath };
  const said = irreversible === undefined ? {} : { irreversible };
  const needed = labelsNeeded(input.slots);
  return { digest, name, service: input.service, roles, slots, ...needed, ...measured, ...said, reason, author };
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Law 16: a rule that cannot be read, or that never comes true, would be a freeze that binds nobody. */
function checkFreeze(freeze: Freeze, calendar: Pick<Calendar, 'fault'>): readonly Refusal[] {
  const fault = calendar.fault(freeze);
  if (fault === null) return [];
  return [{ code: 'freeze-invalid', says: `freeze "${freeze.name}": ${fault.says}`, remedy: fault.remedy }];
}

/** Law 16: a rule that names what is not there would refuse everything, or nothing. */
function checkRules(pipeline: Pipeline, rules: Pick<Rules, 'fault'>): readonly Refusal[] {
  const fault = rules.fault(pipeline);
  if (fault === null) return [];
  const says = `rule "${fault.rule}" of pipeline "${pipeline.name}": ${fault.says}`;
  return [{ code: 'rule-invalid', says, remedy: fault.remedy }];
}

function checkSchemas(service: Service): readonly Refusal[] {
  return Object.entries(service.slots).flatMap(([slot, { schema }]) => {
    if (schema !== null && changeKindOf(slot) === 'template') {
      const says = `slot "${slot}" of service "${service.name}" has a schema, but only its targets know what a template comes to`;
      const remedy = "leave the schema out; let the agents' files say what validates the file (validate)";
      return [{ code: 'content-invalid' as const, says, remedy }];
    }
    const compiled = schema === null ? ok(null) : compile(schema);
    if (compiled.ok) return [];
    return [
      {
        code: 'content-invalid' as const,
        says: `the schema of slot "${slot}" of service "${service.name}" is not valid JSON Schema: ${compiled.error}`,
      },
    ];
  });
}

function checkContent(
  change: string,
  slot: SlotName,
  spec: SlotSpec,
  bytes: Uint8Array,
  contents: ContentFaults | undefined,
): readonly Refusal[] {
  const where = `change "${change}", slot "${slot}"`;
  if (bytes.byteLength > spec.maxBytes) {
    const says = `${where}: ${bytes.byteLength} bytes, at most ${spec.maxBytes} allowed`;
    return [{ code: 'content-too-large', says, remedy: 'make it smaller, or raise maxBytes of the slot' }];
  }
  const faults = contents?.(changeKindOf(slot), bytes) ?? [];
  if (faults.length > 0)
    return faults.slice(0, 20).map((fault) => ({ code: 'content-invalid', says: `${where}: ${fault}` }));
  if (spec.schema === null) return [];
  const parsed = parseContent(bytes);
  if (!parsed.ok)
    return [
      {
        code: 'content-invalid',
        says: `${where}: it has a schema, and the content is neither JSON nor YAML: ${parsed.error}`,
      },
    ];
  const compiled = compile(spec.schema);
  if (!compiled.ok) return [];
  const problems = compiled.value(parsed.value);
  return problems.slice(0, 20).map((problem) => ({ code: 'content-invalid' as const, says: `${where}: ${problem}` }));
}

type Validator = (value: unknown) => readonly string[];

function compile(schema: Json): Result<Validator, string> {
  try {
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(schema as object);
    return ok((value) => {
      if (validate(value)) return [];
      return (validate.errors ?? []).map((error) => {
        const extra = 'additionalProperty' in error.params ? ` ("${String(error.params.additionalProperty)}")` : '';
        const allowed = 'allowedValues' in error.params ? `: ${JSON.stringify(error.params.allowedValues)}` : '';
        return `${error.instancePath === '' ? 'the content' : error.instancePath} ${error.message ?? 'is not valid'}${extra}${allowed}`;
      });
    });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function parseContent(bytes: Uint8Array): Result<unknown, string> {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return ok(JSON.parse(text));
  } catch {
    try {
      return ok(parseYaml(text, { maxAliasCount: 100 }));
    } catch (error) {
      return err(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
}
