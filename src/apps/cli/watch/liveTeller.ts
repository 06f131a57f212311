import { formatDuration } from '../../../core/kernel/instant.ts';
import type { EventBody } from '../../../wire/http/log.ts';
import type { RolloutViewBody } from '../../../wire/http/rollout.ts';
import type { Output } from '../output.ts';
import { eventSays, isNews, type StageName } from '../present/eventLine.ts';
import { rolloutPane } from '../present/rolloutPane.ts';
import { clockTime } from '../present/words.ts';
import { wrap } from '../terminal/fit.ts';
import { CLOSE_PANE, type Drawn, NOTHING_DRAWN, redraw } from '../terminal/livePane.ts';
import { type Segment, type StyledLine, segment } from '../terminal/styledLine.ts';
import { ending, type Teller, type WatchOutcome } from './teller.ts';

/** Redrawn this often while nothing happens, so that times go on. */
const TICK_MS = 1000;
/** Things that come at once are drawn at once. */
const GATHER_MS = 30;

/** Tells a person at a terminal: what happened scrolls by above, how things stand is drawn in place below it. */
export class LiveTeller implements Teller {
  readonly #output: Output;
  readonly #stage: StageName;
  #view: RolloutViewBody | null = null;
  #above: StyledLine[] = [];
  #drawn: Drawn = NOTHING_DRAWN;
  /** Whether anything stands above what moves. */
  #told = false;
  #lost = false;
  #heardAt = Date.now();
  #gathering: NodeJS.Timeout | null = null;
  readonly #ticking: NodeJS.Timeout;
  readonly #resized = () => this.#soon();
  #closed = false;

  constructor(output: Output, stage: StageName) {
    this.#output = output;
    this.#stage = stage;
    this.#ticking = setInterval(() => this.#draw(), TICK_MS);
    process.stdout.on('resize', this.#resized);
  }

  event(event: EventBody): void {
    if (isNews(event)) this.#happened(event.at, eventSays(event, this.#stage));
  }

  rollout(view: RolloutViewBody): void {
    this.#view = view;
    this.#soon();
  }

  connection(connected: boolean, says: string): void {
    this.#lost = !connected;
    this.#happened(new Date().toISOString(), segment(says, connected ? 'good' : 'warn'));
  }

  #happened(at: string, says: Segment): void {
    this.#above.push(...folded(`${clockTime(at)}  `, says, this.#width));
    this.#soon();
  }

  heard(): void {
    this.#heardAt = Date.now();
  }

  end(view: RolloutViewBody, outcome: WatchOutcome, says: string): void {
    this.#view = view;
    this.#draw(ending(outcome, says));
    this[Symbol.dispose]();
  }

  /** Leaves what stands on the screen there, and gives the cursor back. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#ticking);
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    process.stdout.off('resize', this.#resized);
    this.#output.raw(CLOSE_PANE);
  }

  #soon(): void {
    this.#gathering ??= setTimeout(() => this.#draw(), GATHER_MS);
  }

  get #width(): number {
    return this.#output.screen.columns - 1;
  }

  #draw(last: Segment = this.#footer()): void {
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#gathering = null;
    if (this.#view === null || this.#closed) return;
    const { glyphs, screen, colours } = this.#output;
    const pane = rolloutPane(this.#view, { now: Date.now(), glyphs, width: this.#width });
    const above = this.#above;
    this.#told ||= above.length > 0;
    const lines = this.#told ? [[], ...pane] : pane;
    const footer = [[], ...folded('', last, this.#width)];
    const { bytes, drawn } = redraw(this.#drawn, { above, lines, footer }, screen, colours);
    this.#above = [];
    this.#drawn = drawn;
    this.#output.raw(bytes);
  }

  #footer(): Segment {
    const silence = Date.now() - this.#heardAt;
    const heard = silence < 1500 ? 'just now' : `${formatDuration(silence)} ago`;
    if (this.#lost) return segment(`Not connected, last heard ${heard}. The rollout goes on without this.`, 'warn');
    return segment(`Last heard ${heard}. Ctrl-C stops watching; the rollout goes on.`, 'faint');
  }
}

/** The text in as many lines as it takes, each set in by what stands before the first. */
function folded(before: string, { text, tone }: Segment, width: number): StyledLine[] {
  return wrap(text, width - before.length).map((part, index) => [
    { text: index === 0 ? before : ' '.repeat(before.length), tone: 'faint' },
    { text: part, tone },
  ]);
}
