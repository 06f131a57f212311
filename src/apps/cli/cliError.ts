import type { RefusalBody } from '../../wire/http/problem.ts';
import { EXIT_CODES, type Exit } from './exitCodes.ts';
import { clean, printableJson } from './terminal/clean.ts';
import { wrap } from './terminal/fit.ts';

export interface CliErrorDetails {
  /** What to do about it. */
  readonly remedy?: string;
  /** The server's or this program's name for it: `unknown-rollout`, `connection-refused`. */
  readonly code?: string;
  /** All that stands in the way, when it is more than one thing. */
  readonly refusals?: readonly RefusalBody[];
  /** Lines that stand by themselves and were made printable by whoever made them: a source line with its caret. */
  readonly extract?: readonly string[];
  /** The same for programs. */
  readonly problems?: readonly unknown[];
}

/** Ends a command with an explanation. `says` is what was wrong, where, and what was expected. */
export class CliError extends Error {
  readonly exit: Exit;
  readonly details: CliErrorDetails;
  constructor(exit: Exit, says: string, details: CliErrorDetails = {}) {
    super(says);
    this.name = 'CliError';
    this.exit = exit;
    this.details = details;
  }
}

/** As a person reads it on stderr, folded at `width` columns (`Infinity`: not at all). */
export function errorText(error: CliError, width: number): string {
  const { remedy, refusals = [], extract = [] } = error.details;
  const lines = [...fold('ringfence: ', `${error.message}${extract.length > 0 ? ':' : ''}`, width), ...extract];
  if (refusals.length > 1) {
    for (const refusal of refusals) {
      lines.push(...fold('  - ', `${refusal.says} (${refusal.code})`, width));
      if (refusal.remedy !== undefined && refusal.remedy !== remedy) lines.push(...fold('    ', refusal.remedy, width));
    }
  }
  if (remedy !== undefined) lines.push(...fold('  ', remedy, width));
  return `${lines.join('\n')}\n`;
}

function fold(before: string, text: string, width: number): string[] {
  const lines = Number.isFinite(width) ? wrap(clean(text), width - before.length) : [clean(text)];
  return lines.map((line, index) => (index === 0 ? before : ' '.repeat(before.length)) + line);
}

/** As a program reads it on stderr: one JSON document in one line. */
export function errorJson(error: CliError): string {
  const { remedy, code = error.exit, refusals, problems } = error.details;
  const exitCode = EXIT_CODES[error.exit].code;
  return `${printableJson({ error: { code, exitCode, says: error.message, remedy, refusals, problems } })}\n`;
}
