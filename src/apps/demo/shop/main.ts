// The shop: the service that the demo changes. An ordinary one: it knows nothing of Ringfence.
//
//   node main.ts --role web|api --config FILE [--port N] [--port-file FILE] [--pid-file FILE] [--name NAME] [--seed N]
//
// SIGHUP makes it read its configuration file again. A file it cannot use is said in its log and changes nothing.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { SHOP_ROLES } from './routes.ts';
import { seededRandom } from './seededRandom.ts';
import { loadShopConfig } from './shopConfig.ts';
import { Shop } from './shopServer.ts';
import { Supplier } from './supplier.ts';

const { values } = parseArgs({
  options: {
    role: { type: 'string', default: '' },
    config: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
    'port-file': { type: 'string' },
    'pid-file': { type: 'string' },
    name: { type: 'string', default: 'shop' },
    seed: { type: 'string', default: '1' },
  },
});

const role = SHOP_ROLES.find((known) => known === values.role);
if (role === undefined) fail(`--role: expected ${SHOP_ROLES.join(' or ')}, found "${values.role}"`);
const configFile = values.config;
if (configFile === '') fail('--config FILE is missing');

const shop = new Shop(role, values.name, readConfig(), new Supplier(seededRandom(Number(values.seed))));
say(`${values.name} (${role}) starts with ${configFile}`);

process.on('SIGHUP', () => {
  try {
    const loaded = loadShopConfig(readFileSync(configFile));
    shop.configure(loaded);
    say(`SIGHUP: ${loaded.digest} is in force: ${JSON.stringify(loaded.config)}`);
  } catch (error) {
    shop.refuseConfig();
    say(`SIGHUP: ${configFile} cannot be used, the old configuration stays in force: ${messageOf(error)}`);
  }
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
process.on('exit', () => {
  if (values['pid-file'] !== undefined) rmSync(values['pid-file'], { force: true });
});

shop.server.on('error', (error) => fail(`cannot listen on 127.0.0.1:${values.port}: ${error.message}`));
shop.server.listen(Number(values.port), '127.0.0.1', () => {
  const { port } = shop.server.address() as AddressInfo;
  // The process id last: whoever finds it may signal at once.
  if (values['port-file'] !== undefined) writeFileSync(values['port-file'], `${port}\n`);
  if (values['pid-file'] !== undefined) writeFileSync(values['pid-file'], `${process.pid}\n`);
  say(`listening on http://127.0.0.1:${port}`);
  // Where NODE_COMPILE_CACHE is set, the next shop need not compile what this one has.
  flushCompileCache();
});

function readConfig(): ReturnType<typeof loadShopConfig> {
  try {
    return loadShopConfig(readFileSync(configFile));
  } catch (error) {
    return fail(`${configFile}: ${messageOf(error)}`);
  }
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}

function fail(text: string): never {
  process.stderr.write(`shop: ${text}\n`);
  process.exit(1);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
