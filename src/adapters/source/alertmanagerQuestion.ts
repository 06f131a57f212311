import type { MetricFault } from '../../core/analysis/metricFault.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { type MetricSpec, sayMetric } from '../../core/topology/metric.ts';
import type { AlertSourceAddress } from '../../core/topology/metricSource.ts';
import { type Alert, readAlerts } from './alertAnswer.ts';
import { askServer, placeOf } from './askServer.ts';
import { type Asking, type Heard, type MetricQuestion, skewOf, timeLeft } from './metricQuestion.ts';
import { Strangers } from './targetNames.ts';

type AlertSpec = Extract<MetricSpec, { readonly alert: object }>;
type Labels = Readonly<Record<string, string>>;

const MOST_BYTES = 8 * 1024 * 1024;
const MINUTE_MS = 60_000;

/**
 * Whether an alert fires for each target of the service: 1, or 0 where there is none. Where it is silenced or inhibited it is neither:
 * that nobody is to be woken says nothing of how the target is.
 */
export class AlertmanagerQuestion implements MetricQuestion {
  readonly #spec: AlertSpec;

  constructor(spec: AlertSpec) {
    this.#spec = spec;
  }

  async ask(asking: Asking): Promise<Result<Heard, MetricFault>> {
    const { watchdog }: AlertSourceAddress = asking.address;
    if (watchdog !== undefined) {
      const watched = await this.#alerts(asking, watchdog);
      if (!watched.ok) return watched;
      if (watched.value.length === 0) return err(withoutWatchdog(asking, watchdog));
    }
    const found = await this.#alerts(asking, this.#spec.alert);
    if (!found.ok) return found;
    const strangers = new Strangers();
    const fires = new Map<string, boolean>();
    for (const { target, active } of found.value) {
      const uid = asking.uidNamed(target);
      if (uid === undefined) strangers.add(target);
      else fires.set(uid, active || fires.get(uid) === true);
    }
    const figures = new Map<string, { readonly figures: readonly number[]; readonly minutes: number }>();
    const minutes = asking.windowMs / MINUTE_MS;
    let suppressed = 0;
    for (const uid of asking.targets()) {
      const active = fires.get(uid);
      if (active === false) suppressed++;
      else figures.set(uid, { figures: [active === true ? 1 : 0], minutes });
    }
    const note =
      suppressed === 0
        ? ''
        : `it is silenced or inhibited for ${suppressed} ${suppressed === 1 ? 'target' : 'targets'}, of which nothing is known`;
    return ok({ figures, targets: figures.size, strangers, note });
  }

  async #alerts(asking: Asking, labels: Labels): Promise<Result<readonly Alert[], MetricFault>> {
    const { clock, address, secret, signal } = asking;
    const url = new URL(`${address.url.replace(/\/+$/, '')}/api/v2/alerts`);
    for (const [label, value] of Object.entries(labels)) url.searchParams.append('filter', `${label}=${quote(value)}`);
    const answer = await askServer(clock, {
      who: 'Alertmanager',
      url,
      secret,
      timeoutMs: timeLeft(asking),
      maxBytes: MOST_BYTES,
      signal,
    });
    if (!answer.ok) return answer;
    const where = whereOf(asking);
    const { date, askedAt, answeredAt } = answer.value;
    const skew = date === null ? null : skewOf(date, askedAt, answeredAt, where, 1000);
    if (skew !== null) return err(skew);
    const alerts = readAlerts(answer.value, this.#spec.target, where, secret);
    if (!alerts.ok) return alerts;
    for (const { startsAt } of alerts.value) {
      if (startsAt === null) continue;
      const ahead = skewOf(startsAt, Number.NEGATIVE_INFINITY, answeredAt, `whoever sends alerts to ${where}`);
      if (ahead !== null) return err(ahead);
    }
    return alerts;
  }
}

function withoutWatchdog(asking: Asking, watchdog: Labels): MetricFault {
  const alert = sayMetric({ alert: watchdog, source: '', target: '' }).replace(/ from $/, '');
  const todo = 'see whether the one that sends alerts, such as Prometheus, runs';
  const says = `${whereOf(asking)} has no ${alert}, which always fires: so that there are no others is not believed: ${todo}`;
  return { code: 'source-down', says };
}

function whereOf({ address }: Asking): string {
  return `Alertmanager at ${placeOf(new URL(address.url))}`;
}

/** As a matcher has it: Go's quotes, which JSON's are a part of. */
function quote(value: string): string {
  return JSON.stringify(value);
}
