import { readFileSync } from 'node:fs';

/** What a service in Go, with the official client, showed at three moments; see main.go beside this. */
export interface GoPage {
  /** What was observed since the moment before, by histogram. */
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly protobuf: Uint8Array;
  readonly text: string;
}

export const GO_PAGES: readonly GoPage[] = readFileSync(new URL('pages.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map(({ values, protobuf, text }) => ({ values, text, protobuf: Uint8Array.fromBase64(protobuf) }));
