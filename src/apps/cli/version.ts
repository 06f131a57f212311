import { readFileSync } from 'node:fs';

let version: string | undefined;

/** This program's own version. The package stands three folders above both the source and what is built from it. */
export function readVersion(): string {
  version ??= (
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version;
  return version;
}
