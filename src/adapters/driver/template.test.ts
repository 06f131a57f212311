import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { driverTools } from '../../../test/support/driverTools.ts';
import type { Content } from '../../core/agent/slot.ts';
import type { TemplateFacts } from '../../core/topology/labelTemplate.ts';
import { DriverError } from '../../engine/ports/driver.ts';
import type { TemplateSlot } from '../../wire/manifest/slot/templateSlot.ts';
import { forward, revisionOf } from './contract/driverProofs.ts';
import { templateDriver } from './template.ts';
import { PLAIN_FILE } from './testing/places/configPlace.ts';
import { PLACE_TARGET } from './testing/places/placeTarget.ts';
import { startTinyService } from './testing/startTinyService.ts';

const SIGNAL = new AbortController().signal;
const KEPT: ReadonlySet<Content> = new Set();

function place(test: TestContext, rest: Partial<TemplateSlot> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-template-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'shop.json');
  writeFileSync(file, '{}');
  const facts: { now: TemplateFacts } = { now: PLACE_TARGET };
  const tools = driverTools(() => facts.now);
  const driver = (more: Partial<TemplateSlot> = {}) =>
    templateDriver({ ...PLAIN_FILE, kind: 'template', file, ...rest, ...more }, tools);
  return { folder, file, facts, driver };
}

const failsWith = (code: string, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DriverError, String(error));
  assert.deepEqual([error.code, error.touched], [code, false]);
  assert.match(error.message, says);
  return true;
};

describe('template: a file filled in on the target', () => {
  it('holds what the template comes to here, and is known by the template', async (test) => {
    const at = place(test);
    const next = revisionOf(Buffer.from('{ "region": "{{ labels.region }}", "me": "{{ target.name }}" }'));
    await forward(at.driver(), next, await at.driver().read(SIGNAL));
    assert.equal(readFileSync(at.file, 'utf8'), '{ "region": "eu", "me": "shop-eu-1" }');
    assert.equal((await at.driver().read(SIGNAL)).content, next.content);
  });

  it('law 16: a label that is missing is said before anything moves', async (test) => {
    const at = place(test);
    const next = revisionOf(Buffer.from('{{ labels.zone }} {{ labels.rack }}'));
    await assert.rejects(
      at.driver().prepare(next, await at.driver().read(SIGNAL), SIGNAL),
      failsWith(
        'prepare-failed',
        /needs labels that this target does not have: rack, zone; give them in the agent's file/,
      ),
    );
    assert.deepEqual(readdirSync(at.folder), ['shop.json']);
  });

  it('what cannot be read as a template is refused, with the place', async (test) => {
    const at = place(test);
    const back = await at.driver().read(SIGNAL);
    for (const [bytes, says] of [
      [Buffer.from('a\n{{ region }}'), /line 2: found "\{\{ region }}"/],
      [Buffer.from([0xff, 0x00]), /it is not UTF-8 text/],
    ] as const)
      await assert.rejects(at.driver().prepare(revisionOf(bytes), back, SIGNAL), failsWith('prepare-failed', says));
  });

  it('law 7: what the service says it holds is compared with what the template comes to, on the way back too', async (test) => {
    const at = place(test);
    const pidFile = join(at.folder, 'shop.pid');
    const service = await startTinyService(at.file, pidFile);
    test.after(() => service.kill());
    const driver = at.driver({
      reload: { kind: 'signal', signal: 'SIGHUP', pidFile },
      verify: { kind: 'http', url: `${service.url}/config`, sha256Field: 'held.digest', withinMs: 5_000 },
    });
    const next = revisionOf(Buffer.from('{ "region": "{{ labels.region }}" }'));
    const back = await driver.read(SIGNAL);
    await driver.prepare(next, back, SIGNAL);
    await driver.apply(next, back.content, SIGNAL);
    assert.equal(await driver.verify(next, SIGNAL), 'http');
    const { held } = (await (await fetch(`${service.url}/config`)).json()) as { held: { digest: string } };
    assert.equal(held.digest, createHash('sha256').update('{ "region": "eu" }').digest('hex'));
    assert.equal(await driver.undo(back, next.content, SIGNAL, 'reload'), 'http');
  });

  it('a target that was given other labels holds what nobody ordered', async (test) => {
    const at = place(test);
    const next = revisionOf(Buffer.from('{{ labels.region }}'));
    await forward(at.driver(), next, await at.driver().read(SIGNAL));
    at.facts.now = { ...PLACE_TARGET, labels: { region: 'us' } };
    const found = await at.driver().read(SIGNAL);
    assert.notEqual(found.content, next.content);
    assert.equal(Buffer.from(found.bytes ?? []).toString(), 'eu');
    await at.driver().undo(next, null, SIGNAL, 'reload');
    assert.equal(readFileSync(at.file, 'utf8'), 'us');
  });

  it('a baseline that was filled in before is filled in again; one that was not stays as it was', async (test) => {
    const at = place(test);
    const [first, second] = ['one {{ labels.region }}', 'two {{ labels.region }}'].map((text) =>
      revisionOf(Buffer.from(text)),
    );
    assert.ok(first && second);
    await forward(at.driver(), first, await at.driver().read(SIGNAL));
    // As a new agent finds it, whose directory was lost.
    const baseline = await at.driver().read(SIGNAL);
    await forward(at.driver(), second, baseline);
    await at.driver().tidy(null, KEPT);
    const kept = { content: baseline.content, bytes: baseline.bytes, attributes: baseline.attributes };
    await at.driver().undo(kept, second.content, SIGNAL, 'reload');
    assert.equal(readFileSync(at.file, 'utf8'), 'one eu');
  });
});
