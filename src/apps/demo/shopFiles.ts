import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { DemoDirectory } from './demoDirectory.ts';
import type { Instance } from './fleetLayout.ts';
import { EXAMPLES } from './programs.ts';

/** The files of one shop and of the agent beside it. */
export interface ShopFiles {
  readonly folder: string;
  /** The slot's file: what the shop runs with. */
  readonly config: string;
  readonly pidFile: string;
  readonly portFile: string;
  /** The Agent manifest. */
  readonly agentConfig: string;
  /** Where the agent keeps its identity, journal and revisions. */
  readonly agentState: string;
}

export function shopFiles(directory: DemoDirectory, name: string): ShopFiles {
  const folder = join(directory.targets, name);
  return {
    folder,
    config: join(folder, 'shop.json'),
    pidFile: join(folder, 'shop.pid'),
    portFile: join(folder, 'shop.port'),
    agentConfig: join(folder, 'agent.yaml'),
    agentState: join(folder, 'state'),
  };
}

/** What every shop holds before anything is rolled out. */
export const BASELINE = join(EXAMPLES, 'shop.json');

export function layOutShop(files: ShopFiles): void {
  mkdirSync(files.folder, { recursive: true });
  copyFileSync(BASELINE, files.config);
}

/** The port the shop listens on, `null` until it does. */
export function shopPort(files: ShopFiles): number | null {
  try {
    readFileSync(files.pidFile);
    return Number(readFileSync(files.portFile, 'utf8'));
  } catch {
    return null;
  }
}

/** Writes the agent's own file, as one would by hand for a service on this machine. */
export function writeAgentConfig(
  files: ShopFiles,
  { name, role, ring, region }: Instance,
  { port, opamp, tokenFile }: { readonly port: number; readonly opamp: string; readonly tokenFile: string },
): void {
  const shop = `http://127.0.0.1:${port}`;
  const manifest = {
    apiVersion: 'ringfence.dev/v1',
    kind: 'Agent',
    metadata: { name },
    spec: {
      server: opamp,
      tokenFile,
      directory: './state',
      service: 'shop',
      role,
      labels: { ring, region },
      // Whatever a server says: this target does not go first.
      ...(ring !== 'canary' && { guard: { neverFirst: true } }),
      slots: {
        'config/shop': {
          file: './shop.json',
          reload: { signal: 'SIGHUP', pidFile: './shop.pid' },
          // Not the file: what the running process says it holds.
          verify: { http: { url: `${shop}/config`, sha256Field: 'digest' }, within: '10s' },
        },
      },
      checks: [
        { name: 'alive', http: { url: `${shop}/healthz`, status: 200 }, every: '2s', timeout: '2s', failures: 3 },
      ],
      metrics: { url: `${shop}/metrics`, every: '1s' },
    },
  };
  writeFileSync(
    files.agentConfig,
    `# The agent beside ${name}. Nothing in here can be changed from the server.\n${stringify(manifest)}`,
  );
}

/** `sha256:…` of a file as it stands on the disk now, `null` when there is none. */
export function fileDigest(path: string): string | null {
  try {
    return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  } catch {
    return null;
  }
}

/** What is otherwise in the second configuration: `resultsPerPage 10 → 20`. */
export function configDifference(before: string, after: string): string {
  const [old, present] = [before, after].map(
    (file) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>,
  );
  return Object.entries(present ?? {})
    .filter(([name, value]) => old?.[name] !== value)
    .map(([name, value]) => `${name} ${old?.[name]} → ${value}`)
    .join(', ');
}

/** Digests of every file under a folder: what a target has ever been given a copy of, and keeps. */
export function digestsUnder(folder: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const digest = entry.isFile() ? fileDigest(join(entry.parentPath, entry.name)) : null;
    if (digest !== null) found.add(digest);
  }
  return found;
}
