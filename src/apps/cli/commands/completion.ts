import { bashCompletion } from '../completion/bashCompletion.ts';
import { commandWords } from '../completion/commandWords.ts';
import { fishCompletion } from '../completion/fishCompletion.ts';
import { zshCompletion } from '../completion/zshCompletion.ts';
import { buildProgram } from '../tree/program.ts';
import type { Run } from '../tree/runner.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export const completion: Run<object, [shell: keyof typeof SHELLS]> = async ({ output }, _options, shell) => {
  const script = SHELLS[shell](commandWords(buildProgram(async () => {})));
  output.document({ shell, script });
  if (!output.json) output.raw(script);
  return 'done';
};
