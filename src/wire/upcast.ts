import type { Json } from '../core/kernel/canonicalJson.ts';
import type { StoredEvent } from './storedEvent.ts';

type Data = Readonly<Record<string, Json>>;

/**
 * What earlier versions wrote, as this one reads it. By type of event; what is not named here is read as it stands. Data that is of this
 * version already comes back as it is.
 */
const UPCASTS: Readonly<Record<string, (data: Data) => Data>> = {
  PipelineApplied: (data) => ({ ...data, pipeline: pipelineOf(data.pipeline) }),
  RolloutStarted: (data) => ({ ...data, pipeline: pipelineOf(data.pipeline) }),
  StagePassed: (data) => ({ ...data, evidence: { ...asData(data.evidence), ...verdictsOf(asData(data.evidence)) } }),
  RollbackOrdered: (data) => ({ ...data, ...verdictsOf(data) }),
};

export function upcast(type: string, data: StoredEvent['data']): StoredEvent['data'] {
  return UPCASTS[type]?.(data as Data) ?? data;
}

/** A margin was a share alone. */
function pipelineOf(pipeline: Json | undefined): Json {
  const found = asData(pipeline);
  return { ...found, checks: asList(found.checks).map(checkOf) };
}

function checkOf(check: Json): Json {
  const found = asData(check);
  return typeof found.margin === 'number' ? { ...found, margin: { absolute: found.margin } } : check;
}

function verdictsOf(of: Data): { readonly verdicts: Json } {
  return { verdicts: asList(of.verdicts).map(verdictOf) };
}

/** Arms were counts of failures, and what a verdict had cost was not said. */
function verdictOf(verdict: Json): Json {
  const { missing, ...found } = asData(verdict);
  const [treated, untouched] = [asData(found.treated), asData(found.untouched)];
  if (!('failures' in treated)) return verdict;
  return {
    ...found,
    cause: null,
    unit: 'share',
    treated: armOf(treated),
    untouched: armOf(untouched),
    compared: 'at-the-same-time',
    evidence: { harm: 0, noHarm: 0 },
    spent: 0,
    noise: { figure: 1, blocks: 0 },
    next: typeof missing === 'number' && missing > 0 ? { missing, of: 'events', expectedAt: null } : null,
    outliers: [],
    leftOut: [],
  };
}

function armOf({ failures, total }: Data): Json {
  const [failed, all] = [Number(failures ?? 0), Number(total ?? 0)];
  return { level: all > 0 ? failed / all : null, exposure: all, targets: 0 };
}

function asData(value: Json | undefined): Data {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Data) : {};
}

function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
