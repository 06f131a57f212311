import type { RefusalBody } from '../../wire/http/problem.ts';
import { EXIT_CODES, type Exit } from './exitCodes.ts';
import { clean, printableJson } from './terminal/clean.ts';

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

/** As a person reads it on stderr. */
export function errorText(error: CliError): string {
  const { remedy, refusals = [], extract = [] } = error.details;
  const lines = [`ringfence: ${clean(error.message)}${extract.length > 0 ? ':' : ''}`, ...extract];
  if (refusals.length > 1) {
    for (const refusal of refusals) {
      lines.push(`  - ${clean(refusal.says)} (${refusal.code})`);
      if (refusal.remedy !== undefined && refusal.remedy !== remedy) lines.push(`    ${clean(refusal.remedy)}`);
    }
  }
  if (remedy !== undefined) lines.push(`  ${clean(remedy)}`);
  return `${lines.join('\n')}\n`;
}

/** As a program reads it on stderr: one JSON document in one line. */
export function errorJson(error: CliError): string {
  const { remedy, code = error.exit, refusals, problems } = error.details;
  const exitCode = EXIT_CODES[error.exit].code;
  return `${printableJson({ error: { code, exitCode, says: error.message, remedy, refusals, problems } })}\n`;
}
