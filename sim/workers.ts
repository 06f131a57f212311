import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { LawName } from './checkers/checker.ts';
import type { FaultKind } from './faults.ts';

export type Task =
  | { readonly do: 'seed'; readonly seed: number; readonly faults?: readonly FaultKind[] }
  | { readonly do: 'mutant'; readonly law: LawName };

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly says: string };

interface Waiting {
  readonly task: Task;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Threads that simulate, one for each core. What comes of a seed does not depend on who runs it or when: every simulation has a world
 * of its own.
 */
export class Workers {
  readonly #queue: Waiting[] = [];
  readonly #threads: readonly Thread[];

  /** `count`: how many threads; one for each core when left out. */
  constructor(count = availableParallelism()) {
    const next = () => this.#queue.shift();
    this.#threads = Array.from({ length: Math.max(1, count) }, () => new Thread(next));
  }

  /** Resolves with what came of the task. Rejects when it could not be run to its end. */
  do<T>(task: Task): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ task, resolve: resolve as (value: unknown) => void, reject });
      for (const thread of this.#threads) thread.wake();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

class Thread {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url));
  readonly #next: () => Waiting | undefined;
  #present: Waiting | undefined;
  #gone: Error | null = null;

  constructor(next: () => Waiting | undefined) {
    this.#next = next;
    this.#worker.on('message', (answer: Answer) => {
      const { resolve, reject } = this.#present ?? {};
      this.#present = undefined;
      if (answer.ok) resolve?.(answer.value);
      else reject?.(new Error(answer.says));
      this.wake();
    });
    this.#worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#end(new Error('a thread of the simulator ended in the middle of its work')));
  }

  wake(): void {
    if (this.#present !== undefined) return;
    this.#present = this.#next();
    if (this.#present === undefined) return;
    if (this.#gone === null) this.#worker.postMessage(this.#present.task);
    else this.#present.reject(this.#gone);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(error: Error): void {
    this.#gone ??= error;
    this.#present?.reject(this.#gone);
    this.#present = undefined;
  }
}
