// Measures, each by one command, and says what was measured.
//
//   npm run bench                        lists the measurements
//   npm run bench -- judge               how often the judge is wrong and how soon it finds harm; an hour on two cores, and may be stopped and gone on with
//   npm run bench -- rollback            how long a rollback to 10,000 agents takes, against a bare broadcast; some minutes
//   ... --quick                          a few runs of everything, to see that it works
//   --into DIR                           where figures, tables and plots go (.ringfence/bench/NAME when left out)
//   --docs                               the page and its plots go to docs/reference
//   --kept                               nothing is measured: the page is that of what a stopped measurement has come to
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureRollback } from '../bench/gateway/rollbackMeasurement.ts';
import { judgeBench } from '../bench/judge/judgeBench.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);

const MEASUREMENTS: Readonly<
  Record<
    string,
    { readonly says: string; readonly run: (quick: boolean, into: string, page: string) => Promise<unknown> }
  >
> = {
  judge: {
    says: 'false rollbacks and the delay of finding harm, against the limit and against the judges that users have today',
    run: (quick, into, page) =>
      judgeBench({
        runs: quick
          ? { rollouts: 4, delays: 2, otherDelays: 2, stories: 2 }
          : { rollouts: 2000, delays: 2000, otherDelays: 200, stories: 400 },
        into,
        page,
        measures: !values.kept,
        print,
      }),
  },
  rollback: {
    says: 'from the order to go back until the word of every agent is counted, against a bare broadcast with acknowledgements',
    run: (quick, into) =>
      measureRollback({ ...(quick ? { agents: 100, runs: 1 } : { agents: 10_000, runs: 7 }), into, print }),
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    into: { type: 'string' },
    docs: { type: 'boolean', default: false },
    kept: { type: 'boolean', default: false },
  },
});
const [name] = positionals;
if (name === undefined)
  for (const [known, { says }] of Object.entries(MEASUREMENTS)) print(`${known.padEnd(10)} ${says}`);
else {
  const measurement = Object.hasOwn(MEASUREMENTS, name) ? MEASUREMENTS[name] : undefined;
  if (measurement === undefined) {
    process.stderr.write(`bench: there is no measurement "${name}"; known: ${Object.keys(MEASUREMENTS).join(', ')}\n`);
    process.exitCode = 2;
  } else {
    const into = values.into ?? join('.ringfence', 'bench', name);
    const started = performance.now();
    const page = values.docs ? join('docs', 'reference') : into;
    await measurement.run(values.quick, into, page);
    const places = page === into ? into : `${into} and ${page}`;
    print(
      `${name}: done in ${((performance.now() - started) / 1000).toFixed(0)} s; figures, page and plots are in ${places}`,
    );
  }
}
