import type { AsOfBody, PastRolloutBody } from '../../../wire/http/past.ts';
import { pad } from '../terminal/fit.ts';
import { type StyledLine, segment, type Tone } from '../terminal/styledLine.ts';
import { textWidth } from '../terminal/textWidth.ts';
import { type Fact, facts } from './facts.ts';
import { heading, type PaneSettings, saying, troubles } from './rolloutPane.ts';
import { rolloutState } from './rolloutState.ts';
import { verdictFacts } from './verdictFacts.ts';
import { ago, count, moment } from './words.ts';

const INDENT = '  ';

/** How a rollout stood at a moment that is over: what the record has of it, and that the rest was never written down. */
export function pastPane(view: PastRolloutBody, settings: PaneSettings): StyledLine[] {
  const then = { ...settings, now: Date.parse(view.asOf.at) };
  const nobody = { failures: [], failed: 0 };
  const details = [...troubles({ ...view, tally: nobody }), ...unrecorded(view), ...verdictFacts(view.verdicts, then)];
  return [
    [asOfSegment(view.asOf, settings.now)],
    heading(view, then),
    ...saying(view, then),
    [],
    ...view.rollout.plan.map((_, index) => rung(view, index, settings)),
    ...(details.length > 0 ? [[], ...facts(details, settings.width, INDENT)] : []),
  ];
}

/** `as of event 123, 2026-03-01T12:00:00Z (10m ago)` */
export function asOfSegment({ position, at }: AsOfBody, now: number) {
  return segment(`as of event ${position}, ${moment(at)} (${ago(at, now)})`, 'faint');
}

function rung({ rollout }: PastRolloutBody, index: number, { glyphs }: PaneSettings): StyledLine {
  const { plan } = rollout;
  const stage = plan[index];
  if (stage === undefined) return [];
  const nameColumn = Math.max(...plan.map(({ name }) => textWidth(name)));
  const sizeColumn = Math.max(...plan.map(({ targets }) => count(targets, 'target').length));
  const passed = rollout.evidence.some((each) => each.stage === stage.name);
  const state = rolloutState(rollout);
  const back = rollout.phase === 'rollingBack' || rollout.phase === 'rolledBack';
  const [glyph, tone, says]: [keyof typeof glyphs, Tone, string] =
    index > rollout.stage
      ? ['waiting', 'faint', back ? 'never opened' : 'not open']
      : back
        ? ['back', 'bad', rollout.phase === 'rolledBack' ? 'back' : 'going back']
        : passed || index < rollout.stage
          ? ['done', 'good', 'passed']
          : [state.glyph, state.tone, state.word];
  return [
    segment(`${INDENT}${glyphs[glyph]} `, tone),
    segment(pad(stage.name, nameColumn)),
    segment(`  ${pad(count(stage.targets, 'target'), sizeColumn)}  `),
    segment(says, tone),
  ];
}

/** What the server of then knew of targets and counters, where that would matter, is nowhere. */
function unrecorded({ rollout }: PastRolloutBody): Fact[] {
  if (rollout.endedAt !== null) return [];
  const what =
    rollout.phase === 'baking' || rollout.phase === 'ready'
      ? 'what was measured by then'
      : rollout.phase === 'rolling'
        ? 'how many targets had confirmed by then'
        : 'how many targets were back by then';
  return [['not known', segment(`${what} is not on the record`, 'faint')]];
}
