import { type CliError, errorJson, errorText } from './cliError.ts';
import { clean, printableJson } from './terminal/clean.ts';
import { type Glyphs, glyphsFor } from './terminal/glyphs.ts';
import { paint, type StyledLine } from './terminal/styledLine.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Everything a command prints. With `--json`, stdout holds what {@link document} or {@link jsonLine} was given and nothing else;
 * without it, the lines made for people. Notices and errors go to stderr, so that a pipe carries results alone.
 */
export class Output {
  readonly json: boolean;
  readonly glyphs: Glyphs;
  /** Whether a person watches stdout in something that can be drawn on. */
  readonly interactive: boolean;
  readonly colours: boolean;
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;

  constructor(
    json: boolean,
    env: Env,
    stdout: NodeJS.WriteStream = process.stdout,
    stderr: NodeJS.WriteStream = process.stderr,
  ) {
    this.json = json;
    this.glyphs = glyphsFor(env);
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.interactive = !json && stdout.isTTY === true && env.TERM !== 'dumb';
    this.colours = this.interactive && !env.NO_COLOR;
  }

  /** Columns for text made for people: the terminal's, and in a pipe as many as it takes. */
  get width(): number {
    return this.#stdout.isTTY === true ? Math.max(20, this.#stdout.columns || 80) : Number.POSITIVE_INFINITY;
  }

  get screen(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#stdout.columns || 80, rows: this.#stdout.rows || 24 };
  }

  /** Lines for people. Nothing with `--json`. */
  lines(lines: readonly StyledLine[]): void {
    if (!this.json && lines.length > 0)
      this.#stdout.write(`${lines.map((line) => paint(line, this.colours)).join('\n')}\n`);
  }

  /** One line for people. Nothing with `--json`. */
  say(text: string): void {
    if (!this.json) this.#stdout.write(`${clean(text)}\n`);
  }

  /** The command's one result. Nothing without `--json`. */
  document(value: unknown): void {
    if (this.json) this.#stdout.write(`${printableJson(value, 2)}\n`);
  }

  /** One of a stream of results, in one line. Nothing without `--json`. */
  jsonLine(value: unknown): void {
    if (this.json) this.#stdout.write(`${printableJson(value)}\n`);
  }

  /** Exactly these bytes to stdout: drawing, and what is meant for a shell or a file. */
  raw(bytes: string): void {
    this.#stdout.write(bytes);
  }

  /** Something to know that is not the result. */
  notice(text: string): void {
    this.#stderr.write(this.json ? `${printableJson({ notice: text })}\n` : `ringfence: ${clean(text)}\n`);
  }

  failure(error: CliError): void {
    const width = this.#stderr.isTTY === true ? Math.max(40, this.#stderr.columns || 80) : Number.POSITIVE_INFINITY;
    this.#stderr.write(this.json ? errorJson(error) : errorText(error, width));
  }
}
