import { text } from 'node:stream/consumers';
import { StringDecoder } from 'node:string_decoder';
import { CliError } from '../cliError.ts';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const BACKSPACE = ['\x7f', '\b'];

/** A secret from stdin: typed without being shown where that is a terminal, else everything that is piped in. */
export async function askSecret(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) return text(process.stdin);
  process.stderr.write(prompt);
  process.stdin.setRawMode(true);
  try {
    return await readLine(process.stdin);
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write('\n');
  }
}

async function readLine(input: NodeJS.ReadStream): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let line = '';
  for await (const bytes of input.iterator({ destroyOnReturn: false })) {
    for (const key of decoder.write(bytes)) {
      if (key === '\r' || key === '\n' || key === CTRL_D) return line;
      if (key === CTRL_C) throw new CliError('interrupted', 'interrupted; nothing was kept');
      line = BACKSPACE.includes(key) ? line.slice(0, -1) : line + key;
    }
  }
  return line;
}
