import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { quoted, type ServerAnswer } from './askServer.ts';

export interface Alert {
  /** Of the label that was asked for; empty: it is not there. */
  readonly target: string;
  /** `false`: it is silenced or inhibited. */
  readonly active: boolean;
  /** `null`: whoever sent it did not say, and Alertmanager put its end there. */
  readonly startsAt: Instant | null;
}

const MOST_ALERTS = 50_000;

/** Reads an answer of Alertmanager's API v2. What is not such an answer, as a whole, is a fault with a sentence. */
export function readAlerts(
  answer: ServerAnswer,
  label: string,
  where: string,
  secret: string | null,
): Result<readonly Alert[], MetricFault> {
  const refuse = (says: string) => err<MetricFault>({ code: 'source-error', says: `${where} ${says}` });
  const body = jsonOf(answer.text);
  if (answer.status !== 200) {
    const says = typeof body === 'string' ? ` (${quoted(body, secret)})` : '';
    return refuse(`answers with status ${answer.status}${says}: see that the URL is that of Alertmanager itself`);
  }
  if (!Array.isArray(body)) {
    const what =
      body === undefined ? `what is not JSON (${answer.type || 'of no type'})` : 'JSON that is no list of alerts';
    return refuse(`answers with ${what}: see that the URL is that of Alertmanager itself`);
  }
  if (body.length > MOST_ALERTS)
    return refuse(`answers with ${body.length} alerts, and at most ${MOST_ALERTS} are read: ask for more labels`);
  const alerts: Alert[] = [];
  for (const each of body as readonly unknown[]) {
    const { labels, status, startsAt, endsAt } = asRecord(each);
    const { state } = asRecord(status);
    const target = asRecord(labels)[label];
    const began = typeof startsAt === 'string' ? Date.parse(startsAt) : Number.NaN;
    // One that was not looked at yet for what silences it fires all the same.
    if (Number.isNaN(began) || (state !== 'active' && state !== 'suppressed' && state !== 'unprocessed'))
      return refuse(
        'answers with an alert that cannot be read: see that it is Alertmanager that answers, with its API v2',
      );
    alerts.push({
      target: typeof target === 'string' ? target : '',
      active: state !== 'suppressed',
      startsAt: startsAt === endsAt ? null : began,
    });
  }
  return ok(alerts);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : {};
}
