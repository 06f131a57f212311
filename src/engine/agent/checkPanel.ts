import type { Clock } from '../ports/clock.ts';
import type { TargetReport } from '../ports/fleet.ts';
import type { CheckOutcome, LocalCheck } from '../ports/localCheck.ts';

/** Every check has passed, or one has failed as often in a row as makes it unhealthy. */
export type RoundOutcome = { readonly passed: true } | { readonly passed: false; readonly says: string };

type Failing = (says: string, anew: boolean) => void;

/**
 * Runs the local checks, each at its own interval, and remembers what each said last. A *round* asks all of them anew: only runs
 * that began after it was asked for count in it.
 */
export class CheckPanel {
  readonly #loops: readonly CheckLoop[];

  /** `changed`: what a check says of the service is another thing now. `failing`: it failed as often as makes it unhealthy; said each time, `anew` when it was not so before. */
  constructor(checks: readonly LocalCheck[], clock: Clock, changed: () => void, failing: Failing) {
    this.#loops = checks.map((check) => new CheckLoop(check, clock, changed, failing));
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  stop(): void {
    for (const loop of this.#loops) loop.stop();
  }

  /** Checks of which nothing is known yet are left out. */
  reports(): TargetReport['checks'] {
    return this.#loops.flatMap((loop) => loop.report ?? []);
  }

  /** Never rejects. When aborted the outcome means nothing. */
  async round(signal: AbortSignal): Promise<RoundOutcome> {
    const outcomes = await Promise.all(this.#loops.map((loop) => loop.ask(signal)));
    return outcomes.find((outcome) => !outcome.passed) ?? { passed: true };
  }
}

interface Question {
  failures: number;
  readonly answer: (outcome: RoundOutcome) => void;
}

class CheckLoop {
  readonly #check: LocalCheck;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #failing: Failing;
  readonly #stop = new AbortController();
  readonly #questions = new Set<Question>();
  #failures = 0;
  #running = false;
  #cancelWait = () => {};
  report: TargetReport['checks'][number] | null = null;

  constructor(check: LocalCheck, clock: Clock, changed: () => void, failing: Failing) {
    this.#check = check;
    this.#clock = clock;
    this.#changed = changed;
    this.#failing = failing;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
    this.#cancelWait();
  }

  ask(signal: AbortSignal): Promise<RoundOutcome> {
    return new Promise((resolve) => {
      const question: Question = { failures: 0, answer: resolve };
      this.#questions.add(question);
      const give = () => {
        this.#questions.delete(question);
        resolve({ passed: false, says: 'nobody waits for the answer any more' });
      };
      signal.addEventListener('abort', give, { once: true });
      if (signal.aborted || this.#stop.signal.aborted) give();
      else if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#cancelWait();
    this.#running = true;
    // A question that comes while a run is under way is not answered by that run.
    const asked = [...this.#questions];
    const outcome = await this.#check.run(this.#stop.signal);
    this.#running = false;
    if (this.#stop.signal.aborted) return;
    this.#note(outcome);
    for (const question of asked) this.#answer(question, outcome);
    if (this.#running) return;
    const waiting = [...this.#questions].some((question) => !asked.includes(question));
    this.#cancelWait = this.#clock.after(waiting ? 0 : this.#check.everyMs, () => void this.#run());
  }

  #note({ healthy, says }: CheckOutcome): void {
    this.#failures = healthy ? 0 : this.#failures + 1;
    const unhealthy = this.#failures >= this.#check.failures;
    const { name } = this.#check;
    const before = this.report;
    // A first failure is not enough to say that it is unwell, and no reason to say that it is well.
    if (before !== null || healthy || unhealthy) this.report = { name, healthy: !unhealthy, detail: says };
    if (before?.healthy !== this.report?.healthy || before?.detail !== this.report?.detail) this.#changed();
    const anew = this.#failures === this.#check.failures;
    if (unhealthy) this.#failing(this.#sentence(says, this.#failures), anew);
  }

  #answer(question: Question, { healthy, says }: CheckOutcome): void {
    if (!this.#questions.has(question)) return;
    question.failures += healthy ? 0 : 1;
    if (!healthy && question.failures < this.#check.failures) return;
    this.#questions.delete(question);
    question.answer(healthy ? { passed: true } : { passed: false, says: this.#sentence(says, question.failures) });
  }

  #sentence(says: string, failures: number): string {
    const times = failures === 1 ? '' : `, ${failures} times in a row`;
    return `check ${this.#check.name}: ${says}${times}`;
  }
}
