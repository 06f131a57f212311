import { formatDuration } from '../../core/kernel/instant.ts';
import type { RolloutViewBody } from '../../wire/http/rollout.ts';
import type { Glyphs } from '../cli/terminal/glyphs.ts';
import type { StyledLine } from '../cli/terminal/styledLine.ts';
import { part, timed, wrapped } from './demoScreen.ts';

type Stage = RolloutViewBody['rollout']['plan'][number];

/** Tells one rollout from the views of it that come in: a line for each thing that has happened, and one for what goes on. */
export class RolloutStory {
  readonly #glyphs: Glyphs;
  readonly #width: number;
  readonly #startedAtMs: number;
  #stageSinceMs: number;
  #passed = 0;
  #rehearsalTold = false;
  #rollbackTold = false;
  #endTold = false;

  constructor(glyphs: Glyphs, width: number, nowMs: number) {
    this.#glyphs = glyphs;
    this.#width = width;
    this.#startedAtMs = nowMs;
    this.#stageSinceMs = nowMs;
  }

  /** Lines for what is new in this view. */
  told(view: RolloutViewBody, nowMs: number): readonly StyledLine[] {
    const { rollout } = view;
    const lines: StyledLine[] = [];
    if (rollout.rehearsal !== null && rollout.rehearsal.provenAt !== null && !this.#rehearsalTold) {
      this.#rehearsalTold = true;
      lines.push(this.#rehearsedLine(rollout.plan[0]?.name ?? '', rollout.rehearsal.targets, nowMs));
    }
    for (const evidence of rollout.evidence.slice(this.#passed)) {
      const stage = rollout.plan.find(({ name }) => name === evidence.stage);
      if (stage !== undefined) lines.push(this.#passedLine(stage, evidence.exposure, nowMs));
      this.#stageSinceMs = nowMs;
    }
    this.#passed = rollout.evidence.length;

    if (rollout.rollback !== null && !this.#rollbackTold) {
      this.#rollbackTold = true;
      const stage = rollout.plan[rollout.stage]?.name ?? '';
      const head = [
        part(`  ${this.#glyphs.bad} `, 'bad'),
        part(stage.padEnd(8), 'strong'),
        part('caught; every target goes back', 'bad'),
      ];
      lines.push(timed(head, nowMs - this.#stageSinceMs, this.#width));
      lines.push(...wrapped(rollout.rollback.says, INDENT, this.#width, 'faint'));
      this.#stageSinceMs = nowMs;
    }
    if (rollout.endedAt !== null && !this.#endTold) {
      this.#endTold = true;
      lines.push(this.#endLine(view, nowMs));
    }
    return lines;
  }

  /** What goes on, in one line, and for how long the present stage, or the way back, has taken. */
  present(view: RolloutViewBody, nowMs: number): StyledLine {
    const { phase, holds, paused } = view.rollout;
    const glyph =
      phase === 'rollingBack'
        ? this.#glyphs.back
        : holds.length > 0 || paused !== null
          ? this.#glyphs.held
          : this.#glyphs.active;
    return timed(
      [part(`  ${glyph} `, 'active'), part(sayBake(view, nowMs) ?? view.says)],
      nowMs - this.#stageSinceMs,
      this.#width,
    );
  }

  #rehearsedLine(stage: string, targets: number, nowMs: number): StyledLine {
    const line = [
      part(`  ${this.#glyphs.back} `, 'good'),
      part(stage.padEnd(8), 'strong'),
      part(`${targets}`.padStart(2)),
      part(' targets went back, as rehearsed: the way back works'),
    ];
    return timed(line, nowMs - this.#stageSinceMs, this.#width);
  }

  #passedLine(stage: Stage, exposure: Readonly<Record<string, number>>, nowMs: number): StyledLine {
    const targets = `${stage.targets}`.padStart(2);
    const waves = stage.waves.length > 1 ? ` in ${stage.waves.length} waves` : '';
    const roles = Object.entries(exposure).map(([role, count]) => `${Math.floor(count).toLocaleString('en')} ${role}`);
    const line = [
      part(`  ${this.#glyphs.done} `, 'good'),
      part(stage.name.padEnd(8), 'strong'),
      part(`${targets} targets${waves}`.padEnd(22)),
      part(`passed on ${roles.join(', ')} requests`),
    ];
    return timed(line, nowMs - this.#stageSinceMs, this.#width);
  }

  #endLine({ rollout }: RolloutViewBody, nowMs: number): StyledLine {
    const completed = rollout.phase === 'completed';
    const line = completed
      ? [
          part(`  ${this.#glyphs.done} `, 'good'),
          part('completed', 'good'),
          part(': its change is the last known good now'),
        ]
      : [
          part(`  ${this.#glyphs.back} `, 'good'),
          part('rolled back', 'good'),
          part(': every target is back, as its running service says'),
        ];
    return timed(line, nowMs - (completed ? this.#startedAtMs : this.#stageSinceMs), this.#width);
  }
}

/** What a bake has and waits for, short enough for one line; `null` when it does not bake, or when its own words say more. */
function sayBake({ rollout, exposure, verdicts }: RolloutViewBody, nowMs: number): string | null {
  const bake = rollout.pipeline.stages[rollout.stage]?.bake;
  const floor = bake?.exposure ?? null;
  if (rollout.phase !== 'baking' || rollout.holds.length > 0 || rollout.paused !== null) return null;
  if (bake === undefined || floor === null) return null;
  const stage = `"${rollout.plan[rollout.stage]?.name}"`;
  const undecided = verdicts.filter(({ outcome }) => outcome === 'inconclusive').map(({ next }) => next?.missing ?? 0);
  const missing = Math.ceil(Math.max(0, ...undecided));
  if (missing > 0 && rollout.change.roles.every((role) => (exposure[role] ?? 0) >= floor.atLeast)) {
    return `${stage} has its ${floor.metric}; some ${missing} more would tell harm from none`;
  }
  const baked = formatDuration(Math.min(nowMs - Date.parse(rollout.sinceAt), bake.minimumMs));
  const seen = rollout.change.roles.map((role) => `${role} ${Math.floor(exposure[role] ?? 0)}`);
  return `${stage} bakes: ${baked} of ${formatDuration(bake.minimumMs)}; ${seen.join(', ')} of ${floor.atLeast} ${floor.metric}`;
}

const INDENT = 12;
