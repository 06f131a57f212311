import { formatDuration } from '../../../core/kernel/instant.ts';
import type { RolloutViewBody } from '../../../wire/http/rollout.ts';
import { pad, truncate, wrap } from '../terminal/fit.ts';
import { type Glyphs, meter } from '../terminal/glyphs.ts';
import { type Segment, type StyledLine, segment, type Tone } from '../terminal/styledLine.ts';
import { textWidth } from '../terminal/textWidth.ts';
import { breakGlassFacts, irreversibleFacts } from './approvalLines.ts';
import { neighboursSay, reachSays } from './blastWords.ts';
import { capacityFacts } from './capacityFacts.ts';
import { type Fact, facts } from './facts.ts';
import { rolloutState } from './rolloutState.ts';
import { verdictFacts } from './verdictFacts.ts';
import { changeName, count, names } from './words.ts';

export interface PaneSettings {
  /** The present, in milliseconds since 1970. */
  readonly now: number;
  readonly glyphs: Glyphs;
  readonly width: number;
}

const INDENT = '  ';
const LONGEST_LADDER = 8;

/** How a rollout stands: what it is, the ladder of its stages, and what the present stage has gathered and still waits for. */
export function rolloutPane(view: RolloutViewBody, settings: PaneSettings): StyledLine[] {
  const details = [
    ...troubles(view),
    ...progress(view, settings),
    ...verdictFacts(view.verdicts, settings),
    ...blastRadius(view),
  ];
  return [
    heading(view, settings),
    ...saying(view, settings),
    [],
    ...ladder(view, settings),
    ...(details.length > 0 ? [[], ...facts(details, settings.width, INDENT)] : []),
  ];
}

export function heading({ rollout }: Pick<RolloutViewBody, 'rollout'>, { glyphs, now }: PaneSettings): StyledLine {
  const { word, glyph, tone } = rolloutState(rollout);
  const ended = rollout.endedAt === null ? now : Date.parse(rollout.endedAt);
  const took = formatDuration(Math.max(0, ended - Date.parse(rollout.startedAt)));
  return [
    segment(`${glyphs[glyph]} ${word}`, tone),
    segment(`  ${rollout.id}`, 'strong'),
    segment(`  ${changeName(rollout.change)}`),
    segment(`  ${rollout.endedAt === null ? 'for' : 'took'} ${took}`),
    segment(`  by ${rollout.startedBy}${rollout.fastTrack ? ', by the fast-track' : ''}`, 'faint'),
  ];
}

export function saying({ says }: Pick<RolloutViewBody, 'says'>, { width }: PaneSettings): StyledLine[] {
  const { text } = segment(says);
  const lines = Number.isFinite(width) ? wrap(text, width - INDENT.length) : [text];
  return lines.map((line) => [{ text: INDENT + line, tone: 'plain' }]);
}

/** Every stage, but of a long ladder only those around the present one: the others are counted. */
function ladder(view: RolloutViewBody, settings: PaneSettings): StyledLine[] {
  const { plan, stage } = view.rollout;
  const all = plan.map((_, index) => rung(view, index, settings));
  if (all.length <= LONGEST_LADDER) return all;
  const from = Math.max(0, Math.min(stage - 2, all.length - LONGEST_LADDER + 2));
  const until = Math.min(all.length, from + LONGEST_LADDER - 2);
  const left = (stages: number, where: string): StyledLine[] =>
    stages === 0
      ? []
      : [[segment(`${INDENT}${settings.glyphs.waiting} and ${count(stages, 'stage')} ${where}`, 'faint')]];
  return [...left(from, 'before'), ...all.slice(from, until), ...left(all.length - until, 'after')];
}

/** One stage of the ladder: where it stands, how large it is, and how far it has come. */
function rung(view: RolloutViewBody, index: number, { glyphs, width }: PaneSettings): StyledLine {
  const { rollout, tally } = view;
  const stage = rollout.plan[index];
  if (stage === undefined) return [];
  const nameColumn = Math.min(24, Math.max(...rollout.plan.map(({ name }) => textWidth(name))));
  const sizeColumn = Math.max(...rollout.plan.map(({ targets }) => count(targets, 'target').length));
  const { glyph, tone, says } = standing(view, index);
  const line: Segment[] = [
    segment(`${INDENT}${glyphs[glyph]} `, tone),
    segment(pad(truncate(stage.name, nameColumn), nameColumn), index === rollout.stage ? 'strong' : 'plain'),
    segment(`  ${pad(count(stage.targets, 'target'), sizeColumn)}  `),
  ];
  if (index === rollout.stage && rollout.phase === 'rolling' && tally.opened > 0 && width >= 70) {
    const room = width >= 100 ? 20 : 10;
    line.push(segment(meter(tally.confirmed / tally.opened, room, glyphs), 'active'), segment('  '));
  }
  line.push(segment(says, tone === 'plain' ? 'faint' : tone));
  return line;
}

function standing(
  { rollout, tally }: RolloutViewBody,
  index: number,
): { glyph: keyof Glyphs; tone: Tone; says: string } {
  const stage = rollout.plan[index];
  const passed = rollout.evidence.some((each) => each.stage === stage?.name);
  const back = rollout.phase === 'rollingBack' || rollout.phase === 'rolledBack';
  if (back) {
    if (index > rollout.stage) return { glyph: 'waiting', tone: 'plain', says: 'never opened' };
    const says = backSays(rollout);
    return { glyph: 'back', tone: 'bad', says: index === rollout.stage && !passed ? `${says}; stopped here` : says };
  }
  if (passed) return { glyph: 'done', tone: 'good', says: 'passed' };
  if (index > rollout.stage) return { glyph: 'waiting', tone: 'plain', says: 'not open' };
  if (index < rollout.stage) return { glyph: 'done', tone: 'good', says: 'passed' };
  const { glyph, tone, word } = rolloutState(rollout);
  const waves = stage?.waves.length ?? 1;
  const wave = waves > 1 ? `wave ${rollout.wave + 1} of ${waves}, ` : '';
  if (rollout.phase === 'rolling')
    return { glyph, tone, says: `${wave}${tally.confirmed} of ${tally.opened} confirmed` };
  return { glyph, tone, says: word };
}

/** What is being gathered: confirmations while waves open, then time and exposure, then targets that come back. */
function progress(view: RolloutViewBody, { now, glyphs, width }: PaneSettings): Fact[] {
  const { rollout, tally, exposure } = view;
  const all: Fact[] = [];
  const room = width >= 100 ? 30 : 16;
  const bake = rollout.pipeline.stages[rollout.stage]?.bake;
  if (rollout.phase === 'rolling') {
    all.push(['targets', `${tally.confirmed} confirmed, ${tally.underway} under way, ${tally.failed} failed`]);
  }
  all.push(...capacityFacts(view));
  if (rollout.phase === 'baking' && bake !== undefined) {
    const elapsed = Math.max(0, now - Date.parse(rollout.sinceAt));
    const share = bake.minimumMs === 0 ? 1 : elapsed / bake.minimumMs;
    all.push([
      'bake',
      [
        [
          segment(meter(share, room, glyphs), 'active'),
          segment(`  ${formatDuration(elapsed)} of ${formatDuration(bake.minimumMs)} at the least`),
        ],
      ],
    ]);
    const floor = bake.exposure;
    for (const role of floor === null ? [] : rollout.change.roles) {
      const seen = exposure[role] ?? 0;
      const least = floor?.atLeast ?? 0;
      all.push([
        'exposure',
        [
          [
            segment(meter(least === 0 ? 1 : seen / least, room, glyphs), 'active'),
            segment(`  ${role}: ${Math.floor(seen)} of ${least} ${floor?.metric}`),
          ],
        ],
      ]);
    }
  }
  if (rollout.phase === 'rollingBack' || rollout.phase === 'rehearsing') {
    all.push([
      'not back',
      tally.notBack === 0 ? 'none' : `${count(tally.notBack, 'target')}: ${names(tally.notBackNames, tally.notBack)}`,
    ]);
  }
  return all;
}

/** Who is hurt if this is bad: now, and if it goes on. */
function blastRadius({ rollout, blast }: RolloutViewBody): Fact[] {
  if (rollout.endedAt !== null) return [];
  const { now, promoted, dependents } = blast;
  const all: Fact[] = [['blast', `now ${reachSays(now)}`]];
  if (promoted !== null) all.push(['blast', `with "${promoted.stage}" ${reachSays(promoted.reach)}`]);
  if (dependents.length > 0) all.push(['blast', `needed by: ${neighboursSay(dependents)}`]);
  return all;
}

type Troubled = Pick<RolloutViewBody, 'rollout' | 'says'> & {
  readonly tally: Pick<RolloutViewBody['tally'], 'failures' | 'failed'>;
};

/** Where nothing can be undone, what was reached is not back. */
function backSays({ phase, change, kept }: RolloutViewBody['rollout']): string {
  if (change.irreversible !== undefined) return phase === 'rolledBack' && kept === 0 ? 'back' : 'stopped';
  return phase === 'rolledBack' ? 'back' : 'going back';
}

export function troubles({ rollout, tally, says }: Troubled): Fact[] {
  const all: Fact[] = [...irreversibleFacts(rollout.change.irreversible)];
  if (rollout.breakGlass !== null) all.push(...breakGlassFacts(rollout.breakGlass));
  // What the sentence at the top says already is not said again.
  const unless = (known: string, name: string, rest: string) => (says.includes(known) ? name : `${name}: ${rest}`);
  if (rollout.paused !== null && !says.includes(rollout.paused.reason)) {
    all.push(['paused', segment(`by ${rollout.paused.by}: ${rollout.paused.reason}`, 'warn')]);
  }
  for (const hold of rollout.holds) all.push(['held', segment(unless(hold.says, hold.reason, hold.says), 'warn')]);
  if (rollout.rollback !== null) {
    const { by, code, says: why } = rollout.rollback;
    all.push(['rollback', segment(unless(why, `${code}, ordered by ${by}`, why), 'bad')]);
  }
  const failed = rollout.failedCount > 0 ? rollout.failed : tally.failures;
  for (const { target, code, says: why } of failed.slice(0, 5))
    all.push(['failed', segment(`${target} (${code}): ${why}`, 'bad')]);
  const more = Math.max(rollout.failedCount, tally.failed) - Math.min(5, failed.length);
  if (failed.length > 0 && more > 0) all.push(['failed', `and ${count(more, 'more target', 'more targets')}`]);
  if (rollout.stragglers.length > 0) all.push(['stragglers', segment(names(rollout.stragglers), 'bad')]);
  return all;
}
