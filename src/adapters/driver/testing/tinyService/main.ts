// A small service for tests: reads one file at its start and again on SIGHUP or POST /reload, and does what the file says.
//
//   node main.ts CONFIG_FILE PID_FILE
//
// Prints its port when it listens. The file is JSON; members it heeds, all optional:
//   dies: true      ends as soon as it has read this
//   hangs: true     answers nothing any more
//   sick: true      /health says 500
//   deaf: true      never reads its file again
//   fails: N        every N-th /work says 500
// GET /config says which bytes it holds; /work is counted in /metrics. No file is like an empty one.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface TinyConfig {
  readonly dies?: boolean;
  readonly hangs?: boolean;
  readonly sick?: boolean;
  readonly deaf?: boolean;
  readonly fails?: number;
}

const [configFile = '', pidFile = ''] = process.argv.slice(2);
const started = Date.now() / 1000;
const answered = new Map<number, number>();
let config: TinyConfig = {};
let digest: string | null = null;
let reads = 0;

/** `null`: there is no such file, or it has just gone. */
function bytesOf(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function readConfig(): void {
  if (config.deaf === true) return;
  reads++;
  const bytes = bytesOf(configFile);
  digest = bytes === null ? null : createHash('sha256').update(bytes).digest('hex');
  try {
    config = bytes === null ? {} : JSON.parse(bytes.toString('utf8'));
  } catch {
    config = {};
  }
  if (config.dies === true) process.exit(3);
}

const server = createServer((request, response) => {
  if (config.hangs === true) return;
  if (request.url === '/reload') readConfig();
  switch (request.url) {
    case '/config':
      response.end(JSON.stringify({ held: { digest }, reads }));
      return;
    case '/health':
      response.statusCode = config.sick === true ? 500 : 200;
      response.end();
      return;
    case '/work': {
      const total = [...answered.values()].reduce((sum, count) => sum + count, 0) + 1;
      const code = config.fails !== undefined && total % config.fails === 0 ? 500 : 200;
      answered.set(code, (answered.get(code) ?? 0) + 1);
      response.statusCode = code;
      response.end();
      return;
    }
    case '/metrics':
      response.end(
        `# TYPE requests_total counter\n${[...answered].map(([code, count]) => `requests_total{code="${code}"} ${count}\n`).join('')}` +
          `# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds ${started}\n`,
      );
      return;
    default:
      response.end();
  }
});

readConfig();
process.on('SIGHUP', readConfig);
// Whoever started it holds the other end of its standard input: it never outlives a test.
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
server.listen(Number(process.env.TINY_PORT ?? 0), '127.0.0.1', () => {
  writeFileSync(pidFile, `${process.pid}\n`);
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
