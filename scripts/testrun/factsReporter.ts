import type { TestEvent } from 'node:test/reporters';

/** What the run of one file comes to. A file that is killed writes none. */
export interface TestFacts {
  readonly counts: Counts;
  readonly skipped: readonly Skipped[];
}

export interface Counts {
  readonly tests: number;
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly todo: number;
}

export interface Skipped {
  readonly test: string;
  /** Says what is missing and how to get it, if the test's author did. */
  readonly reason: string;
}

/** A reporter for Node's test runner (`--test-reporter`, which asks for a default export): {@link TestFacts} as one line of JSON. */
export default async function* factsReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const skipped: Skipped[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:pass' && data.skip !== undefined && data.skip !== false) {
      const reason = typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason is given';
      skipped.push({ test: data.name, reason });
    }
    // The types of Node do not know `failed` yet; where it is there, it takes the place of the 0.
    if (type === 'test:summary') {
      yield JSON.stringify({ counts: { failed: 0, ...data.counts }, skipped } satisfies TestFacts);
    }
  }
}
