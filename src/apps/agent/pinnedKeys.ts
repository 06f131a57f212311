import { readFileSync } from 'node:fs';
import type { AgentTrust } from '../../wire/manifest/agent.ts';

/** The public keys that an agent's file names, its keys file included. Throws what `refuse` makes of a file that holds none, or anything else. */
export function pinnedKeys({ keys, keysFile }: AgentTrust, refuse: (says: string) => Error): readonly string[] {
  if (keysFile === null) return keys;
  let text: string;
  try {
    text = readFileSync(keysFile, 'utf8');
  } catch (error) {
    throw refuse(`cannot read trust.keysFile: ${(error as Error).message}`);
  }
  const found: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const key = line.replace(/#.*/, '').trim();
    if (key === '') continue;
    if (!/^[0-9a-f]{64}$/.test(key)) {
      throw refuse(
        `${keysFile}:${index + 1}: found ${JSON.stringify(key.slice(0, 80))}, expected a public key: 64 hexadecimal digits`,
      );
    }
    found.push(key);
  }
  // A file that was emptied by accident must not open the agent to the next server it meets.
  if (found.length === 0 && keys.length === 0) throw refuse(`${keysFile} (trust.keysFile) holds no key`);
  return [...keys, ...found];
}
