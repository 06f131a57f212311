import { type ChildProcess, fork } from 'node:child_process';

/** A process of the bench that takes orders. It ends with its parent, or when it is released. */
export class Ordered<Order extends object, Word extends { readonly word: string }> implements Disposable {
  readonly #child: ChildProcess;
  readonly #heard: Word[] = [];
  #wake: () => void = () => {};

  constructor(program: URL) {
    this.#child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (word) => {
      this.#heard.push(word as Word);
      this.#wake();
    });
    this.#child.on('exit', () => this.#wake());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send(order: Order): void {
    this.#child.send(order);
  }

  /** The next word of that kind; others before it are passed over. Rejects when the process fails or ends. */
  async next<Kind extends Word['word']>(kind: Kind, withinMs = 300_000): Promise<Extract<Word, { word: Kind }>> {
    const until = performance.now() + withinMs;
    for (;;) {
      const word = this.#heard.shift();
      if (word?.word === kind) return word as Extract<Word, { word: Kind }>;
      if (word?.word === 'failed') throw new Error(String((word as { says?: unknown }).says));
      if (word !== undefined) continue;
      if (this.#child.exitCode !== null) throw new Error(`a process of the bench ended with ${this.#child.exitCode}`);
      if (performance.now() > until) throw new Error(`no "${kind}" came within ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, until - performance.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}
