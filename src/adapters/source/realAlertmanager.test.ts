import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { askSources, type SourceUnderTest } from '../../../test/support/sourceUnderTest.ts';
import type { MetricFault } from '../../core/analysis/metricFault.ts';
import { json, type Lie, startLyingServer } from './testing/lyingServer.ts';
import { type RealServer, startAlertmanager, until, withoutAlertmanager } from './testing/realServer.ts';

const PAGE = { alert: { severity: 'page' }, source: 'alerts', target: 'instance' } as const;

/** Debian's Alertmanager, which is sent real alerts and silences. */
describe('a real Alertmanager', { skip: withoutAlertmanager }, () => {
  let alertmanager: RealServer;
  let asked: SourceUnderTest;

  before(async () => {
    alertmanager = await startAlertmanager({
      route: { receiver: 'nobody' },
      receivers: [{ name: 'nobody' }],
      inhibit_rules: [
        { source_matchers: ['alertname="Down"'], target_matchers: ['alertname="Slow"'], equal: ['instance'] },
      ],
    });
  });
  after(() => alertmanager?.remove());
  // Each begins with an Alertmanager that has heard of nothing.
  beforeEach(async () => {
    for (const { labels } of await get('alerts')) await fire(labels, -1000);
    for (const { id, status } of await get('silences'))
      if (status.state !== 'expired') await send('DELETE', `silence/${id}`);
    await until('no alerts', async () => (await get('alerts')).length === 0);
  });

  async function send(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await fetch(`${alertmanager.url}/api/v2/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.equal(answer.status, 200, await answer.text());
  }
  async function get(path: string) {
    type Item = {
      readonly labels: Record<string, string>;
      readonly id: string;
      readonly status: { readonly state: string };
    };
    return (await (await fetch(`${alertmanager.url}/api/v2/${path}`)).json()) as readonly Item[];
  }
  /** Fires for an hour; with a negative time, it has ended. */
  const fire = (labels: Readonly<Record<string, string>>, endsInMs = 3_600_000) => {
    const [startsAt, endsAt] = [-60_000, endsInMs].map((inMs) => new Date(Date.now() + inMs).toISOString());
    return send('POST', 'alerts', [{ labels, startsAt, endsAt }]);
  };
  const silence = (alertname: string) =>
    send('POST', 'silences', {
      matchers: [{ name: 'alertname', value: alertname, isRegex: false, isEqual: true }],
      startsAt: new Date(Date.now() - 1000).toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: 'test',
      comment: 'known',
    });
  const last = (target: string) => asked.measured(target, 'paged').at(-1)?.figures;
  const becomes = (target: string, figure: number) =>
    until(
      `${target} to be ${figure}`,
      () => JSON.stringify(last(target)) === `[${figure}]`,
      () => asked.views(),
    );

  async function asking(story: () => Promise<void>, watchdog?: Readonly<Record<string, string>>): Promise<void> {
    const source = { url: alertmanager.url, ...(watchdog === undefined ? {} : { watchdog }) };
    asked = askSources({ sources: { alerts: { alertmanager: source } }, metrics: { paged: PAGE } });
    try {
      await story();
    } finally {
      await asked.close();
    }
  }
  const faultOf = (code: MetricFault['code']) =>
    until(
      `it to be ${code}`,
      () => asked.faults.get('paged')?.code === code && asked.faults.get('paged'),
      () => asked.views(),
    );

  it('says for which targets an alert with the labels fires, and when it has ended', async () => {
    await fire({ alertname: 'Slow', severity: 'page', instance: 'shop-1:8080' });
    await fire({ alertname: 'Slow', severity: 'ticket', instance: 'shop-2' });
    await fire({ alertname: 'Slow', severity: 'page', instance: 'bakery-1' });
    await asking(async () => {
      await becomes('shop-1', 1);
      await becomes('shop-2', 0);
      assert.equal(asked.state('paged')?.says, 'what names no target is left out: "bakery-1"');
      await fire({ alertname: 'Slow', severity: 'page', instance: 'shop-1:8080' }, -1);
      // Without a beginning, as some senders do it: Alertmanager puts the end there.
      const endsAt = new Date(Date.now() + 3_600_000).toISOString();
      await send('POST', 'alerts', [{ labels: { alertname: 'Full', severity: 'page', instance: 'shop-2' }, endsAt }]);
      await becomes('shop-1', 0);
      await becomes('shop-2', 1);
    });
  });

  it('says nothing of a target whose alert is silenced or inhibited: that nobody is woken is no health', async () => {
    await fire({ alertname: 'Slow', severity: 'page', instance: 'shop-1' });
    await silence('Slow');
    await asking(async () => {
      await becomes('shop-2', 0);
      assert.deepEqual(asked.measured('shop-1', 'paged'), []);
      assert.equal(asked.state('paged')?.says, 'it is silenced or inhibited for 1 target, of which nothing is known');
      // Another one that is not silenced fires all the same.
      await fire({ alertname: 'Full', severity: 'page', instance: 'shop-1' });
      await becomes('shop-1', 1);
    });
  });

  it('says nothing of a target whose alert another one inhibits', async () => {
    await fire({ alertname: 'Slow', severity: 'page', instance: 'shop-1' });
    await fire({ alertname: 'Down', severity: 'other', instance: 'shop-1' });
    await asking(async () => {
      await becomes('shop-2', 0);
      assert.deepEqual(asked.measured('shop-1', 'paged'), []);
    });
  });

  it('is not believed to have no alerts while the one that always fires is not there', async () => {
    await asking(
      async () => {
        const { says } = await faultOf('source-down');
        assert.match(says, /^Alertmanager at \S+ has no alert \{alertname="Watch \\"dog\\""\}, which always fires: /);
        await fire({ alertname: 'Watch "dog"' });
        await becomes('shop-1', 0);
        assert.equal(asked.faults.size, 0);
      },
      { alertname: 'Watch "dog"' },
    );
  });

  it('has a clock, and so has who sends it alerts', async () => {
    const startsAt = new Date(Date.now() + 600_000).toISOString();
    await send('POST', 'alerts', [
      {
        labels: { alertname: 'Slow', severity: 'page' },
        startsAt,
        endsAt: new Date(Date.now() + 900_000).toISOString(),
      },
    ]);
    await asking(async () => {
      assert.match(
        (await faultOf('clock-skew')).says,
        /the clock of whoever sends alerts to Alertmanager at \S+ is (?:9m5\ds|10m) ahead of ours/,
      );
    });
    await send('POST', 'alerts', [{ labels: { alertname: 'Slow', severity: 'page' }, startsAt, endsAt: startsAt }]);
    await alertmanager.restart();
  });

  it('is down when it is killed, slow when it is stopped, and well again', async () => {
    await asking(async () => {
      await becomes('shop-1', 0);
      alertmanager.child.kill('SIGSTOP');
      await faultOf('source-slow').finally(() => alertmanager.child.kill('SIGCONT'));
      await until('it to be well', () => asked.faults.size === 0);
      await alertmanager.kill();
      assert.match((await faultOf('source-down')).says, /^Alertmanager at \S+ cannot be reached \(.*ECONNREFUSED/);
      await alertmanager.restart();
      await until(
        'it to be well',
        () => asked.faults.size === 0,
        () => asked.views(),
      );
    });
  });
});

const text =
  (body: string): Lie =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(body);
const alert = (more: object) => ({
  labels: {},
  startsAt: new Date().toISOString(),
  status: { state: 'active' },
  ...more,
});
const LIES: readonly (readonly [what: string, lie: Lie, code: MetricFault['code'], says: RegExp])[] = [
  [
    'a page',
    text('<html>'),
    'source-error',
    /answers with what is not JSON \(text\/html\): see that the URL is that of Alertmanager itself/,
  ],
  ['JSON of somebody else', json({ status: 'success' }), 'source-error', /JSON that is no list of alerts/],
  [
    'an error in words',
    json('bad matcher format', 400),
    'source-error',
    /answers with status 400 \(bad matcher format\)/,
  ],
  ['an error of the old API', json({ status: 'error' }, 410), 'source-error', /answers with status 410: /],
  ['an alert without a state', json([alert({ status: {} })]), 'source-error', /an alert that cannot be read/],
  ['an alert of no time', json([alert({ startsAt: 'soon' })]), 'source-error', /an alert that cannot be read/],
  ['no alert', json([null]), 'source-error', /an alert that cannot be read/],
  [
    'a clock behind',
    json([], 200, { date: new Date(Date.now() - 60_000).toUTCString() }),
    'clock-skew',
    /is \S+ behind ours/,
  ],
];

describe('what answers in the place of an Alertmanager is never believed', { concurrency: 8 }, () => {
  for (const [what, lie, code, says] of LIES) {
    it(what, async () => {
      const server = await startLyingServer(lie);
      const asked = askSources({
        sources: { alerts: { alertmanager: { url: server.url } } },
        metrics: { paged: PAGE },
      });
      try {
        const fault = await until(
          `it to be ${code}`,
          () => asked.faults.get('paged'),
          () => asked.views(),
        );
        assert.equal(fault.code, code);
        assert.match(fault.says, says);
        assert.deepEqual(asked.measured('shop-1', 'paged'), []);
        server.answer(json([]));
        await until('it to be believed', () => asked.faults.size === 0 && asked.measured('shop-1', 'paged').length > 0);
      } finally {
        await asked.close();
        await server.close();
      }
    });
  }
});
