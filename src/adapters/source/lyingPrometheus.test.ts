import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { askSources, type SourceUnderTest } from '../../../test/support/sourceUnderTest.ts';
import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { SourceAddress } from '../../core/topology/metricSource.ts';
import { json, type Lie, type LyingServer, startLyingServer, vector } from './testing/lyingServer.ts';
import { until } from './testing/realServer.ts';

const LOAD = { query: 'shop_load', source: 'prom', target: 'instance' } as const;
const WELL = vector({ 'shop-1': '1', 'shop-2': '2' });
const text =
  (body: string, type = 'text/html', status = 200): Lie =>
  (response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  };
const success = (data: unknown, more: object = {}) => json({ status: 'success', data, ...more });
const series = (metric: unknown, value: unknown) => ({ resultType: 'vector', result: [{ metric, value }] });
const seconds = () => Date.now() / 1000;

const LIES: readonly (readonly [what: string, lie: Lie, code: MetricFault['code'], says: RegExp])[] = [
  [
    'a login page of a proxy',
    text('<html>sign in</html>'),
    'source-error',
    /with status 200 and what is not JSON \(text\/html\): see that the URL is that of Prometheus itself/,
  ],
  [
    'a gateway that finds nobody',
    text('<h1>Bad gateway', 'text/html; charset=utf-8', 502),
    'source-error',
    /status 502 and what is not JSON \(text\/html\)/,
  ],
  ['nothing', text('', 'application/json'), 'source-error', /what is not JSON \(application\/json\)/],
  ['half a JSON', text('{"status":"success","data":{"resu', 'application/json'), 'source-error', /what is not JSON/],
  ['JSON of somebody else', json({ hello: 1 }), 'source-error', /status 200 and JSON that is no answer to a query/],
  ['a list', json([]), 'source-error', /what is not JSON|no answer to a query/],
  [
    'an error with success',
    json({ status: 'error', errorType: 'execution', error: 'too\nmany\u001b[2J samples' }),
    'source-error',
    /answers with an error \(execution: too many \[2J samples\)/,
  ],
  [
    'an error',
    json({ status: 'error', errorType: 'unavailable', error: 'starting up' }, 503),
    'source-error',
    /an error \(unavailable: starting up\)/,
  ],
  [
    'success with a bad status',
    json({ status: 'success', data: series({ instance: 'shop-1' }, [seconds(), '1']) }, 500),
    'source-error',
    /status 500 and JSON that is no answer/,
  ],
  [
    'a part of the answer',
    vector({ 'shop-1': '1' }, 0, 0, { warnings: ['store 3 of 4 could not be asked'] }),
    'source-error',
    /warns that its answer may not be the whole one \(store 3 of 4 could not be asked\): it is not taken/,
  ],
  [
    'a type of its own',
    success({ resultType: 'tensor', result: [] }),
    'source-error',
    /something else than series \(tensor\)/,
  ],
  ['no type', success({ result: [] }), 'source-error', /something else than series \(nothing\)/],
  [
    'a number that is none',
    success(series({ instance: 'shop-1' }, [seconds(), '1e'])),
    'source-error',
    /a series that cannot be read/,
  ],
  [
    'a number without quotes',
    success(series({ instance: 'shop-1' }, [seconds(), 1])),
    'source-error',
    /a series that cannot be read/,
  ],
  [
    'a time that is none',
    success(series({ instance: 'shop-1' }, ['now', '1'])),
    'source-error',
    /a series that cannot be read/,
  ],
  ['a series without labels', success(series(null, [seconds(), '1'])), 'source-error', /a series that cannot be read/],
  [
    'a series that is null',
    success({ resultType: 'vector', result: [null] }),
    'source-error',
    /a series that cannot be read/,
  ],
  [
    'a native histogram',
    success({
      resultType: 'vector',
      result: [{ metric: { instance: 'shop-1' }, histogram: [seconds(), { count: '1' }] }],
    }),
    'source-error',
    /answers the query with histograms/,
  ],
  [
    'times that differ',
    success({
      resultType: 'vector',
      result: [
        { metric: { instance: 'shop-1' }, value: [seconds(), '1'] },
        { metric: { instance: 'shop-2' }, value: [seconds() - 1, '1'] },
      ],
    }),
    'source-error',
    /series of different times/,
  ],
  ['infinity', vector({ 'shop-1': '+Inf' }), 'source-error', /answers with Infinity for the target shop-1/],
  [
    'a number beyond all numbers',
    vector({ 'shop-1': '1e999' }),
    'source-error',
    /answers with Infinity for the target shop-1/,
  ],
  [
    'too many series',
    (response) =>
      success({ resultType: 'vector', result: Array.from({ length: 50_001 }, () => 0) })(
        response,
        new URLSearchParams(),
        {} as never,
      ),
    'source-error',
    /with 50001 series, and at most 50000 are read/,
  ],
  [
    'an answer without end',
    (response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    },
    'source-error',
    /answers with more than 8388608 bytes, which are not read/,
  ],
  [
    'a clock ahead',
    vector({ 'shop-1': '1' }, 90_000),
    'clock-skew',
    /the clock of Prometheus at \S+ is 1m\d+s ahead of ours: set both clocks by NTP/,
  ],
  [
    'a clock behind, or a cache',
    vector({ 'shop-1': '1' }, -3_600_000),
    'clock-skew',
    /is (1h|59m59s|59m58s)\S* behind ours/,
  ],
  [
    'samples of an hour ago',
    vector({ 'shop-1': '1' }, 0, 3_600_000),
    'source-slow',
    /samples that are 1h old, and what is older than 45s is not the present/,
  ],
  ['nothing at all', () => {}, 'source-slow', /has not answered within \d+ms/],
  [
    'half an answer, and silence',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"status"');
    },
    'source-slow',
    /has not answered within \d+ms/,
  ],
  [
    'half an answer, and the end',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"status"');
      setTimeout(() => response.destroy(), 10);
    },
    'source-down',
    /cannot be reached \(aborted\)/,
  ],
  [
    'the end',
    (response) => {
      response.destroy();
    },
    'source-down',
    /cannot be reached \(socket hang up\)/,
  ],
  ['a locked door', json({}, 401), 'source-error', /does not let this server in \(401\): give the source a secret/],
  ['a door that is not ours', json({}, 403), 'source-error', /does not let this server in \(403\)/],
];

const ask = (address: SourceAddress, more: object = {}) =>
  askSources({ sources: { prom: { prometheus: address } }, metrics: { load: LOAD }, ...more });
const faultIn = (asked: SourceUnderTest, code: string) =>
  until(
    `it to be ${code}`,
    () => asked.faults.get('load')?.code === code && asked.faults.get('load'),
    () => asked.views(),
  );

describe('what answers in the place of a Prometheus is never believed', { concurrency: 8 }, () => {
  for (const [what, lie, code, says] of LIES) {
    it(what, async () => {
      const server = await startLyingServer(lie);
      const asked = ask({ url: server.url });
      try {
        assert.match((await faultIn(asked, code)).says, says);
        assert.deepEqual(asked.measured('shop-1', 'load'), []);
        server.answer(WELL);
        const believed = () => asked.sum('shop-1', 'load') > 0 && asked.faults.size === 0;
        await until('it to be believed when it tells the truth', believed, () => asked.views());
      } finally {
        await asked.close();
        await server.close();
      }
    });
  }
});

describe('whatever answers in the place of a Prometheus', () => {
  let server: LyingServer;
  let asked: SourceUnderTest;
  const fault = (code: string) => faultIn(asked, code);

  before(async () => {
    server = await startLyingServer(WELL);
  });
  after(() => server.close());

  it('is not believed when its clock goes back, although not far', async () => {
    server.answer(WELL);
    asked = ask({ url: server.url });
    try {
      await until('a first answer', () => asked.sum('shop-1', 'load') > 0);
      server.answer(vector({ 'shop-1': '1' }, -3_500));
      assert.match(
        (await fault('clock-skew')).says,
        /the clock of Prometheus at \S+ has gone back by \S+: set it by NTP/,
      );
    } finally {
      await asked.close();
    }
  });

  it('is held to its clock also when it has no series', async () => {
    const date = new Date(Date.now() + 600_000).toUTCString();
    server.answer(json({ status: 'success', data: { resultType: 'vector', result: [] } }, 200, { date }));
    asked = ask({ url: server.url });
    try {
      assert.match((await fault('clock-skew')).says, /ahead of ours/);
    } finally {
      await asked.close();
    }
  });

  it('is told a secret in one header, and nobody else is', async () => {
    const elsewhere = await startLyingServer(WELL);
    server.answer((response) => {
      response.writeHead(307, { location: elsewhere.url });
      response.end();
    });
    const secret = 'hunter2hunter2';
    asked = ask({ url: `${server.url}/base/`, secret: 'prom' }, { secrets: { prom: secret } });
    try {
      assert.match((await fault('source-error')).says, /answers with a redirect \(307\), which is not followed/);
      assert.deepEqual(elsewhere.asked, []);
      const [first] = server.asked.slice(-1);
      assert.deepEqual([first?.path, first?.authorization], ['/base/api/v1/query', `Bearer ${secret}`]);
      assert.ok(!first?.body.includes(secret));
      server.answer(json({ status: 'error', errorType: 'auth', error: `who is ${secret}?` }, 500));
      await until(
        'its words',
        () => asked.faults.get('load')?.says.includes('who is (hidden)?'),
        () => asked.views(),
      );
      assert.ok(!JSON.stringify([asked.views(), asked.logged]).includes(secret));
    } finally {
      await asked.close();
      await elsewhere.close();
    }
  });

  it('is never asked again before it has answered or was given up, however slow it is', async () => {
    let underway = 0;
    let most = 0;
    server.answer((response, ...rest) => {
      most = Math.max(most, ++underway);
      response.on('close', () => underway--);
      // The first of two questions has its answer in time, and the second has none left.
      setTimeout(() => WELL(response, ...rest), 500);
    });
    asked = ask({ url: server.url });
    try {
      await fault('source-slow');
      const before = server.asked.length;
      await until('some more rounds', () => server.asked.length >= before + 6);
      assert.equal(most, 1);
      assert.deepEqual(asked.measured('shop-1', 'load'), []);
    } finally {
      await asked.close();
    }
  });

  it('is told a user and a password as such', async () => {
    server.answer(WELL);
    asked = ask({ url: server.url, secret: 'prom' }, { secrets: { prom: 'ringfence:pass word' } });
    try {
      await until('an answer', () => asked.sum('shop-1', 'load') > 0);
      const sent = server.asked.at(-1)?.authorization;
      assert.equal(sent, `Basic ${Buffer.from('ringfence:pass word').toString('base64')}`);
    } finally {
      await asked.close();
    }
  });

  it('is not asked without the secret that it is to be asked with', async () => {
    const before = server.asked.length;
    asked = ask({ url: server.url, secret: 'prom' });
    try {
      assert.equal(
        (await fault('source-error')).says,
        'this server was started without the secret "prom" of the source: start it with --source-secret prom=FILE',
      );
      assert.equal(server.asked.length, before);
    } finally {
      await asked.close();
    }
  });

  it('is not believed when nobody vouches for its certificate, nor told a secret', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-source-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const options = [
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
    ];
    execFileSync('openssl', ['req', '-x509', ...options], { stdio: 'ignore' });
    let requests = 0;
    const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, () => {
      requests++;
    });
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    asked = ask(
      { url: `https://127.0.0.1:${(tls.address() as AddressInfo).port}`, secret: 'prom' },
      { secrets: { prom: 'x' } },
    );
    try {
      assert.match(
        (await fault('source-error')).says,
        /has a certificate that is not trusted \(self-signed certificate\): give it/,
      );
      assert.equal(requests, 0);
    } finally {
      await asked.close();
      tls.close();
    }
  });

  it('need not even speak HTTP', async () => {
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.end('220 mail.example ESMTP\r\n');
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    asked = ask({ url: `http://127.0.0.1:${(tcp.address() as AddressInfo).port}` });
    try {
      assert.match((await fault('source-error')).says, /does not answer as a web server does \(HPE_\w+\)/);
    } finally {
      await asked.close();
      tcp.close();
    }
  });
});
