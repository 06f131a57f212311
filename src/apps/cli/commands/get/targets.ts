import { shortDigest } from '../../../../core/kernel/digest.ts';
import { listTargets, type TargetBody } from '../../../../wire/http/target.ts';
import { type Fact, facts } from '../../present/facts.ts';
import { ago } from '../../present/words.ts';
import type { Segment } from '../../terminal/styledLine.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { targetsNamed } from './targetsNamed.ts';

interface TargetOptions {
  readonly limit: number;
  readonly service?: string;
  readonly role?: string;
  readonly label?: readonly string[];
  readonly connected?: true;
  readonly disconnected?: true;
}

export const getTargets: Run<TargetOptions, [name?: string]> = async (context, options, name) => {
  const client = await context.client();
  const { service, role, label } = options;
  const connected = options.connected ?? (options.disconnected ? false : undefined);
  const query = { service, role, label, connected };
  const now = Date.now();
  if (name === undefined) {
    return showList(context, await client.list(listTargets, query, options.limit), {
      columns: [
        { title: 'NAME', shrinkTo: 10 },
        { title: 'SERVICE', shrinkTo: 7 },
        { title: 'ROLE', shrinkTo: 6 },
        { title: 'LABELS', shrinkTo: 10 },
        { title: 'HOLDS', shrinkTo: 12 },
        { title: 'STATE', shrinkTo: 12 },
      ],
      row: (target) => [
        target.name,
        target.service,
        target.role,
        Object.entries(target.labels)
          .map(([label, value]) => `${label}=${value}`)
          .join(','),
        target.report?.slots
          .map((slot) => (slot.current === null ? 'unknown' : shortDigest(slot.current)))
          .join(', ') ?? '-',
        targetState(target, now),
      ],
      none: 'No target. Targets enrol by themselves when their agent connects: see "ringfence agent --help".',
    });
  }
  const found = await targetsNamed(client, query, name);
  const [target] = found;
  context.output.document(target);
  context.output.lines(facts(targetFacts(target, now), context.output.width));
  if (found.length > 1) context.output.notice(`${found.length} targets are called ${name}; --service says which`);
  return 'done';
};

/** The one thing about a target that a person must know first. */
export function targetState({ connected, lastHeardAt, report }: TargetBody, now: number): Segment {
  if (!connected)
    return { text: lastHeardAt === null ? 'never heard' : `gone, heard ${ago(lastHeardAt, now)}`, tone: 'warn' };
  const failed = report?.slots.find((slot) => slot.phase === 'failed');
  if (failed !== undefined) return { text: `failed: ${failed.failureCode}`, tone: 'bad' };
  const sick = report?.checks.filter((check) => !check.healthy).map((check) => check.name) ?? [];
  if (sick.length > 0) return { text: `unhealthy: ${sick.join(', ')}`, tone: 'bad' };
  const moving = report?.slots.find((slot) => slot.phase !== 'settled');
  if (moving !== undefined) return { text: moving.phase, tone: 'active' };
  return report === null ? { text: 'connected', tone: 'plain' } : { text: 'settled', tone: 'good' };
}

function targetFacts(target: TargetBody, now: number): Fact[] {
  const state = targetState(target, now);
  const heard = target.lastHeardAt === null ? 'never heard' : `heard ${ago(target.lastHeardAt, now)}`;
  return [
    ['target', { text: target.name, tone: 'strong' }],
    ['uid', target.uid],
    ['service', `${target.service}, role ${target.role}`],
    [
      'labels',
      Object.entries(target.labels)
        .map(([label, value]) => `${label}=${value}`)
        .join(', ') || 'none',
    ],
    ['state', state],
    ['connected', target.connected ? `yes, ${heard}` : `no, ${heard}`],
    ...Object.entries(target.desired).map(([slot, digest]): Fact => ['should hold', `${slot}: ${shortDigest(digest)}`]),
    ...(target.report?.slots ?? []).map((slot): Fact => {
      const how = slot.verifiedBy === '' ? '' : `, verified by ${slot.verifiedBy}`;
      const failure = slot.failure === '' ? '' : `; ${slot.failureCode}: ${slot.failure}`;
      const holds = slot.current === null ? 'unknown' : shortDigest(slot.current);
      return ['holds', `${slot.slot}: ${holds}, ${slot.phase}${how}${failure}`];
    }),
    ...(target.report?.checks ?? []).map((check): Fact => {
      return [
        'checks',
        {
          text: `${check.name}: ${check.healthy ? 'healthy' : 'failing'}${check.detail === '' ? '' : `, ${check.detail}`}`,
          tone: check.healthy ? 'good' : 'bad',
        },
      ];
    }),
  ];
}
