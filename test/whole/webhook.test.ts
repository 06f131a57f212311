import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../http/apiUnderTest.ts';
import { RingStand } from './ringStand.ts';

/* A system that rolls out by itself, through whole rollouts: a real server, real agents, and the example that users start from. */

const EXAMPLE = fileURLToPath(new URL('../../examples/webhook', import.meta.url));
const SECRET = `whsec_${Buffer.from('known to both sides, 32 bytes or more').toString('base64')}`;

/** The example's receiver with the example's command, as the guide starts it. */
async function startReceiver(
  t: TestContext,
  folder: string,
  port = '0',
): Promise<{ url: string; child: ChildProcess }> {
  writeFileSync(join(folder, 'webhook.secret'), `${SECRET}\n`);
  const args = ['--listen', `127.0.0.1:${port}`, '--secret', './webhook.secret', '--state', './jobs'];
  const child = spawn(process.execPath, [join(EXAMPLE, 'receiver.mjs'), ...args, '--', join(EXAMPLE, 'deploy.sh')], {
    cwd: folder,
    env: { ...process.env, DEPLOY_DIR: join(folder, 'deployed') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let written = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    written += text;
  });
  const url = await until('the receiver to listen', () => /listens on (\S+)/.exec(written)?.[1]);
  return { url, child };
}

test('Terraform, Ansible or a CI job: forward through every ring, and back, by webhooks', {
  timeout: 180_000,
}, async (t) => {
  const stand = new RingStand(t);
  const { url, child } = await startReceiver(t, stand.folder);
  const secretFile = join(stand.folder, 'webhook.secret');
  const slot = { url, secretFile, within: '20s', poll: '100ms', watchFor: '1s' };
  await stand.prepare({ 'webhook/deploy': {} }, () => ({ 'webhook/deploy': slot }));
  const deployed = () =>
    RingStand.RINGS.map((ring) => {
      const file = join(stand.folder, 'deployed', `shop-${ring}.params`);
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    });

  assert.equal(await stand.ended(await stand.roll('two', { 'webhook/deploy': 'replicas = 2' })), 'completed');
  assert.deepEqual(deployed(), ['replicas = 2', 'replicas = 2']);

  await t.test('what the system cannot do takes the whole rollout back, in its own words', async () => {
    const id = await stand.roll('impossible', { 'webhook/deploy': 'replicas = impossible' });
    assert.equal(await stand.ended(id), 'rolledBack');
    assert.deepEqual(deployed(), ['replicas = 2', 'replicas = 2']);
    const { body } = await stand.call('GET', `/v1/rollouts/${id}`);
    assert.match(JSON.stringify(body), /these parameters are impossible/);
  });

  await t.test(
    'a rollback that a person orders is a call like every other, also when the receiver was killed',
    async () => {
      const id = await stand.roll('three', { 'webhook/deploy': 'replicas = 3' });
      await until('the canary to have it', () => deployed()[0] === 'replicas = 3');
      child.kill('SIGKILL');
      const { status } = await stand.call('POST', `/v1/rollouts/${id}/rollback`, { reason: 'two will do' });
      assert.equal(status, 200);
      await startReceiver(t, stand.folder, new URL(url).port);
      assert.equal(await stand.ended(id), 'rolledBack');
      assert.deepEqual(deployed(), ['replicas = 2', 'replicas = 2']);
    },
  );
});
