import { z } from 'zod';
import { type AgentKind, isAgentKind, isChangeKind } from '../changeKind.ts';
import { always, asMapping, entries, mistake } from '../fields.ts';
import { SLOT_NAME, slotName } from '../scalars.ts';
import { type ConfigSlot, configSlot } from './configSlot.ts';
import { type PackageSlot, packageSlot } from './packageSlot.ts';
import { type ScriptSlot, scriptSlot } from './scriptSlot.ts';
import type { PathsFrom, SlotFormat, SlotSpans } from './slotFormat.ts';
import { type TemplateSlot, templateSlot } from './templateSlot.ts';
import { type WebhookSlot, webhookSlot } from './webhookSlot.ts';

/** Where a slot lives on a target, and how a new revision of it is brought into force and read back: another shape for each kind. */
export type AgentSlot = PackageSlot | ConfigSlot | TemplateSlot | ScriptSlot | WebhookSlot;

export type SlotOf<Kind extends AgentKind> = Extract<AgentSlot, { readonly kind: Kind }>;

/** Every kind of change that agents carry out, one file each. */
const FORMATS = {
  package: packageSlot,
  config: configSlot,
  template: templateSlot,
  script: scriptSlot,
  webhook: webhookSlot,
} as const satisfies { readonly [Kind in AgentKind]: SlotFormat<SlotOf<Kind>> };

/** The slots of an agent's file, each as its kind wants it. */
export const agentSlots = entries('a mapping of one slot or more', slotName, z.unknown(), 1)
  .superRefine((found: unknown, sink) => {
    for (const [name, written] of Object.entries(asMapping(found))) {
      const kind = kindOf(name);
      if (isChangeKind(kind) && !isAgentKind(kind)) {
        const known = Object.keys(FORMATS);
        mistake(sink, [name], `a slot whose kind of change agents carry out: ${known.join(', ')}`, {
          found: `the name ${JSON.stringify(name)}, which is the server's own`,
          name: true,
        });
      }
      if (!isAgentKind(kind)) continue;
      for (const issue of FORMATS[kind].schema.safeParse(written).error?.issues ?? [])
        sink.addIssue({ ...issue, path: [name, ...issue.path] } as never);
    }
    slotsHaveFilesOfTheirOwn(asMapping(found), sink);
  }, always)
  .meta({
    description: 'a mapping of one slot or more',
    minProperties: 1,
    patternProperties: Object.fromEntries(
      Object.entries(FORMATS).map(([kind, { schema }]) => [`^${kind}\\/${SLOT_NAME}$`, withoutDialect(schema)]),
    ),
    additionalProperties: false,
  });

export function toAgentSlots(written: Readonly<Record<string, unknown>>): Readonly<Record<string, AgentSlot>> {
  return Object.fromEntries(
    Object.entries(written).map(([name, slot]) => [name, formatOf(kindOf(name) as AgentKind).read(slot)]),
  );
}

export function resolvedSlot(slot: AgentSlot, from: PathsFrom): AgentSlot {
  return formatOf(slot.kind).resolved(slot, from);
}

/** Where on the target a slot is, for people. */
export function slotPlace(slot: AgentSlot): string {
  return formatOf(slot.kind).place(slot);
}

export function slotSpans(slot: AgentSlot): SlotSpans {
  return formatOf(slot.kind).spans(slot);
}

function formatOf(kind: AgentKind): SlotFormat<AgentSlot> {
  return FORMATS[kind] as SlotFormat<AgentSlot>;
}

function slotsHaveFilesOfTheirOwn(slots: Readonly<Record<string, unknown>>, sink: Parameters<typeof mistake>[0]): void {
  const ownerOf = new Map<unknown, string>();
  for (const [name, slot] of Object.entries(slots)) {
    const kind = kindOf(name);
    if (!isAgentKind(kind)) continue;
    for (const [field, path] of Object.entries(FORMATS[kind].owns(asMapping(slot)))) {
      const owner = ownerOf.get(path);
      if (owner !== undefined) mistake(sink, [name, field], `another ${field} than ${owner} has`);
      else if (path !== undefined) ownerOf.set(path, name);
    }
  }
}

function kindOf(slot: string): string {
  return slot.slice(0, slot.indexOf('/'));
}

/** Inside another schema it must not name its dialect again. */
function withoutDialect(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
