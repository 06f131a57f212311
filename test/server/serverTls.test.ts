import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { startServerProcess, temporaryFolder } from './serverProcess.ts';

interface Identity {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate for this machine that only this test trusts; `null` where there is no openssl to make it. */
function makeIdentity(folder: string, name: string): Identity | null {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  try {
    execFileSync('openssl', ['req', '-x509', '-days', '1', ...key, ...subject, '-out', certFile], { stdio: 'ignore' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return { certFile, keyFile };
}

function needsOpenssl(t: TestContext, folder: string, name: string): Identity {
  const identity = makeIdentity(folder, name);
  if (identity === null) t.skip('there is no openssl here to make a certificate with');
  return identity ?? { certFile: '', keyFile: '' };
}

function getSecurely(url: string, ca: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('with a certificate both listeners speak TLS, on every address', async (t) => {
  const folder = temporaryFolder(t);
  const { certFile, keyFile } = needsOpenssl(t, folder, 'server');
  if (certFile === '') return;
  const ca = readFileSync(certFile);
  const everywhere = ['--http', '0.0.0.0:0', '--opamp', '0.0.0.0:0'];
  const server = startServerProcess(
    t,
    join(folder, 'data'),
    '--tls-cert',
    certFile,
    '--tls-key',
    keyFile,
    ...everywhere,
  );
  const { http, opamp } = await server.ready();
  assert.match(http, /^https:/);
  assert.match(opamp, /^wss:/);
  const port = (url: string) => Number(new URL(url).port);
  assert.equal(await getSecurely(`https://127.0.0.1:${port(http)}/healthz`, ca), 200);
  await assert.rejects(fetch(`http://127.0.0.1:${port(http)}/healthz`), 'without TLS there is nothing');
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: port(opamp), ca, servername: 'localhost' }, () => {
      socket.destroy();
      resolve();
    }).on('error', reject);
  });

  const open = startServerProcess(
    t,
    join(folder, 'more'),
    '--tls-cert',
    certFile,
    '--tls-key',
    keyFile,
    ...everywhere,
    '--anonymous-viewer',
  );
  assert.equal(await open.ended(), 1);
  assert.match(open.stderr(), /--anonymous-viewer would let anyone/);
});

test('a certificate that cannot be used is said at the start', async (t) => {
  const folder = temporaryFolder(t);
  const one = needsOpenssl(t, folder, 'one');
  const other = needsOpenssl(t, folder, 'other');
  if (one.certFile === '') return;
  const refused = async (cert: string, key: string, says: RegExp) => {
    const server = startServerProcess(t, join(folder, 'data'), '--tls-cert', cert, '--tls-key', key);
    assert.equal(await server.ended(), 1);
    assert.match(server.stderr(), says);
    assert.doesNotMatch(server.stderr(), /\n\s+at /);
  };
  const text = join(folder, 'text');
  writeFileSync(text, 'hello');
  await refused(one.certFile, other.keyFile, /not a certificate and its private key/);
  await refused(text, one.keyFile, /not a certificate and its private key/);
  await refused(join(folder, 'nowhere'), one.keyFile, /cannot read .*nowhere \(--tls-cert\)/);
});
