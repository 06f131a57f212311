import { type CelInput, type CelResult, CelScalar, celEnv, isCelError, mapType, parse, plan } from '@bufbuild/cel';
import type { FlagUser } from '../../core/flags/evaluateFlag.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';

const ENVIRONMENT = celEnv({
  variables: { context: mapType(CelScalar.STRING, CelScalar.DYN), targetingKey: CelScalar.STRING },
});

type Expr = ReturnType<typeof parse>['expr'];

/** A rule of a flag, ready to be asked. */
export type CompiledTargeting = (user: FlagUser) => Result<boolean, string>;

/** Operators by the names that the parser gives them. Nothing among them goes over a list with an expression of one's own. */
const OPERATORS = new Set(
  ['_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_', '_&&_', '_||_', '!_', '-_', '_+_', '_-_', '_*_', '_/_', '_%_'].concat([
    '@in',
    '_in_',
    'in',
    '_[_]',
    '_?_:_',
  ]),
);
const FUNCTIONS = new Set(['size', 'int', 'double', 'string', 'timestamp', 'duration']);
const METHODS = new Set(['contains', 'startsWith', 'endsWith', 'matches', 'size']);

const MOST_DEPTH = 32;
const MOST_PATTERN = 100;

/**
 * Reads the expression of a rule. It may use `context`, `targetingKey` and a part of CEL whose cost grows with its own length and the
 * size of the context alone: no macros that go over lists, and patterns (RE2) that are written out. The error says what is wrong.
 */
export function compileTargeting(source: string): Result<CompiledTargeting, string> {
  try {
    const parsed = parse(source);
    const fault = faultIn(parsed.expr, 1);
    if (fault !== null) return err(fault);
    const run = plan(ENVIRONMENT, parsed) as (given: Record<string, CelInput>) => CelResult;
    return ok((user) => ask(run, user));
  } catch (error) {
    return err(
      error instanceof RangeError
        ? `it is nested more than ${MOST_DEPTH} deep`
        : `it cannot be read: ${messageOf(error)}`,
    );
  }
}

function ask(run: (given: Record<string, CelInput>) => CelResult, user: FlagUser): Result<boolean, string> {
  try {
    const value = run({ context: user.context as CelInput, targetingKey: user.targetingKey ?? '' });
    if (typeof value === 'boolean') return ok(value);
    if (!isCelError(value)) return err('it came to something else than true or false');
    // Who has not the attribute that a rule asks for is not meant by it.
    return /^(?:field not found|no such key)\b/.test(value.message) ? ok(false) : err(value.message);
  } catch (error) {
    return err(messageOf(error));
  }
}

/** What makes it an expression that is not allowed; `null`: nothing. */
function faultIn({ exprKind }: Expr, depth: number): string | null {
  if (depth > MOST_DEPTH) return `it is nested more than ${MOST_DEPTH} deep`;
  const within = (parts: readonly (Expr | undefined)[]) => {
    for (const part of parts) {
      const fault = part === undefined ? null : faultIn(part, depth + 1);
      if (fault !== null) return fault;
    }
    return null;
  };
  switch (exprKind.case) {
    case 'constExpr':
      return null;
    case 'identExpr': {
      const { name } = exprKind.value;
      return name === 'context' || name === 'targetingKey'
        ? null
        : `there is no "${name.slice(0, 60)}"; a rule knows context and targetingKey`;
    }
    case 'selectExpr':
      return within([exprKind.value.operand]);
    case 'listExpr':
      return within(exprKind.value.elements);
    case 'callExpr': {
      const { function: name, target, args } = exprKind.value;
      if (target === undefined ? !OPERATORS.has(name) && !FUNCTIONS.has(name) : !METHODS.has(name))
        return `there is no function "${name.slice(0, 60)}" for rules of flags`;
      if (name === 'matches') {
        const fault = patternFault(args[0]);
        if (fault !== null) return fault;
      }
      return within([target, ...args]);
    }
    default:
      return 'macros that go over lists, mappings and messages cannot be used in a rule of a flag';
  }
}

function patternFault(pattern: Expr | undefined): string | null {
  const written = pattern?.exprKind.case === 'constExpr' ? pattern.exprKind.value.constantKind : undefined;
  if (written?.case !== 'stringValue') return 'matches is given no written text';
  if (written.value.length > MOST_PATTERN) return `the pattern has more than ${MOST_PATTERN} characters`;
  if (written.value.includes('{')) return 'the pattern counts repetitions; write them out, or use * and +';
  const parsed = parse('"".matches(pattern)');
  const tried = plan(celEnv({ variables: { pattern: CelScalar.STRING } }), parsed)({ pattern: written.value });
  return isCelError(tried) ? `the pattern cannot be read: ${tried.message}` : null;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}
