import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Program {
  readonly file: string;
  readonly debianPackage: string;
  readonly config: string;
  readonly args: (folder: string, config: string, listen: string) => readonly string[];
}

const PROMETHEUS = {
  file: '/usr/bin/prometheus',
  debianPackage: 'prometheus',
  args: (folder: string, config: string, listen: string) => [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    // Alerts that it could not tell yet are told again at once, not in a minute.
    '--rules.alert.resend-delay=1s',
    `--web.listen-address=${listen}`,
  ],
};
const ALERTMANAGER = {
  file: '/usr/bin/prometheus-alertmanager',
  debianPackage: 'prometheus-alertmanager',
  args: (folder: string, config: string, listen: string) => [
    `--config.file=${config}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${listen}`,
    '--cluster.listen-address=',
  ],
};

/** Why tests that need it are left out; `false`: it is there, or must be. */
export const withoutPrometheus = missing(PROMETHEUS);
export const withoutAlertmanager = missing(ALERTMANAGER);

function missing({ file, debianPackage }: Pick<Program, 'file' | 'debianPackage'>): string | false {
  try {
    accessSync(file, constants.X_OK);
    return false;
  } catch {
    const says = `there is no ${file}: apt-get install ${debianPackage}`;
    if (process.env.CI === 'true') throw new Error(says);
    return says;
  }
}

/** A server that others wrote, as a process of its own on loopback, with a folder of its own. */
export interface RealServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** Ends it hard, and waits for that. */
  kill(): Promise<void>;
  /** Starts it again at the same address on the same data, with another configuration if one is given. */
  restart(config?: string): Promise<void>;
  /** Ends it for good and removes its folder. */
  remove(): Promise<void>;
}

/** Scrapes `targets` (address by instance name) five times a second. */
export function prometheusConfig(targets: Readonly<Record<string, string>>): string {
  const statics = Object.entries(targets).map(([instance, address]) => ({ targets: [address], labels: { instance } }));
  return JSON.stringify({
    global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
    scrape_configs: statics.length === 0 ? [] : [{ job_name: 'shop', static_configs: statics }],
  });
}

/** `features`: what it is to do beside what it does unasked. */
export function startPrometheus(config: string, features: readonly string[] = []): Promise<RealServer> {
  const args: Program['args'] = (...given) => [
    ...PROMETHEUS.args(...given),
    ...features.map((feature) => `--enable-feature=${feature}`),
  ];
  return start({ ...PROMETHEUS, args, config });
}

export function startAlertmanager(config: object): Promise<RealServer> {
  return start({ ...ALERTMANAGER, config: JSON.stringify(config) });
}

async function start(program: Program): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-source-'));
  // JSON is YAML.
  const configFile = join(folder, 'config.yml');
  let config = program.config;
  const launch = async (listen: string) => {
    writeFileSync(configFile, config);
    const child = spawn(program.file, program.args(folder, configFile, listen), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return { child, address: await listeningAt(child) };
  };
  let { child, address } = await launch('127.0.0.1:0');
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url: `http://${address}`,
    get child() {
      return child;
    },
    kill,
    async restart(other = config) {
      await kill();
      config = other;
      ({ child, address } = await launch(address));
      await until('it to be ready', async () => (await fetch(`http://${address}/-/ready`)).ok);
    },
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listeningAt(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let written = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      // What comes later is read as well, so that it is never blocked on a full pipe, and kept no more.
      if (written.length < 100_000) written += text;
      const address = /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(written)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${written}`)));
  });
}

/** Waits for a condition, as long as a slow machine may need for it. What throws does not hold yet. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  failed: () => unknown = () => '',
): Promise<T> {
  const bound = Date.now() + 30_000;
  for (;;) {
    const found = await Promise.resolve()
      .then(probe)
      .catch(() => undefined);
    if (found !== undefined && found !== false) return found;
    if (Date.now() > bound) throw new Error(`waited 30 s in vain: ${what} ${JSON.stringify(await failed())}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
