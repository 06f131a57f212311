import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Why tests that need a program are skipped, or `false`. Where CI is set they never are: they fail. */
export function withoutProgram(program: string, inPackage: string): string | false {
  const folders = `${process.env.PATH}${delimiter}/usr/sbin`.split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, program))) || process.env.CI === 'true') return false;
  return `there is no ${program} here: apt-get install ${inPackage}`;
}
