/** What the shop has counted since it started, and under which configuration. Everything it tells about itself comes from here. */
export class ShopRecord {
  readonly #routes: ReadonlyMap<string, Map<number, number>>;
  readonly #runs: ConfigRun[] = [];
  #configsRefused = 0;

  /**
   * The combinations of route and code that can occur are counted from zero: a counter that appears only with its first failure
   * cannot be told from one that is misspelt.
   */
  constructor(codesByRoute: Readonly<Record<string, readonly number[]>>) {
    this.#routes = new Map(
      Object.entries(codesByRoute).map(([route, codes]) => [route, new Map(codes.map((code) => [code, 0]))]),
    );
  }

  /** A configuration came into force. Returns what the requests that begin under it are counted in. */
  configured(digest: string, nowMs: number): ConfigRun {
    const run: ConfigRun = { digest, loadedAtMs: nowMs, requests: 0, failures: 0, firstFailureAtMs: null };
    this.#runs.push(run);
    if (this.#runs.length > KEPT_RUNS) this.#runs.shift();
    return run;
  }

  configRefused(): void {
    this.#configsRefused += 1;
  }

  /** A request that began under `run` was answered. */
  answered(run: ConfigRun, route: string, code: number, nowMs: number): void {
    const codes = this.#routes.get(route);
    codes?.set(code, (codes.get(code) ?? 0) + 1);
    run.requests += 1;
    if (code < 500) return;
    run.failures += 1;
    run.firstFailureAtMs ??= nowMs;
  }

  /** The configurations it ran with, oldest first: at most {@link KEPT_RUNS}. */
  get runs(): readonly ConfigRun[] {
    return this.#runs;
  }

  /** Everything in Prometheus text exposition format 0.0.4. */
  exposition(residentBytes: number): string {
    const lines = ['# HELP shop_requests_total Requests answered.', '# TYPE shop_requests_total counter'];
    for (const [route, codes] of this.#routes) {
      for (const [code, count] of codes) lines.push(`shop_requests_total{code="${code}",route="${route}"} ${count}`);
    }
    const present = this.#runs.at(-1);
    if (present !== undefined) {
      lines.push(
        '# HELP shop_config_info The configuration in force, by the SHA-256 of its bytes.',
        '# TYPE shop_config_info gauge',
        `shop_config_info{digest="${present.digest}"} 1`,
        '# HELP shop_config_loaded_timestamp_seconds When the configuration in force was loaded.',
        '# TYPE shop_config_loaded_timestamp_seconds gauge',
        `shop_config_loaded_timestamp_seconds ${present.loadedAtMs / 1000}`,
      );
    }
    if (present !== undefined && present.firstFailureAtMs !== null) {
      lines.push(
        '# HELP shop_first_failure_timestamp_seconds When a request first failed under the configuration in force.',
        '# TYPE shop_first_failure_timestamp_seconds gauge',
        `shop_first_failure_timestamp_seconds ${present.firstFailureAtMs / 1000}`,
      );
    }
    lines.push(
      '# HELP shop_configs_refused_total Configuration files that could not be used; the one before stayed in force.',
      '# TYPE shop_configs_refused_total counter',
      `shop_configs_refused_total ${this.#configsRefused}`,
      '# HELP process_resident_memory_bytes Memory this process holds.',
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${residentBytes}`,
    );
    return `${lines.join('\n')}\n`;
  }
}

/** One configuration, from when it was loaded until the next one was. Times are milliseconds since 1970. */
export interface ConfigRun {
  readonly digest: string;
  readonly loadedAtMs: number;
  /** Requests that began under it. */
  requests: number;
  /** Of those: answered with 5xx. */
  failures: number;
  firstFailureAtMs: number | null;
}

const KEPT_RUNS = 32;
