import { err, ok, type Result } from '../../core/kernel/result.ts';
import { parseRegex, type RegexNode } from './regexSyntax.ts';

/**
 * Regular expressions for label matchers: those of Prometheus (RE2), without what labels have no use for. They are run as a set
 * of states that all advance together, so matching takes time in proportion to the text's length times the expression's size,
 * whatever either holds. JavaScript's own engine tries one way after the other, and for some expressions that never ends.
 */
export interface LinearRegex {
  /** Whether the whole of the text matches. */
  matches(text: string): boolean;
}

/** Repetitions are written out, so this bounds the work for each character. */
const MAX_STATES = 500;

/** What matches nothing makes no states, but may be repeated as well. */
const MAX_COMPILED = 20 * MAX_STATES;

/** The error says what cannot be read, and where. */
export function linearRegex(source: string): Result<LinearRegex, string> {
  const parsed = parseRegex(source);
  if (!parsed.ok) return parsed;
  const program = new Program();
  try {
    program.compile(parsed.value);
  } catch (error) {
    if (error instanceof TooLarge)
      return err(`the expression is too large: its repetitions make more than ${MAX_STATES} states`);
    throw error;
  }
  program.add({ do: 'accept' });
  return ok({ matches: (text) => program.run(text) });
}

type Step =
  | { readonly do: 'take'; readonly takes: (codePoint: number) => boolean }
  | { readonly do: 'split'; first: number; second: number }
  | { readonly do: 'jump'; to: number }
  | { readonly do: 'edge'; readonly edge: 'start' | 'end' }
  | { readonly do: 'accept' };

class TooLarge extends Error {}

class Program {
  readonly #steps: Step[] = [];
  #compiled = 0;

  add<S extends Step>(step: S): S {
    if (this.#steps.length >= MAX_STATES) throw new TooLarge();
    this.#steps.push(step);
    return step;
  }

  /** Appends what matches the node and then falls through to whatever is appended next. */
  compile(node: RegexNode): void {
    if (++this.#compiled > MAX_COMPILED) throw new TooLarge();
    switch (node.is) {
      case 'character':
        this.add({ do: 'take', takes: node.takes });
        return;
      case 'edge':
        this.add({ do: 'edge', edge: node.edge });
        return;
      case 'sequence':
        for (const part of node.parts) this.compile(part);
        return;
      case 'choice':
        this.#compileChoice(node.options);
        return;
      case 'repeat':
        this.#compileRepeat(node);
    }
  }

  #compileChoice(options: readonly RegexNode[]): void {
    const ends: { to: number }[] = [];
    for (const [index, option] of options.entries()) {
      const last = index === options.length - 1;
      const split = last ? null : this.add({ do: 'split', first: this.#steps.length + 1, second: 0 });
      this.compile(option);
      if (split === null) continue;
      ends.push(this.add({ do: 'jump', to: 0 }));
      split.second = this.#steps.length;
    }
    for (const end of ends) end.to = this.#steps.length;
  }

  #compileRepeat({ part, least, most }: Extract<RegexNode, { is: 'repeat' }>): void {
    for (let count = 0; count < least; count++) this.compile(part);
    if (most === null) {
      const start = this.#steps.length;
      const split = this.add({ do: 'split', first: start + 1, second: 0 });
      this.compile(part);
      this.add({ do: 'jump', to: start });
      split.second = this.#steps.length;
      return;
    }
    const skips: { second: number }[] = [];
    for (let count = least; count < most; count++) {
      skips.push(this.add({ do: 'split', first: this.#steps.length + 1, second: 0 }));
      this.compile(part);
    }
    for (const skip of skips) skip.second = this.#steps.length;
  }

  run(text: string): boolean {
    const characters = [...text];
    let present = this.#reachable([0], true, characters.length === 0);
    for (const [index, character] of characters.entries()) {
      const codePoint = character.codePointAt(0) ?? 0;
      const taken: number[] = [];
      for (const at of present) {
        const step = this.#steps[at];
        if (step?.do === 'take' && step.takes(codePoint)) taken.push(at + 1);
      }
      if (taken.length === 0) return false;
      present = this.#reachable(taken, false, index === characters.length - 1);
    }
    for (const at of present) if (this.#steps[at]?.do === 'accept') return true;
    return false;
  }

  /** Every state that can be got to without taking a character. */
  #reachable(from: readonly number[], atStart: boolean, atEnd: boolean): ReadonlySet<number> {
    const found = new Set<number>();
    const open = [...from];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (found.has(at)) continue;
      found.add(at);
      const step = this.#steps[at];
      if (step?.do === 'split') open.push(step.first, step.second);
      if (step?.do === 'jump') open.push(step.to);
      if (step?.do === 'edge' && (step.edge === 'start' ? atStart : atEnd)) open.push(at + 1);
    }
    return found;
  }
}
