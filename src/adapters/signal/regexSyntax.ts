import { err, ok, type Result } from '../../core/kernel/result.ts';

/** A regular expression as a tree. */
export type RegexNode =
  /** One character, by code point. */
  | { readonly is: 'character'; readonly takes: (codePoint: number) => boolean }
  /** No character: the place before the first, or after the last. */
  | { readonly is: 'edge'; readonly edge: 'start' | 'end' }
  | { readonly is: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly is: 'choice'; readonly options: readonly RegexNode[] }
  /** `most: null`: without end. */
  | { readonly is: 'repeat'; readonly part: RegexNode; readonly least: number; readonly most: number | null };

export const MAX_SOURCE_LENGTH = 512;
const MAX_DEPTH = 50;
const MAX_REPEAT = 1000;

type Takes = (codePoint: number) => boolean;

/**
 * Reads literals, `.`, `[…]` and `[^…]` with ranges, `\d \w \s` and their opposites, escaped signs, `( )`, `(?: )`, `|`, `* + ?`
 * and `{n} {n,} {n,m}`, `^` and `$`. Lazy forms match the same texts and are read as greedy ones. `.` takes a line's end too, as
 * in Prometheus 3. Anything else is refused by name and place.
 */
export function parseRegex(source: string): Result<RegexNode, string> {
  if (source.length > MAX_SOURCE_LENGTH)
    return err(`the expression has ${source.length} characters; at most ${MAX_SOURCE_LENGTH} are read`);
  const reader = new Reader(source);
  try {
    const node = reader.choice(0);
    if (reader.next !== undefined) reader.refuse('a ")" that closes nothing');
    return ok(node);
  } catch (error) {
    if (error instanceof Unreadable) return err(error.message);
    throw error;
  }
}

class Unreadable extends Error {}

class Reader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(source: string) {
    this.#characters = [...source];
  }

  get next(): string | undefined {
    return this.#characters[this.#at];
  }

  refuse(what: string): never {
    throw new Unreadable(`${what}, at character ${this.#at + 1} of ${JSON.stringify(this.#characters.join(''))}`);
  }

  choice(depth: number): RegexNode {
    if (depth > MAX_DEPTH) this.refuse('parentheses nested too deeply');
    const options = [this.#sequence(depth)];
    while (this.#skip('|')) options.push(this.#sequence(depth));
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { is: 'choice', options };
  }

  #sequence(depth: number): RegexNode {
    const parts: RegexNode[] = [];
    while (this.next !== undefined && this.next !== '|' && this.next !== ')') parts.push(this.#repeated(depth));
    return { is: 'sequence', parts };
  }

  #repeated(depth: number): RegexNode {
    let part = this.#single(depth);
    for (let repeat = this.#repeat(); repeat !== null; repeat = this.#repeat()) {
      this.#skip('?');
      part = { is: 'repeat', part, ...repeat };
      if (this.next === '*' || this.next === '+' || this.next === '?') this.refuse('a repetition of a repetition');
    }
    return part;
  }

  #repeat(): { least: number; most: number | null } | null {
    if (this.#skip('*')) return { least: 0, most: null };
    if (this.#skip('+')) return { least: 1, most: null };
    if (this.#skip('?')) return { least: 0, most: 1 };
    if (this.next !== '{') return null;
    const rest = this.#characters.slice(this.#at).join('');
    const [all, first, comma, second] = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(rest) ?? [];
    // As in RE2, a brace that is no repetition stands for itself.
    if (all === undefined || first === undefined || (comma === '' && second !== '')) return null;
    const least = Number(first);
    const most = comma === '' ? least : second === '' ? null : Number(second);
    if (least > MAX_REPEAT || (most ?? 0) > MAX_REPEAT) this.refuse(`a repetition of more than ${MAX_REPEAT}`);
    if (most !== null && most < least) this.refuse('a repetition that ends before it begins');
    this.#at += all.length;
    return { least, most };
  }

  #single(depth: number): RegexNode {
    const character = this.#take();
    switch (character) {
      case '(': {
        if (this.#skip('?') && !this.#skip(':')) this.refuse('a group other than ( ) and (?: )');
        const inner = this.choice(depth + 1);
        if (!this.#skip(')')) this.refuse('the end, where a ")" is missing');
        return inner;
      }
      case '[':
        return { is: 'character', takes: this.#set() };
      case '.':
        return { is: 'character', takes: () => true };
      case '\\':
        return { is: 'character', takes: this.#escape() };
      case '*':
      case '+':
      case '?':
        this.#at--;
        return this.refuse('a repetition of nothing');
      case '^':
        return { is: 'edge', edge: 'start' };
      case '$':
        return { is: 'edge', edge: 'end' };
      default:
        return { is: 'character', takes: equal(character) };
    }
  }

  #set(): Takes {
    const opposite = this.#skip('^');
    const members: Takes[] = [];
    for (let first = true; first || this.next !== ']'; first = false) {
      if (this.next === undefined) this.refuse('the end, where a "]" is missing');
      members.push(this.#member());
    }
    this.#at++;
    return (codePoint) => members.some((takes) => takes(codePoint)) !== opposite;
  }

  #member(): Takes {
    const low = this.#memberCharacter();
    if (typeof low !== 'string') return low;
    const following = this.#characters[this.#at + 1];
    if (this.next !== '-' || following === ']' || following === undefined) return equal(low);
    this.#at++;
    const high = this.#memberCharacter();
    const [from, to] = [codeOf(low), typeof high === 'string' ? codeOf(high) : -1];
    if (to < from) this.refuse('a range that ends before it begins');
    return (codePoint) => codePoint >= from && codePoint <= to;
  }

  #memberCharacter(): string | Takes {
    const character = this.#take();
    if (character === '[' && this.next === ':') this.refuse('a named class');
    return character === '\\' ? this.#escaped() : character;
  }

  #escape(): Takes {
    const escaped = this.#escaped();
    return typeof escaped === 'string' ? equal(escaped) : escaped;
  }

  #escaped(): string | Takes {
    const character = this.#take();
    const named = CLASSES[character];
    if (named !== undefined) return named;
    const control = CONTROLS[character];
    if (control !== undefined) return control;
    if (/[A-Za-z0-9]/.test(character)) this.refuse(`an escape "\\${character}" that is not known here`);
    return character;
  }

  #take(): string {
    const character = this.next;
    if (character === undefined) return this.refuse('the end, where a character is missing');
    this.#at++;
    return character;
  }

  #skip(character: string): boolean {
    if (this.next !== character) return false;
    this.#at++;
    return true;
  }
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v' };

const CLASSES: Readonly<Record<string, Takes>> = {
  d: ofAscii(/[0-9]/),
  D: not(ofAscii(/[0-9]/)),
  w: ofAscii(/[0-9A-Za-z_]/),
  W: not(ofAscii(/[0-9A-Za-z_]/)),
  s: ofAscii(/[\t\n\f\r ]/),
  S: not(ofAscii(/[\t\n\f\r ]/)),
};

function ofAscii(characters: RegExp): Takes {
  const known = new Set<number>();
  for (let code = 0; code < 128; code++) if (characters.test(String.fromCharCode(code))) known.add(code);
  return (codePoint) => known.has(codePoint);
}

function not(takes: Takes): Takes {
  return (codePoint) => !takes(codePoint);
}

function equal(character: string): Takes {
  const code = codeOf(character);
  return (codePoint) => codePoint === code;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? -1;
}
