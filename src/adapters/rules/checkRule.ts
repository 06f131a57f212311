import { isCelError, parse, run } from '@bufbuild/cel';
import { meant } from '../../core/policy/meant.ts';
import { OPERATORS, type Operator } from './operators.ts';
import { FUNCTIONS, LIMITS, MACROS, sayType, TEXT_METHODS, type Type, VARIABLES } from './ruleLanguage.ts';
import { RuleMistake } from './ruleMistake.ts';
import { sameType, widened } from './ruleType.ts';

export type ParsedRule = ReturnType<typeof parse>;
type Expr = ParsedRule['expr'];
type Call = Extract<Expr['exprKind'], { case: 'callExpr' }>['value'];
type Select = Extract<Expr['exprKind'], { case: 'selectExpr' }>['value'];

/** An expression that has been found good. */
export interface CheckedRule {
  readonly parsed: ParsedRule;
  /** What it looks at: `stage.targets`. */
  readonly uses: ReadonlySet<string>;
  /** What evaluating it takes at the most. */
  readonly steps: number;
}

/** What is known of a part: its type, how many items it has at the most when it is a list, and what it costs. */
interface Part {
  readonly type: Type;
  readonly items: number;
  readonly steps: number;
}

/**
 * Reads an expression and proves of it, without evaluating it, that every name in it is known, that the types fit, that it comes
 * to true or false, and what it costs at the most. Throws a {@link RuleMistake}. The library's own checker knows constants and
 * variables only; this one knows the part of CEL that rules may use, and nothing else passes.
 */
export function checkRule(source: string): CheckedRule {
  if (source.length > LIMITS.characters)
    throw new RuleMistake(
      `it has ${source.length} characters, at most ${LIMITS.characters} allowed`,
      'make it shorter',
    );
  const parsed = read(source);
  const checker = new Checker(parsed);
  const whole = checker.check(parsed.expr, 1);
  if (whole.type !== 'bool')
    throw new RuleMistake(`it comes to ${sayType(whole.type)}, and not to true or false`, 'compare it with something');
  if (whole.steps > LIMITS.steps) {
    throw new RuleMistake(
      `it may take ${whole.steps} steps, at most ${LIMITS.steps} allowed`,
      `a list counts as ${LIMITS.listItems} items: do not nest all, exists or filter, and do less in them`,
    );
  }
  return { parsed, uses: checker.uses, steps: whole.steps };
}

function read(source: string): ParsedRule {
  try {
    return parse(source);
  } catch (error) {
    // The library's parser is recursive; what nests so deep that the stack ends is too deep by far.
    if (error instanceof RangeError) throw tooDeep(null);
    const [, column, rest] = /^<input>:1:(\d+): (.*)$/s.exec(messageOf(error)) ?? [];
    const says = `it cannot be read${rest === undefined ? '' : `: ${rest.slice(0, 120)}`}`;
    throw new RuleMistake(says, 'write it in CEL', column === undefined ? null : Number(column) - 1);
  }
}

class Checker {
  readonly uses = new Set<string>();
  readonly #parsed: ParsedRule;
  /** Names that macros give to the items of their lists, innermost last. */
  readonly #items: { readonly name: string; readonly type: Type }[] = [];

  constructor(parsed: ParsedRule) {
    this.#parsed = parsed;
  }

  check(expr: Expr, depth: number): Part {
    if (depth > LIMITS.depth) throw tooDeep(this.#offset(expr));
    const macro = this.#parsed.sourceInfo?.macroCalls[String(expr.id)];
    if (macro?.exprKind.case === 'callExpr') return this.#macro(macro.exprKind.value, expr, depth);
    const { exprKind } = expr;
    switch (exprKind.case) {
      case 'constExpr': {
        const { constantKind } = exprKind.value;
        if (constantKind.case === 'int64Value' && BigInt.asIntN(64, constantKind.value) !== constantKind.value)
          throw this.#mistake(expr, 'the number does not fit into 64 bits', 'write a smaller one');
        return leaf(constantType(constantKind.case, this.#offset(expr)));
      }
      case 'identExpr':
        return this.#name(exprKind.value.name, expr);
      case 'selectExpr':
        return this.#field(exprKind.value, expr, depth);
      case 'callExpr':
        return this.#call(exprKind.value, expr, depth);
      case 'listExpr': {
        const parts = exprKind.value.elements.map((element) => this.check(element, depth + 1));
        const [first] = parts;
        if (first === undefined) throw this.#mistake(expr, 'a list here has at least one item', 'write what is in it');
        if (typeof widened(first.type) !== 'string')
          throw this.#mistake(
            expr,
            `a list of ${sayType(first.type)} cannot be made`,
            'make lists of texts or numbers',
          );
        for (const [index, { type }] of parts.entries()) {
          const element = exprKind.value.elements[index] ?? expr;
          if (!sameType(type, first.type))
            throw this.#mistake(
              element,
              `a list of ${sayType(first.type)} has ${sayType(type)} in it`,
              'one type a list',
            );
        }
        const list = widened(first.type);
        return { type: { list }, items: parts.length, steps: 1 + sum(parts) };
      }
      default:
        throw this.#mistake(expr, 'mappings and messages cannot be made in a rule', 'use texts, numbers and lists');
    }
  }

  #name(name: string, expr: Expr): Part {
    const item = this.#items.findLast((each) => each.name === name);
    if (item !== undefined) return { type: item.type, items: LIMITS.listItems, steps: 1 };
    if (Object.hasOwn(VARIABLES, name)) {
      const { fields } = VARIABLES[name as keyof typeof VARIABLES];
      return leaf({ fields });
    }
    const known = [...Object.keys(VARIABLES), ...this.#items.map((each) => each.name)];
    throw this.#mistake(expr, `there is no variable "${brief(name)}"`, meant(brief(name), known));
  }

  #field({ operand, field, testOnly }: Select, expr: Expr, depth: number): Part {
    if (operand === undefined || testOnly)
      throw this.#mistake(expr, 'has() cannot be used', 'every field is always there');
    const of = this.check(operand, depth + 1);
    const text = operand.exprKind.case === 'identExpr' ? operand.exprKind.value.name : 'the item';
    if (typeof of.type === 'string' || !('fields' in of.type))
      throw this.#mistake(expr, `${text} is ${sayType(of.type)} and has no fields`, `take ".${brief(field)}" away`);
    const found = Object.hasOwn(of.type.fields, field) ? of.type.fields[field] : undefined;
    if (found === undefined)
      throw this.#mistake(
        expr,
        `${text} has no field "${brief(field)}"`,
        meant(brief(field), Object.keys(of.type.fields)),
      );
    if (operand.exprKind.case === 'identExpr' && Object.hasOwn(VARIABLES, text)) this.uses.add(`${text}.${field}`);
    return { type: found.type, items: LIMITS.listItems, steps: of.steps + 1 };
  }

  #call(call: Call, expr: Expr, depth: number): Part {
    const operator = Object.hasOwn(OPERATORS, call.function) ? OPERATORS[call.function] : undefined;
    if (operator !== undefined && call.target === undefined) return this.#operate(operator, call, expr, depth);
    const name = call.function;
    const args = call.target === undefined ? call.args : [call.target, ...call.args];
    const method = call.target !== undefined;
    const isText = method && Object.hasOwn(TEXT_METHODS, name);
    if (!isText && !(Object.hasOwn(FUNCTIONS, name) && (!method || name === 'size')))
      throw this.#unknown(name, method, expr);
    const wanted = isText ? 2 : 1;
    if (args.length !== wanted)
      throw this.#mistake(
        expr,
        `${name} is given ${call.args.length} arguments`,
        `give it ${wanted - (method ? 1 : 0)}`,
      );
    if (name === 'timestamp' || name === 'duration') return this.#written(name, args[0] ?? expr, expr);
    const parts = args.map((arg) => this.check(arg, depth + 1));
    const [first, second] = parts.map(({ type }) => widened(type));
    const steps = sum(parts) + 5;
    if (isText) {
      if (first !== 'string' || second !== 'string')
        throw this.#mistake(
          expr,
          `${name} is of a text and wants one, and here is ${sayTypes(parts)}`,
          'give it texts',
        );
      if (name === 'matches') this.#pattern(args[1] ?? expr);
      return { type: 'bool', items: 0, steps: steps + (name === 'matches' ? 500 : 0) };
    }
    if (name === 'size') {
      const sized = first === 'string' || (typeof first === 'object' && 'list' in first);
      if (!sized)
        throw this.#mistake(expr, `size is of a text or a list, and here is ${sayTypes(parts)}`, 'give it one');
      return { type: 'int', items: 0, steps };
    }
    if (first !== 'int' && first !== 'double')
      throw this.#mistake(expr, `${name} is of a number, and here is ${sayTypes(parts)}`, 'give it a number');
    return { type: name === 'int' ? 'int' : 'double', items: 0, steps };
  }

  #operate(operator: Operator, call: Call, expr: Expr, depth: number): Part {
    const parts = call.args.map((arg) => this.check(arg, depth + 1));
    const type = operator.of(parts.map((part) => part.type));
    if (type === null)
      throw this.#mistake(expr, `${operator.sign} does not go with ${sayTypes(parts)}`, operator.wants);
    this.#knownWords(call.args, parts, expr);
    const items = Math.max(0, ...parts.map((part) => part.items));
    const searched = operator.sign === 'in' ? (parts[1]?.items ?? 0) : 0;
    return { type, items, steps: sum(parts) + 1 + searched };
  }

  /** Law 16: a weekday that is misspelt would never come. */
  #knownWords(args: readonly Expr[], parts: readonly Part[], expr: Expr): void {
    const words = parts.flatMap(({ type }) => (typeof type === 'object' && 'words' in type ? [type.words] : []))[0];
    if (words === undefined) return;
    const written = args.flatMap((arg) => (arg.exprKind.case === 'listExpr' ? arg.exprKind.value.elements : [arg]));
    for (const each of written) {
      const word = writtenText(each);
      if (word !== null && !words.includes(word))
        throw this.#mistake(
          each.id === 0n ? expr : each,
          `"${brief(word)}" is never true of it`,
          meant(brief(word), words),
        );
    }
  }

  #macro(call: Call, expr: Expr, depth: number): Part {
    const macro = Object.hasOwn(MACROS, call.function) ? MACROS[call.function] : undefined;
    const [variable, body] = call.args;
    if (macro === undefined || call.target === undefined || variable === undefined || body === undefined)
      throw this.#unknown(call.function, call.target !== undefined, expr);
    if (call.args.length !== 2)
      throw this.#mistake(expr, `${call.function} has ${call.args.length} arguments`, 'give it 2');
    const over = this.check(call.target, depth + 1);
    if (typeof over.type !== 'object' || !('list' in over.type))
      throw this.#mistake(
        expr,
        `${call.function} goes over a list, and here is ${sayType(over.type)}`,
        'give it a list',
      );
    const name = variable.exprKind.case === 'identExpr' ? variable.exprKind.value.name : '';
    if (Object.hasOwn(VARIABLES, name) || this.#items.some((each) => each.name === name))
      throw this.#mistake(
        variable,
        `"${brief(name)}" is the name of something else already`,
        'call the item otherwise',
      );
    this.#items.push({ name, type: over.type.list });
    const each = this.check(body, depth + 1);
    this.#items.pop();
    if (each.type !== 'bool')
      throw this.#mistake(
        body,
        `${call.function} asks something that is true or false of each item, and here is ${sayType(each.type)}`,
        'compare it',
      );
    const steps = over.steps + 2 + over.items * (each.steps + 2);
    return macro.gives === 'bool' ? { type: 'bool', items: 0, steps } : { type: over.type, items: over.items, steps };
  }

  /** A moment or a span is written out, so that it is known now whether it can be read. */
  #written(name: 'timestamp' | 'duration', argument: Expr, expr: Expr): Part {
    const text = writtenText(argument);
    const example = name === 'timestamp' ? 'timestamp("2026-12-24T00:00:00Z")' : 'duration("36h")';
    if (text === null) throw this.#mistake(expr, `${name} is given no written text`, `write it out: ${example}`);
    const value = run(`${name}(text)`, { text });
    if (isCelError(value)) throw this.#mistake(expr, `${name} cannot read "${brief(text)}"`, `write it so: ${example}`);
    return { type: name, items: 0, steps: 20 };
  }

  /** An expression that counts (`a{1000}`) is as large as it counts; without, it is no larger than it is long. */
  #pattern(argument: Expr): void {
    const pattern = writtenText(argument);
    if (pattern === null) throw this.#mistake(argument, 'matches is given no written text', 'write the expression out');
    if (pattern.length > LIMITS.patternCharacters)
      throw this.#mistake(
        argument,
        `the expression has ${pattern.length} characters, at most ${LIMITS.patternCharacters} allowed`,
        'make it shorter',
      );
    if (pattern.includes('{'))
      throw this.#mistake(argument, 'the expression counts repetitions', 'write them out, or use * and +');
    const value = run('"".matches(pattern)', { pattern });
    if (isCelError(value))
      throw this.#mistake(argument, `the expression cannot be read: ${brief(value.message)}`, 'write it as RE2 has it');
  }

  #unknown(name: string, method: boolean, expr: Expr): RuleMistake {
    const known = method ? [...Object.keys(TEXT_METHODS), ...Object.keys(MACROS), 'size'] : Object.keys(FUNCTIONS);
    return this.#mistake(
      expr,
      `there is no ${method ? 'method' : 'function'} "${brief(name)}"`,
      meant(brief(name), known),
    );
  }

  #mistake(at: Expr, says: string, remedy: string): RuleMistake {
    return new RuleMistake(says, remedy, this.#offset(at));
  }

  #offset({ id }: Expr): number | null {
    return this.#parsed.sourceInfo?.positions[String(id)] ?? null;
  }
}

type ConstantCase = NonNullable<Extract<Expr['exprKind'], { case: 'constExpr' }>['value']['constantKind']['case']>;

const CONSTANTS: Partial<Readonly<Record<ConstantCase, Type>>> = {
  boolValue: 'bool',
  int64Value: 'int',
  doubleValue: 'double',
  stringValue: 'string',
};

function constantType(kind: ConstantCase | undefined, offset: number | null): Type {
  const type = kind === undefined ? undefined : CONSTANTS[kind];
  if (type === undefined)
    throw new RuleMistake(
      'null, bytes and unsigned numbers cannot be used',
      'use texts, numbers, true and false',
      offset,
    );
  return type;
}

function writtenText({ exprKind }: Expr): string | null {
  if (exprKind.case !== 'constExpr') return null;
  const { constantKind } = exprKind.value;
  return constantKind.case === 'stringValue' ? constantKind.value : null;
}

function leaf(type: Type): Part {
  return { type, items: 0, steps: 1 };
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, { steps }) => total + steps, 0);
}

function sayTypes(parts: readonly Part[]): string {
  return parts.map(({ type }) => sayType(widened(type))).join(' and ');
}

function tooDeep(offset: number | null): RuleMistake {
  return new RuleMistake(`it is nested more than ${LIMITS.depth} deep`, 'make it flatter', offset);
}

function brief(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
