import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The service of `measuredService/main.ts`, as a process of its own. */
export interface MeasuredService {
  readonly url: string;
  observe(values: readonly number[]): Promise<void>;
  open(value: number): Promise<void>;
  kill(): Promise<void>;
}

export async function startMeasuredService(): Promise<MeasuredService> {
  const program = join(import.meta.dirname, 'measuredService', 'main.ts');
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [said] = (await Promise.race([once(child.stdout, 'data'), ended.then(() => ['0'])])) as [Buffer];
  const port = Number(said.toString());
  if (port === 0) throw new Error('the service ended before it listened');
  const url = `http://127.0.0.1:${port}`;
  const post = async (path: string, value: unknown) => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(value) });
    await answer.arrayBuffer();
  };
  return {
    url,
    observe: (values) => post('/observed', values),
    open: (value) => post('/open', value),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
