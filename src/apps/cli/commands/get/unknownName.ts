import { nearest } from '../../../../core/kernel/nearest.ts';
import { CliError } from '../../cliError.ts';

/** There is no such thing: what was probably meant, or where to see what there is. */
export function unknownName(what: string, name: string, known: readonly string[], list: string): CliError {
  const near = nearest(name, known);
  return new CliError(
    'refused',
    `there is no ${what} ${JSON.stringify(name)}${near === null ? '' : `; did you mean ${JSON.stringify(near)}?`}`,
    {
      code: `unknown-${what}`,
      remedy: known.length === 0 ? `There is no ${what} at all yet.` : `"${list}" shows what there is.`,
    },
  );
}
