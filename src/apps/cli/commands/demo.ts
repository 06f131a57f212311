import { type DemoOptions, runDemo } from '../../demo/runDemo.ts';
import type { Run } from '../tree/runner.ts';

type Given = Omit<DemoOptions, 'exit' | 'report'> & { readonly exit?: true; readonly report?: string };

export const demo: Run<Given, []> = ({ output, env, cwd }, { exit = false, report, port, opampPort, directory }) =>
  runDemo({ exit, report, port, opampPort, directory }, output, env, cwd);
