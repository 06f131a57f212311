import { type Command, Option } from 'commander';
import { ROLLOUT_PHASES } from '../../../core/rollout/rollout.ts';
import { type Runner, runs } from './runner.ts';
import { label, limit } from './values.ts';

export function addGetCommands(program: Command, runner: Runner): void {
  program.commandsGroup('Looking:');
  const get = program
    .command('get')
    .summary('list what the server knows, or show one of it')
    .description('List what the server knows, or show one of it in full. Every list also goes by its singular.')
    .usage('RESOURCE [NAME] [options]');
  const list = (name: string, singular: string, argument: string, says: string) =>
    get
      .command(name)
      .alias(singular)
      .description(says)
      .argument(`[${argument}]`, 'show this one in full')
      .option('--limit <COUNT>', 'list at most so many', limit, 1000);

  runs(
    list('services', 'service', 'SERVICE', 'services with their roles and slots, what they need and what needs them'),
    runner,
    async () => (await import('../commands/get/services.ts')).getServices,
  );
  runs(
    list('catalogs', 'catalog', 'CATALOG', 'what other catalogues know of who needs whom'),
    runner,
    async () => (await import('../commands/get/catalogs.ts')).getCatalogs,
  );
  runs(
    list('sources', 'source', 'SOURCE', 'where metrics come from besides the agents, and whether they answer').option(
      '--service <SERVICE>',
      'only of this service',
    ),
    runner,
    async () => (await import('../commands/get/sources.ts')).getSources,
  );
  runs(
    list('pipelines', 'pipeline', 'PIPELINE', 'pipelines with their stages and checks'),
    runner,
    async () => (await import('../commands/get/pipelines.ts')).getPipelines,
  );
  runs(
    list('changes', 'change', 'CHANGE', 'changes, newest first'),
    runner,
    async () => (await import('../commands/get/changes.ts')).getChanges,
  );
  runs(
    list('targets', 'target', 'TARGET', 'targets with what they hold and last reported')
      .option('--service <SERVICE>', 'only of this service')
      .option('--role <ROLE>', 'only of this role')
      .option('--label <NAME=VALUE>', 'only with this label; may be repeated', label)
      .addOption(new Option('--connected', 'only those that are connected').conflicts('disconnected'))
      .option('--disconnected', 'only those that are not'),
    runner,
    async () => (await import('../commands/get/targets.ts')).getTargets,
  );
  runs(
    rolloutList(list('rollouts', 'rollout', 'ROLLOUT', 'rollouts, newest first')),
    runner,
    async () => (await import('../commands/get/rollouts.ts')).getRollouts,
  );
  runs(
    list('approvals', 'approval', 'CHANGE', 'what people are asked before something opens, and what they said')
      .option('--mine', 'only what waits for you')
      .option('--service <SERVICE>', 'only of this service'),
    runner,
    async () => (await import('../commands/get/approvals.ts')).getApprovals,
  );
  runs(
    list('freezes', 'freeze', 'FREEZE', 'freezes of the calendar, with when they bind'),
    runner,
    async () => (await import('../commands/get/freezes.ts')).getFreezes,
  );
  runs(
    list('tokens', 'token', 'TOKEN', 'tokens that are in force; never their secrets'),
    runner,
    async () => (await import('../commands/get/tokens.ts')).getTokens,
  );
  runs(
    get
      .command('kinds')
      .alias('kind')
      .description('kinds of manifest and of change that this version knows; needs no server')
      .argument('[KIND]', 'show this one alone'),
    runner,
    async () => (await import('../commands/get/kinds.ts')).getKinds,
  );
}

/** What narrows a list of rollouts, wherever one is asked for. */
export function rolloutList(command: Command): Command {
  return command
    .option('--service <SERVICE>', 'only of this service')
    .addOption(new Option('--phase <PHASE>', 'only in this phase').choices(ROLLOUT_PHASES))
    .option('--at <MOMENT>', AT);
}

/** How a moment of the record is given. */
export const AT = 'as the record has it then: 2026-03-01T12:00:00Z, a position of the log, or "10m ago"';
