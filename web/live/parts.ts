import type { ApprovalBody } from '../../src/wire/http/approval.ts';
import type { ChangeBody } from '../../src/wire/http/change.ts';
import type { FreezeBody } from '../../src/wire/http/freeze.ts';
import type { HaltBody } from '../../src/wire/http/halt.ts';
import type { PeopleBody } from '../../src/wire/http/people.ts';
import type { PipelineBody } from '../../src/wire/http/pipeline.ts';
import type { ServiceBody } from '../../src/wire/http/service.ts';
import type { ApiClient } from '../api/apiClient.ts';
import { type Facts, MOST_CHANGES } from './live.ts';

type Part = {
  /** Which events of the log make it old. */
  readonly touched: RegExp;
  readonly read: (client: ApiClient, signal: AbortSignal) => Promise<Partial<Facts>>;
};

const MOST = 2000;

/** What is read as a whole, and again when an event on the record has made it old. Rollouts and the fleet come over the stream itself. */
export const PARTS = {
  halt: {
    touched: /^Line/,
    read: async (client, signal) => ({ halt: (await client.get<HaltBody>('/v1/halt', signal)).halt }),
  },
  changes: {
    touched: /^(?:ChangeApplied|DigestQuarantined|RolloutCompleted)$/,
    read: async (client, signal) => ({ changes: await client.list<ChangeBody>('/v1/changes', MOST_CHANGES, signal) }),
  },
  pipelines: {
    touched: /^Pipeline/,
    read: async (client, signal) => ({ pipelines: await client.list<PipelineBody>('/v1/pipelines', MOST, signal) }),
  },
  services: {
    touched: /^(?:Service|Catalog|RolloutCompleted|RolledBack)/,
    read: async (client, signal) => ({ services: await client.list<ServiceBody>('/v1/services', MOST, signal) }),
  },
  approvals: {
    touched: /^(?:Approval|BreakGlass|Rollout|ChangeApplied|PipelineApplied|StagePassed|RollbackOrdered|Token)/,
    read: async (client, signal) => ({ approvals: await client.list<ApprovalBody>('/v1/approvals', MOST, signal) }),
  },
  freezes: {
    touched: /^Freeze/,
    read: async (client, signal) => ({ freezes: await client.list<FreezeBody>('/v1/freezes', MOST, signal) }),
  },
  people: {
    touched: /^TokenIssued$/,
    read: async (client, signal) => ({ people: (await client.get<PeopleBody>('/v1/people', signal)).people }),
  },
} satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof PARTS;

export function partsTouchedBy(event: string): readonly PartName[] {
  return (Object.keys(PARTS) as PartName[]).filter((name) => PARTS[name].touched.test(event));
}
