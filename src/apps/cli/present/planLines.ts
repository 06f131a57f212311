import { formatDuration } from '../../../core/kernel/instant.ts';
import type { PlanBody } from '../../../wire/http/plan.ts';
import type { Glyphs } from '../terminal/glyphs.ts';
import { type StyledLine, segment } from '../terminal/styledLine.ts';
import { type Cell, table } from '../terminal/table.ts';
import { breakGlassFacts, gateFacts, irreversibleFacts } from './approvalLines.ts';
import { dependentsSay, neighboursSay, reachSays } from './blastWords.ts';
import { stepFacts } from './capacityFacts.ts';
import { type Fact, facts } from './facts.ts';
import { changeName, count, names } from './words.ts';

/** What starting would do, in at most `width` columns; then why it would be refused, all of it. */
export function planLines(plan: PlanBody, width: number, glyphs: Glyphs): StyledLine[] {
  const stages = table(
    [
      { title: 'STAGE', foldTo: 6 },
      { title: 'SELECTS', foldTo: 8 },
      { title: 'TARGETS', align: 'right' },
      { title: 'CONNECTED', align: 'right' },
      { title: 'BY ROLE', foldTo: 5 },
      { title: 'WAVES', foldTo: 5 },
      { title: 'BAKE', foldTo: 8 },
    ],
    plan.stages.map(stageRow),
    width,
  );
  return [
    ...facts(head(plan), width),
    [],
    ...stages,
    [],
    ...facts(consequences(plan), width),
    ...cautions(plan, width),
    [],
    ...verdict(plan, width, glyphs),
  ];
}

function head(plan: PlanBody): Fact[] {
  return [
    ['change', { text: changeName(plan.change), tone: 'strong' }],
    ['service', `${plan.service}, ${plan.roles.length === 1 ? 'role' : 'roles'} ${plan.roles.join(', ')}`],
    ['pipeline', plan.fastTrack ? `${plan.pipeline}, by its fast-track: this is known to be good` : plan.pipeline],
    ...irreversibleFacts(plan.irreversible),
  ];
}

function stageRow(stage: PlanBody['stages'][number]): Cell[] {
  const exposure = stage.exposure === null ? '' : `, ${stage.exposure.atLeast} ${stage.exposure.metric} per role`;
  return [
    stage.name,
    stage.selects,
    stage.targets === 0 ? { text: '0', tone: 'bad' } : String(stage.targets),
    stage.connected < stage.targets ? { text: String(stage.connected), tone: 'warn' } : String(stage.connected),
    Object.entries(stage.byRole)
      .map(([role, targets]) => `${targets} ${role}`)
      .join(', '),
    stage.waves.map(({ targets }) => targets).join(', '),
    `${formatDuration(stage.bakeMs)}${exposure}${stage.peak === null ? '' : `, and a peak, ${stage.peak.local.starts} at the earliest`}`,
  ];
}

function consequences(plan: PlanBody): Fact[] {
  const { unstaged, unstagedCount, blast } = plan;
  const left: Fact =
    unstagedCount === 0
      ? ['left out', 'no target: every one of these roles is in a stage']
      : [
          'left out',
          {
            text: `${count(unstagedCount, 'target')} that no stage selects, which would never get it: ${names(unstaged, unstagedCount)}`,
            tone: 'warn',
          },
        ];
  return [
    left,
    ['blast', { text: reachSays(blast), tone: 'strong' }],
    ...stageReaches(plan.stages),
    ['dependents', dependentsSay(blast.dependents)],
    ...(blast.dependencies.length === 0 ? [] : [['needs', neighboursSay(blast.dependencies)] satisfies Fact]),
    ...stepFacts(plan),
    ['takes', `at least ${formatDuration(plan.minimumMs)} of baking`],
    ...plan.freezes.map(
      ({ freeze, reason, local }): Fact => [
        'frozen',
        { text: `from ${local.starts} until ${local.ends} by ${freeze}: ${reason}`, tone: 'warn' },
      ],
    ),
    ...gateFacts(plan.gates),
    ...(plan.breakGlass === null ? [] : breakGlassFacts(plan.breakGlass)),
    ...whatRulesSay(plan.rules),
  ];
}

/** A rule that passes everywhere is said once; one that does not, for every stage in which it does not. */
function whatRulesSay(rules: PlanBody['rules']): Fact[] {
  return [...Map.groupBy(rules, ({ rule }) => rule)].flatMap(([rule, outcomes]): Fact[] => {
    const against = outcomes.filter(({ outcome }) => outcome !== 'passes');
    if (against.length === 0) return [['rule', `${rule} passes`]];
    return against.map(({ stage, wave, outcome, says }) => {
      const verb = outcome === 'error' ? 'cannot be evaluated for' : 'refuses';
      return ['rule', { text: `${rule} ${verb} ${stage}, wave ${wave}, if it opened now: ${says}`, tone: 'warn' }];
    });
  });
}

/** Each stage by itself, and from the second on with those before it. */
function stageReaches(stages: PlanBody['stages']): Fact[] {
  return stages.map(({ name, opens, reached }, index) => {
    const together = index === 0 ? '' : `; with those before ${reachSays(reached)}`;
    return ['by stage', `${name}: ${reachSays(opens)}${together}`];
  });
}

function cautions({ warnings }: PlanBody, width: number): StyledLine[] {
  if (warnings.length === 0) return [];
  const says = warnings.map(({ code, says }): Fact => [code, { text: says, tone: 'warn' }]);
  return [[], [segment('! Read this before it is started:', 'warn')], ...facts(says, width, '  ')];
}

function verdict({ refusals, change, pipeline }: PlanBody, width: number, glyphs: Glyphs): StyledLine[] {
  if (refusals.length === 0) {
    const command = `ringfence rollout start ${change.name} --pipeline ${pipeline}`;
    return [[segment(`${glyphs.done} It may start:`, 'good')], [segment(`  ${command}`)]];
  }
  const reasons = refusals.flatMap(({ code, says, remedy }): Fact[] => {
    const first: Fact = [code, { text: says, tone: 'bad' }];
    return remedy === undefined ? [first] : [first, [code, remedy]];
  });
  return [[segment(`${glyphs.bad} It would be refused:`, 'bad')], ...facts(reasons, width, '  ')];
}
