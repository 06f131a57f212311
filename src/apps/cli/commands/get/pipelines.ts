import { formatDuration } from '../../../../core/kernel/instant.ts';
import { percent } from '../../../../core/kernel/percent.ts';
import { sayPeakHours } from '../../../../core/policy/peak.ts';
import { formatSize } from '../../../../core/topology/capacity.ts';
import { formatSelector } from '../../../../core/topology/target.ts';
import { listPipelines, type PipelineBody } from '../../../../wire/http/pipeline.ts';
import { type Fact, facts } from '../../present/facts.ts';
import { sayCheck } from '../../present/sayCheck.ts';
import { count } from '../../present/words.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

export const getPipelines: Run<{ limit: number }, [name?: string]> = async (context, { limit }, name) => {
  const client = await context.client();
  if (name === undefined) {
    return showList(context, await client.list(listPipelines, {}, limit), {
      columns: [
        { title: 'NAME' },
        { title: 'SERVICE' },
        { title: 'STAGES', shrinkTo: 12 },
        { title: 'CHECKS', shrinkTo: 10 },
      ],
      row: ({ name, service, stages, checks }) => [
        name,
        service,
        stages.map((stage) => stage.name).join(' > '),
        checks.map((check) => `${check.name} (${check.effect})`).join(', ') || '-',
      ],
      none: 'No pipeline is registered yet. "ringfence apply -f FILE" registers one.',
    });
  }
  const { items } = await client.list(listPipelines, {}, Number.POSITIVE_INFINITY);
  const pipeline = items.find((each) => each.name === name);
  if (pipeline === undefined)
    throw unknownName(
      'pipeline',
      name,
      items.map((each) => each.name),
      'ringfence get pipelines',
    );
  context.output.document(pipeline);
  context.output.lines(facts(pipelineFacts(pipeline), context.output.width));
  return 'done';
};

function pipelineFacts(pipeline: PipelineBody): Fact[] {
  const { heldDeadlineMs, pausedDeadlineMs, rollbackDeadlineMs } = pipeline;
  return [
    ['pipeline', { text: pipeline.name, tone: 'strong' }],
    ['service', pipeline.service],
    ...pipeline.stages.map((stage): Fact => ['stages', stageSays(stage)]),
    ...pipeline.checks.map((check): Fact => ['checks', `${check.name}: a ${check.effect}; ${sayCheck(check)}`]),
    ...(pipeline.rules ?? []).map(({ name, before, require, says, timeZone }): Fact => {
      const clock = timeZone === 'UTC' ? '' : ` (${timeZone})`;
      return [
        'rules',
        `${name}: ${before === 'start' ? 'before the start' : `before every ${before}`}, ${require.replaceAll(/\s+/g, ' ')}${clock}; else: ${says}`,
      ];
    }),
    ...(pipeline.approvals ?? []).map(
      ({ before, role, count }): Fact => [
        'approvals',
        `before ${before === 'start' ? 'it starts' : before}: ${count} by ${role}`,
      ],
    ),
    ...(pipeline.fastTrack === undefined
      ? []
      : [
          [
            'fast-track',
            `to a last known good: nobody is asked, bakes of ${formatDuration(pipeline.fastTrack.minimumMs)} at the most`,
          ] satisfies Fact,
        ]),
    ...(pipeline.neighbours === 'tellApart' ? [['neighbours', 'changed at once, and told apart'] satisfies Fact] : []),
    ...(pipeline.largestStep === undefined ? [] : [['largest step', stepSays(pipeline.largestStep)] satisfies Fact]),
    ['error budget', `${pipeline.errorBudget * 100} % of harmless rollouts may be rolled back by its checks`],
    [
      'deadlines',
      `held ${formatDuration(heldDeadlineMs)}, paused ${formatDuration(pausedDeadlineMs)}, rollback ${formatDuration(rollbackDeadlineMs)}`,
    ],
  ];
}

function stepSays({ traffic, targets }: NonNullable<PipelineBody['largestStep']>): string {
  const parts = [
    traffic === undefined ? [] : [`${percent(traffic)} of the traffic`],
    targets === undefined ? [] : [`${percent(targets)} of the targets`],
  ];
  return `at most ${parts.flat().join(' and ')} open at once`;
}

function waveSays(wave: PipelineBody['stages'][number]['waves'][number]): string {
  if ('count' in wave) return `${wave.count}`;
  const hundredths = Number((('share' in wave ? wave.share : wave.traffic) * 100).toFixed(6));
  return 'share' in wave ? `${hundredths}%` : `${hundredths}% of the traffic`;
}

function stageSays(stage: PipelineBody['stages'][number]): string {
  const { name, targets, waves, concurrency, bake, applyDeadlineMs, tolerateFailures, promote } = stage;
  const exposure = bake.exposure === null ? '' : ` and ${bake.exposure.atLeast} ${bake.exposure.metric} per role`;
  return [
    `${name}: ${formatSelector(targets)}`,
    `waves ${waves.map(waveSays).join(', ')}`,
    ...(concurrency === undefined
      ? []
      : [`${formatSize(concurrency.start)} at once at first, ${formatSize(concurrency.most)} at the most`]),
    `bake ${formatDuration(bake.minimumMs)}${exposure}${bake.peak === undefined ? '' : ` and a peak (${sayPeakHours(bake.peak)})`} within ${formatDuration(bake.deadlineMs)}`,
    `apply within ${formatDuration(applyDeadlineMs)}, ${tolerateFailures === 0 ? 'no failure' : count(tolerateFailures, 'failure')} tolerated`,
    promote === 'manual' ? 'a person promotes' : 'promotes by itself',
  ].join('; ');
}
