import type { Command } from 'commander';
import { addCatalogCommands } from './catalogCommands.ts';
import { type Runner, runs } from './runner.ts';
import { collect } from './values.ts';

const FILES =
  'a manifest, a file of Backstage entities, a calendar of freezes (*.ics), a folder of these (*.yaml, *.yml), or - for stdin; may be repeated';

export function addChangeCommands(program: Command, runner: Runner): void {
  program.commandsGroup('Changes:');
  runs(
    program
      .command('apply')
      .summary('register services, pipelines, changes, freezes and catalogues')
      .description(
        'Register services, pipelines, changes, freezes and catalogues on the server: all that are given, or none. Nothing is rolled out by this. ' +
          'The files that a change names are read here, from beside its manifest, and sent along.',
      )
      .requiredOption('-f, --file <FILE>', FILES, collect),
    runner,
    async () => (await import('../commands/apply.ts')).apply,
  );
  runs(
    program
      .command('validate')
      .summary('check manifests without a server')
      .description(
        'Check manifests, and the files they name, without a server. Agents’ own manifests may be among them.',
      )
      .requiredOption('-f, --file <FILE>', FILES, collect),
    runner,
    async () => (await import('../commands/validate.ts')).validate,
  );
  runs(
    program
      .command('plan')
      .summary('show what a rollout would do and what would be refused')
      .description(
        'Show what rolling a change out would do, stage by stage, whom it could hurt, and everything that would be refused. Does nothing. Ends with 3 when it would be refused.',
      )
      .argument('[CHANGE]', 'name or digest (6 digits will do) of a change that is registered')
      .option(
        '-f, --file <FILE>',
        'the manifest of a change, or - for stdin, instead of its name; may be repeated',
        collect,
      )
      .option('--pipeline <PIPELINE>', 'which pipeline; may be left out when the service has one'),
    runner,
    async () => (await import('../commands/plan.ts')).plan,
  );
  runs(
    program
      .command('judge')
      .summary('judge a recorded series, to try the judge on an outage of your own')
      .description(
        'Judge figures that were recorded while something was rolled out, window after window as if it were happening, and say when it would have ' +
          'been rolled back and why. Needs no server. The formats are in docs/guides/judging-recorded-series.md. Ends with 5 when it would have been rolled back.',
      )
      .requiredOption('--data <FILE>', 'CSV with a heading, or JSON lines: time, arm, target, metric, value')
      .requiredOption('--policy <FILE>', 'YAML or JSON: the checks, and the budget of false rollbacks'),
    runner,
    async () => (await import('../commands/judge.ts')).judge,
  );
  addCatalogCommands(program, runner);
}
