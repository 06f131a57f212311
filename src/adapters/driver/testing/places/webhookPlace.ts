import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WebhookSlot } from '../../../../wire/manifest/slot/webhookSlot.ts';
import { revisionOf } from '../../contract/driverProofs.ts';
import type { MakePlace } from '../../contract/kindPlace.ts';
import type { DriverTools } from '../../driverTools.ts';
import { webhookDriver } from '../../webhook.ts';
import { SECRET, WebhookSystem } from '../webhookSystem.ts';

/** `held`: it was rolled out to before; else it never was. */
export function webhookPlace({ held }: { readonly held: boolean }): (tools: DriverTools) => MakePlace {
  return (tools) => async (folder) => {
    const system = new WebhookSystem();
    if (held) {
      system.bytes = Buffer.from('replicas = 1');
      system.held = revisionOf(system.bytes).content as never;
    }
    const secretFile = join(folder, 'webhook.secret');
    await writeFile(secretFile, SECRET);
    const spec: WebhookSlot = {
      kind: 'webhook',
      url: await system.listen(),
      secretFile,
      timeoutMs: 2_000,
      withinMs: 10_000,
      pollEveryMs: 100,
      callback: null,
      watchForMs: 0,
    };
    return {
      source: { slot: 'webhook/deploy', spec, target: tools.target() },
      driver: () => webhookDriver(spec, tools),
      revisions: [Buffer.from('replicas = 2'), Buffer.from([0xff, 0x00, 0x80])],
      effect: async () => {
        await system.idle();
        return `${system.held} ${system.bytes?.toString('base64')}`;
      },
      spoil: async () => {
        system.bytes = Buffer.from('by hand');
        system.held = revisionOf(system.bytes).content as never;
      },
      litter: () => readdir(folder),
      close: () => system.close(),
    };
  };
}
