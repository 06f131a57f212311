import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface KeptPiece {
  /** Of every file that the outcome depends on. */
  readonly digest: string;
  readonly piece: unknown;
  readonly outcome: unknown;
}

/**
 * What is measured already, on disk line by line as it comes, so that a long measurement may be stopped and gone on with. An outcome
 * counts only as long as no file that it was computed by has changed.
 */
export class KeptPieces {
  readonly #file: string;
  readonly #outcomes: Map<string, unknown>;

  private constructor(file: string, outcomes: Map<string, unknown>) {
    this.#file = file;
    this.#outcomes = outcomes;
  }

  static async open(file: string): Promise<KeptPieces> {
    await mkdir(dirname(file), { recursive: true });
    const text = await readFile(file, 'utf8').catch(() => '');
    const outcomes = new Map<string, unknown>();
    for (const line of text.split('\n')) {
      // The last line may be cut short where a measurement was stopped.
      if (!line.endsWith('}')) continue;
      const { digest, piece, outcome } = JSON.parse(line) as KeptPiece;
      outcomes.set(keyOf(digest, piece), outcome);
    }
    return new KeptPieces(file, outcomes);
  }

  has(digest: string, piece: unknown): boolean {
    return this.#outcomes.has(keyOf(digest, piece));
  }

  get(digest: string, piece: unknown): unknown {
    return this.#outcomes.get(keyOf(digest, piece));
  }

  async keep(digest: string, piece: unknown, outcome: unknown): Promise<void> {
    this.#outcomes.set(keyOf(digest, piece), outcome);
    const line: KeptPiece = { digest, piece, outcome };
    await appendFile(this.#file, `${JSON.stringify(line)}\n`);
  }
}

function keyOf(digest: string, piece: unknown): string {
  return `${digest} ${JSON.stringify(piece)}`;
}

/** SHA-256 over a module and all that it imports from this repository, in the order in which they are found. */
export async function digestOf(module: URL): Promise<string> {
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const open = [fileURLToPath(module)];
  for (let file = open.shift(); file !== undefined; file = open.shift()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = await readFile(file, 'utf8');
    hash.update(text);
    for (const [, path = ''] of text.matchAll(/from '(\.[^']+)'/g)) open.push(resolve(dirname(file), path));
  }
  return hash.digest('hex');
}
