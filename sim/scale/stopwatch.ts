/** Time since it was made: by the wall, and of the processor that this process has used, which other programs do not lengthen. */
export class Stopwatch {
  readonly #startedAt = performance.now();
  readonly #used = process.cpuUsage();

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  get processorSeconds(): number {
    const { user, system } = process.cpuUsage(this.#used);
    return (user + system) / 1e6;
  }

  toString(): string {
    return `${this.seconds.toFixed(1)} s (${this.processorSeconds.toFixed(1)} s of the processor)`;
  }
}
