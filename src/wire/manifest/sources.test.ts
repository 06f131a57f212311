import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseManifestValue } from './parseManifestValue.ts';

const SOURCES = {
  prom: { prometheus: { url: 'https://prometheus.example/base', secret: 'prom' } },
  alerts: { alertmanager: { url: 'http://127.0.0.1:9093', secret: 'am', watchdog: { alertname: 'Watchdog' } } },
};

function service(sources: object, metrics: object) {
  const spec = { roles: { web: {} }, slots: { 'config/shop': {} }, sources, metrics };
  return parseManifestValue({ apiVersion: 'ringfence.dev/v1', kind: 'Service', metadata: { name: 'shop' }, spec });
}

describe('sources of metrics, in manifests', () => {
  it('are read as they are written', () => {
    const read = service(SOURCES, {
      requests: { query: 'shop_requests_total', source: 'prom', as: 'counter' },
      load: { query: 'shop_load', source: 'prom', as: 'value', target: 'pod' },
      paged: { alert: { severity: 'page' }, source: 'alerts' },
    });
    assert.ok(read.ok && read.value.kind === 'Service');
    assert.deepEqual(read.value.service.sources, SOURCES);
    assert.deepEqual(read.value.service.metrics, {
      requests: { query: 'shop_requests_total', source: 'prom', target: 'instance', as: 'counter' },
      load: { query: 'shop_load', source: 'prom', target: 'pod' },
      paged: { alert: { severity: 'page' }, source: 'alerts', target: 'instance' },
    });
  });

  it('are not there where nobody names them', () => {
    const read = service({}, {});
    assert.ok(read.ok && read.value.kind === 'Service');
    assert.ok(!('sources' in read.value.service));
  });

  const query = (source: string) => ({ load: { query: 'shop_load', source } });
  const prometheus = (address: object) => service({ prom: { prometheus: address } }, {});
  const mistakes = [
    [
      service(SOURCES, query('promm')),
      'spec.metrics.load.source: found the text "promm", expected one of: prom; did you mean "prom"?',
    ],
    [service(SOURCES, query('alerts')), 'spec.metrics.load.source: found the text "alerts", expected one of: prom'],
    [
      service({}, query('prom')),
      'spec.metrics.load.source: found the text "prom", expected a source of spec.sources, which has none with prometheus',
    ],
    [
      service(SOURCES, { paged: { alert: { severity: 'page' }, source: 'prom' } }),
      'spec.metrics.paged.source: found the text "prom", expected one of: alerts',
    ],
    [
      service({ otlp: SOURCES.prom }, {}),
      'found the name "otlp", expected another name: otlp is what is sent to this server',
    ],
    [
      prometheus({ url: 'https://me:hunter2@prometheus.example' }),
      'spec.sources.prom.prometheus.url: found a URL with a user or password in it, expected a URL without them',
    ],
    [
      prometheus({ url: 'https://prometheus.example/?token=1' }),
      'spec.sources.prom.prometheus.url: found the text "https://prometheus.example/?token=1", expected a URL without a query or fragment: the API has paths of its own',
    ],
    [
      prometheus({ url: 'http://prometheus.example', secret: 'prom' }),
      'spec.sources.prom.prometheus.url: found http://prometheus.example, expected a URL that starts with https://, because a secret goes with it',
    ],
    [
      service(SOURCES, { up: { counter: 'up_total', as: 'counter' } }),
      'spec.metrics.up.as: found the text "counter", expected a field that goes with counter: counter',
    ],
  ] as const;
  for (const [read, expected] of mistakes) {
    it(`says: ${expected.slice(0, 80)}`, () => {
      assert.ok(!read.ok);
      assert.ok(
        read.error.some((problem) => problem.says.includes(expected)),
        JSON.stringify(read.error, null, 1),
      );
    });
  }

  it('are never repeated with the password that stood in one', () => {
    const read = prometheus({ url: 'https://me:hunter2@prometheus.example' });
    assert.ok(!JSON.stringify(read).includes('hunter2'));
  });
});
