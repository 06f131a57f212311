import type { RolloutViewBody } from '../src/wire/http/rollout.ts';
import { type Child, el } from './element.ts';
import { formatCount, formatSpan, formatTime, plural } from './words.ts';

/** Where a stage stands. `untouched`: it never saw the change and, the rollout being over, never will. */
type Standing = 'passed' | 'present' | 'ahead' | 'takenBack' | 'untouched';

/**
 * The stages from left to right with a gate after each. A gate is open only where evidence opened it.
 *
 * ```
 *   canary ▐ ▌ pilot ▐│▌ broad
 * ```
 */
export function ladder(view: RolloutViewBody, now: number): Child {
  const { plan } = view.rollout;
  return el(
    'ol',
    { class: 'ladder', 'aria-label': 'stages' },
    plan.map((stage, index) => {
      const standing = standingOf(view, index);
      return el(
        'li',
        {
          class: `stage ${standing}`,
          'data-key': `stage-${index}`,
          'aria-current': standing === 'present' ? 'step' : null,
        },
        el(
          'div',
          { class: 'stage-body' },
          el(
            'p',
            { class: 'stage-name' },
            el('span', {}, stage.name),
            el('span', { class: 'fine' }, plural(stage.targets, 'target')),
          ),
          waves(view, index, standing),
          el('p', { class: 'stage-says' }, sayStage(view, index, standing)),
          standing === 'present' && bake(view, now),
        ),
        gate(view, index, standing, now),
      );
    }),
  );
}

/** What a stage does once its waves are open. */
const PHASE_WORDS = {
  rehearsing: 'rehearsing the way back',
  baking: 'baking',
  ready: 'ready',
  rollingBack: 'going back',
  rolledBack: 'taken back',
  completed: 'passed',
} as const;

function standingOf({ rollout }: RolloutViewBody, index: number): Standing {
  const { phase, stage } = rollout;
  if (phase === 'completed') return 'passed';
  if (phase === 'rollingBack' || phase === 'rolledBack') return index <= stage ? 'takenBack' : 'untouched';
  return index < stage ? 'passed' : index === stage ? 'present' : 'ahead';
}

/** One bar per wave, as wide as its share of the stage's targets. */
function waves({ rollout, tally }: RolloutViewBody, index: number, standing: Standing): Child {
  const stage = rollout.plan[index];
  if (stage === undefined) return null;
  let before = 0;
  const bars = stage.waves.map(({ targets }, wave) => {
    const from = before;
    const size = Math.max(0, targets - from);
    before = Math.max(before, targets);
    const opened = standing === 'passed' || (standing === 'present' && wave <= rollout.wave);
    const confirmed = standing === 'passed' ? size : opened ? Math.max(0, Math.min(size, tally.confirmed - from)) : 0;
    return el(
      'span',
      {
        class: opened ? 'wave opened' : 'wave',
        'data-key': `wave-${wave}`,
        '--size': Math.max(size, stage.targets / 30),
        '--done': size === 0 ? 0 : confirmed / size,
      },
      el('span', { class: 'unseen' }, `wave ${wave + 1}, ${plural(size, 'target')}${opened ? ', opened' : ''}`),
    );
  });
  return el('div', { class: 'waves' }, bars);
}

function sayStage({ rollout, tally }: RolloutViewBody, index: number, standing: Standing): string {
  const planned = rollout.plan[index];
  switch (standing) {
    case 'passed':
      return 'passed';
    case 'ahead':
      return 'closed';
    case 'untouched':
      return 'never opened';
    case 'takenBack':
      if (rollout.phase === 'rolledBack') return 'taken back';
      return tally.notBack === 0 ? 'back' : `${plural(tally.notBack, 'target')} of the rollout not back yet`;
    case 'present': {
      const failed = tally.failed > 0 ? [`${formatCount(tally.failed)} failed`] : [];
      const confirmed = `${formatCount(tally.confirmed)} of ${formatCount(tally.opened)} confirmed`;
      const wave = `wave ${rollout.wave + 1} of ${planned?.waves.length ?? 1}`;
      return [rollout.phase === 'rolling' ? wave : PHASE_WORDS[rollout.phase], confirmed, ...failed].join(', ');
    }
  }
}

/** What the bake has gathered: time, and for each role what it asks the targets to have seen. */
function bake({ rollout, exposure }: RolloutViewBody, now: number): Child {
  const spec = rollout.pipeline.stages[rollout.stage]?.bake;
  if (spec === undefined || rollout.phase === 'rollingBack') return null;
  const begun = rollout.phase === 'baking' || rollout.phase === 'ready';
  const elapsed = !begun ? 0 : Math.max(0, now - Date.parse(rollout.sinceAt));
  const time = `${formatSpan(Math.min(elapsed, spec.minimumMs))} of ${formatSpan(spec.minimumMs)}`;
  return el(
    'div',
    { class: 'bake' },
    spec.minimumMs >= 1000 && meter('bake', elapsed, spec.minimumMs, begun ? time : 'not begun'),
    spec.exposure !== null &&
      Object.entries(exposure).map(([role, gathered]) => {
        const { atLeast = 0, metric = '' } = spec.exposure ?? {};
        return meter(role, gathered, atLeast, `${formatCount(gathered)} of ${formatCount(atLeast)} ${metric}`);
      }),
  );
}

function meter(name: string, value: number, most: number, says: string): Child {
  return el(
    'div',
    { class: 'meter', 'data-key': `meter-${name}` },
    el('span', { class: 'meter-name' }, name),
    el('progress', {
      max: Math.max(1, most),
      value: Math.min(value, Math.max(1, most)),
      'aria-label': `${name}: ${says}`,
    }),
    el('span', { class: 'meter-says' }, says),
  );
}

function gate({ rollout }: RolloutViewBody, index: number, standing: Standing, now: number): Child {
  if (index === rollout.plan.length - 1) return null;
  const evidence = rollout.evidence.find(({ stage }) => stage === rollout.plan[index]?.name);
  const open = standing === 'passed' || (standing === 'takenBack' && index < rollout.stage);
  const says = open && evidence !== undefined ? `opened ${formatTime(evidence.at, now)}` : open ? 'opened' : 'closed';
  return el(
    'div',
    { class: open ? 'gate open' : 'gate' },
    el('span', { class: 'posts', 'aria-hidden': 'true' }),
    el('span', { class: 'gate-says' }, el('span', { class: 'unseen' }, 'gate '), says),
  );
}
