import type { Output } from '../cli/output.ts';
import { wrap } from '../cli/terminal/fit.ts';
import { CLOSE_PANE, type Drawn, NOTHING_DRAWN, redraw } from '../cli/terminal/livePane.ts';
import { lineWidth, type StyledLine, type Tone, truncateLine } from '../cli/terminal/styledLine.ts';

const READS_WELL = 100;
const REDRAW_MS = 100;
/** In a pipe a passing state is said at most this often. */
const REPEAT_MS = 5000;

/**
 * What the demo tells: lines that stay, and under them, while something takes its time, one line that moves. Where nothing can
 * be drawn over, the moving line is said now and then, when it has changed.
 */
export class DemoScreen {
  readonly #output: Output;
  #drawn: Drawn = NOTHING_DRAWN;
  #live: (() => StyledLine) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #saidAt = Date.now();
  #said = '';

  constructor(output: Output) {
    this.#output = output;
  }

  /** Columns a line may have; in a pipe as many as reads well. */
  get width(): number {
    return this.#output.interactive ? Math.min(READS_WELL, this.#output.screen.columns - 1) : READS_WELL;
  }

  /** Lines that stay. */
  lines(...lines: readonly StyledLine[]): void {
    if (lines.length === 0) return;
    this.#saidAt = Date.now();
    if (this.#output.interactive) this.#draw(lines);
    else this.#output.lines(lines);
  }

  /** From now on, what goes on; asked again and again. `null`: nothing does. */
  live(line: (() => StyledLine) | null): void {
    this.#live = line;
    if (line === null) {
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
    } else {
      this.#timer ??= setInterval(() => this.#tick(), REDRAW_MS);
    }
    this.#tick();
  }

  /** Takes the moving line away and gives the cursor back. */
  close(): void {
    this.live(null);
    if (this.#output.interactive) this.#output.raw(CLOSE_PANE);
  }

  #tick(): void {
    if (this.#output.interactive) this.#draw([]);
    else this.#sayNowAndThen();
  }

  #sayNowAndThen(): void {
    if (this.#live === null || Date.now() - this.#saidAt < REPEAT_MS) return;
    const line = this.#live();
    const text = line.map((part) => part.text).join('');
    this.#saidAt = Date.now();
    if (text !== this.#said) this.#output.lines([line]);
    this.#said = text;
  }

  #draw(above: readonly StyledLine[]): void {
    const lines = this.#live === null ? [] : [this.#live()];
    if (above.length === 0 && lines.length === 0 && this.#drawn.widths.length === 0) return;
    const { bytes, drawn } = redraw(this.#drawn, { above, lines }, this.#output.screen, this.#output.colours);
    this.#drawn = drawn;
    this.#output.raw(bytes);
  }
}

export const part = (text: string, tone: Tone = 'plain') => ({ text, tone });

/** A line with its time at the right edge, cut where it would run into it. */
export function timed(line: StyledLine, ms: number, width: number): StyledLine {
  const time = seconds(ms);
  const kept = truncateLine(line, width - time.length - 1);
  return [...kept, part(' '.repeat(width - lineWidth(kept) - time.length)), part(time, 'faint')];
}

/** A long sentence in as many lines as it takes, the second and all after it indented as the first. */
export function wrapped(text: string, indent: number, width: number, tone: Tone = 'plain'): readonly StyledLine[] {
  return wrap(text, width - indent).map((line) => [part(' '.repeat(indent) + line, tone)]);
}

/** `3.2 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
