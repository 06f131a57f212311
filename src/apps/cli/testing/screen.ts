import assert from 'node:assert/strict';
import { graphemes, graphemeWidth } from '../terminal/textWidth.ts';

/**
 * A terminal, as far as this program uses one: rows of text and a cursor, no scrolling (the test's screen is endless). Text that
 * reaches the last column would be wrapped by a real one: that is a failure. So is anything it does not know.
 */
export class Screen {
  readonly rows: string[] = [''];
  readonly columns: number;
  #row = 0;
  #column = 0;
  #pending = '';

  constructor(columns: number) {
    this.columns = columns;
  }

  /** The rows as they stand, without empty ones at the end. */
  get text(): string {
    return this.rows.join('\n').trimEnd();
  }

  write(bytes: string): void {
    this.#pending += bytes;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is a terminal
    const tokens = /\x1b\[\??[\d;]*[A-Za-z]|[\r\n\x07]|[^\x1b\r\n\x07]+/y;
    let read = 0;
    for (let found = tokens.exec(this.#pending); found !== null; found = tokens.exec(this.#pending)) {
      read = tokens.lastIndex;
      this.#obey(found[0]);
    }
    this.#pending = this.#pending.slice(read);
    assert.ok(
      this.#pending.length < 20,
      `sent ${JSON.stringify(this.#pending.slice(0, 20))}, which this screen does not know`,
    );
  }

  #obey(token: string): void {
    const row = this.rows[this.#row] ?? '';
    if (token === '\r') this.#column = 0;
    else if (token === '\n') {
      this.#row += 1;
      this.#column = 0;
      this.rows[this.#row] ??= '';
    } else if (token === '\x1b[K') this.rows[this.#row] = cells(row).slice(0, this.#column).join('');
    else if (token === '\x1b[J') {
      this.rows[this.#row] = cells(row).slice(0, this.#column).join('');
      this.rows.length = this.#row + 1;
    } else if (/^\[\d+A$/.test(token.slice(1))) this.#row = Math.max(0, this.#row - Number(token.slice(2, -1)));
    else if (token === '\x07' || token.endsWith('m') || token.startsWith('\x1b[?')) return;
    else if (token.startsWith('\x1b')) assert.fail(`sent ${JSON.stringify(token)}, which this screen does not know`);
    else {
      const before = cells(row).slice(0, this.#column);
      const written = cells(token);
      const after = cells(row).slice(this.#column + written.length);
      this.rows[this.#row] = [...before, ...written, ...after].join('');
      this.#column += written.length;
      assert.ok(this.#column < this.columns, `a line reached the last column: ${this.rows[this.#row]}`);
    }
  }
}

/** One entry a column; the second column of a wide character is empty. */
function cells(text: string): string[] {
  return graphemes(text).flatMap((each) => (graphemeWidth(each) === 2 ? [each, ''] : [each]));
}
