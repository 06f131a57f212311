import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** nginx is not on everybody's PATH. */
export const NGINX = '/usr/sbin/nginx';

export interface RunningNginx {
  readonly pidFile: string;
  stop(): Promise<void>;
}

/** What a configuration has to begin with to run in a folder of its own, as the user who tests. `rest` goes into `http`. */
export function nginxConfig(folder: string, rest: string): string {
  return `daemon off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'nginx.log')} notice;
worker_processes 1;
events { worker_connections 32; }
http {
  access_log off;
  client_body_temp_path ${folder}/tmp;
  proxy_temp_path ${folder}/tmp;
  fastcgi_temp_path ${folder}/tmp;
  uwsgi_temp_path ${folder}/tmp;
  scgi_temp_path ${folder}/tmp;
${rest}
}
`;
}

/** Starts Debian's nginx on a configuration of {@link nginxConfig} and waits until it listens. */
export async function startNginx(folder: string, configFile: string, port: number): Promise<RunningNginx> {
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  const child: ChildProcess = spawn(NGINX, ['-p', folder, '-c', configFile, '-e', join(folder, 'nginx.log')], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await eventually('nginx listens', async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${readFileSync(join(folder, 'nginx.log'), 'utf8')}`);
    return accepts(port);
  });
  return {
    pidFile: join(folder, 'nginx.pid'),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}
