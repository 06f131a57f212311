import type { Type } from './ruleLanguage.ts';
import { sameType, widened } from './ruleType.ts';

/** An operator of CEL by the name that its parser gives it. */
export interface Operator {
  readonly sign: string;
  /** Its type for operands of these types; `null`: it does not go with them. */
  readonly of: (operands: readonly Type[]) => Type | null;
  readonly wants: string;
}

const NUMBERS: readonly Type[] = ['int', 'double'];
const ORDERED: readonly Type[] = ['int', 'double', 'string', 'timestamp', 'duration'];

/** Whole numbers and those with a fraction are compared with each other, but not calculated with: CEL has it so. */
function comparable(a: Type, b: Type, among: readonly Type[]): boolean {
  const [left, right] = [widened(a), widened(b)];
  if (NUMBERS.includes(left) && NUMBERS.includes(right)) return true;
  return among.includes(left) && left === right;
}

function logic(sign: string, count: number): Operator {
  const of = (operands: readonly Type[]): Type | null =>
    operands.length >= count && operands.every((type) => type === 'bool') ? 'bool' : null;
  return { sign, of, wants: 'give it what is true or false' };
}

function order(sign: string): Operator {
  const of = ([a = 'bool', b = 'bool']: readonly Type[]): Type | null => (comparable(a, b, ORDERED) ? 'bool' : null);
  return { sign, of, wants: 'compare two of the same kind' };
}

function equality(sign: string): Operator {
  const of = ([a = 'bool', b = 'bool']: readonly Type[]): Type | null =>
    comparable(a, b, [...ORDERED, 'bool']) ? 'bool' : null;
  return { sign, of, wants: 'compare two of the same kind' };
}

function arithmetic(sign: string, more: readonly (readonly [Type, Type, Type])[] = []): Operator {
  const table: readonly (readonly [Type, Type, Type])[] = [
    ['int', 'int', 'int'],
    ['double', 'double', 'double'],
    ...more,
  ];
  const of = ([a = 'bool', b = 'bool']: readonly Type[]): Type | null =>
    table.find(([left, right]) => left === widened(a) && right === widened(b))?.[2] ?? null;
  return { sign, of, wants: 'give it numbers of one type; double(…) and int(…) make one of the other' };
}

export const OPERATORS: Readonly<Record<string, Operator>> = {
  '_&&_': logic('&&', 2),
  '_||_': logic('||', 2),
  '!_': logic('!', 1),
  '_==_': equality('=='),
  '_!=_': equality('!='),
  '_<_': order('<'),
  '_<=_': order('<='),
  '_>_': order('>'),
  '_>=_': order('>='),
  '_+_': arithmetic('+', [
    ['string', 'string', 'string'],
    ['timestamp', 'duration', 'timestamp'],
    ['duration', 'timestamp', 'timestamp'],
    ['duration', 'duration', 'duration'],
  ]),
  '_-_': arithmetic('-', [
    ['timestamp', 'timestamp', 'duration'],
    ['timestamp', 'duration', 'timestamp'],
    ['duration', 'duration', 'duration'],
  ]),
  '_*_': arithmetic('*'),
  '_/_': arithmetic('/'),
  '_%_': {
    sign: '%',
    of: ([a, b]) => (a === 'int' && b === 'int' ? 'int' : null),
    wants: 'give it whole numbers',
  },
  '-_': {
    sign: '-',
    of: ([only]) => (only === 'int' || only === 'double' ? only : null),
    wants: 'give it a number',
  },
  '@in': {
    sign: 'in',
    of: ([item = 'bool', list = 'bool']) =>
      typeof widened(item) === 'string' && typeof list === 'object' && 'list' in list && sameType(item, list.list)
        ? 'bool'
        : null,
    wants: 'give it a text or a number, and a list of such',
  },
  '_[_]': {
    sign: '[ ]',
    of: ([list = 'bool', index]) => (typeof list === 'object' && 'list' in list && index === 'int' ? list.list : null),
    wants: 'give it a list and a whole number',
  },
  '_?_:_': {
    sign: '? :',
    of: ([condition, yes = 'bool', no = 'bool']) =>
      condition === 'bool' && typeof widened(yes) === 'string' && sameType(yes, no) ? widened(yes) : null,
    wants: 'give it what is true or false, and two of the same kind',
  },
};
