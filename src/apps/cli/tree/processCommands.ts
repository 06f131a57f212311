import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type ListenAddress,
  LOG_LEVELS,
  parseListenAddress,
  parseSourceSecret,
  SERVER_DEFAULTS,
  type SourceSecretFile,
} from '../../server/serverOptions.ts';
import { CliError } from '../cliError.ts';
import { type Run, type Runner, runs } from './runner.ts';
import { bytesPerSecond, collect, port } from './values.ts';

export function addProcessCommands(program: Command, runner: Runner): void {
  program.commandsGroup('Running it:');
  runsHere(
    program
      .command('demo')
      .summary('see it all on this machine: a fleet, a good change, a bad one')
      .description(
        'Start a control plane and a fleet of real services on this machine, roll a good change out and a bad one back, and show what happened in ' +
          'figures taken from the targets. Stays up afterwards for changes of your own; Ctrl-C ends everything it started.',
      )
      .option('--exit', 'end after the story, with 0 only if it came true')
      .option('--report <FILE>', 'write the figures as JSON into this file')
      .option('--port <PORT>', 'of the web page and the API; 0 for any that is free', port, 4600)
      .option('--opamp-port <PORT>', 'where the agents connect; 0 for any that is free', port, 4320)
      .option('--directory <FOLDER>', 'where it keeps everything it makes', '.ringfence/demo'),
    runner,
    async () => (await import('../commands/demo.ts')).demo,
  );
  addServer(program, runner);
  const agent = program
    .command('agent')
    .summary('run the agent of one or more targets')
    .description(
      'Run the agent beside a target, or several in one process, each with its own manifest, identity and connection.',
    )
    .option('-f, --config <FILE>', 'the agent’s manifest (kind: Agent); may be repeated', collect)
    .addOption(logLevel());
  runsHere(agent, runner, async () => (await import('../commands/agent.ts')).agent);
  runsHere(
    agent
      .command('status')
      .summary('show what the agents on this machine hold and do')
      .description('Show what agents on this machine hold and do, from their own folders, without a server.')
      .option('-f, --config <FILE>', 'the agent’s manifest (kind: Agent); may be repeated', collect),
    runner,
    async () => (await import('../commands/agent.ts')).agentStatus,
  );
  runsHere(
    agent
      .command('revert')
      .summary('take targets back to their last known good, without a server')
      .description(
        'Take the slots of agents on this machine back to what was proven there before, from their own folders, whether the agent runs or not and ' +
          'without a server. What was left stays away until another change comes. A second revert changes nothing; with --to it goes to any revision ' +
          'that was proven here, of which --list shows all.',
      )
      .option('-f, --config <FILE>', 'the agent’s manifest (kind: Agent); may be repeated', collect)
      .option('--slot <SLOT>', 'this slot alone; else all of them')
      .option(
        '--to <DIGEST>',
        'go to this of what was proven here, given by the beginning of its digest or as baseline',
      )
      .addOption(new Option('--list', 'change nothing; show what can be gone back to').conflicts('to'))
      .option('-r, --reason <TEXT>', 'why, for the agent’s log and the server'),
    runner,
    async () => (await import('../commands/agent.ts')).agentRevert,
  );
}

function addServer(program: Command, runner: Runner): void {
  const { dataDirectory, http, opamp } = SERVER_DEFAULTS;
  const server = program
    .command('server')
    .summary('run a control plane')
    .description(
      'Run a control plane: the record, the API and web page, and where agents connect. Its first start makes an admin token and shows it once. ' +
        'Listens on this machine alone unless told otherwise, and beyond it only with TLS.',
    )
    .option('--data <FOLDER>', 'where the record is kept', dataDirectory)
    .addOption(
      new Option('--http <HOST:PORT>', 'where the API and the web page listen')
        .argParser(address)
        .default(http, shown(http)),
    )
    .addOption(
      new Option('--opamp <HOST:PORT>', 'where agents connect').argParser(address).default(opamp, shown(opamp)),
    )
    .addOption(
      new Option('--port <PORT>', `short for --http ${http.host}:PORT; 0 for any that is free`)
        .argParser(port)
        .conflicts('http'),
    )
    .addOption(
      new Option('--opamp-port <PORT>', `short for --opamp ${opamp.host}:PORT`).argParser(port).conflicts('opamp'),
    )
    .option('--tls-cert <FILE>', 'certificate chain in PEM, for both; goes with --tls-key')
    .option('--tls-key <FILE>', 'private key in PEM, for both; goes with --tls-cert')
    .option('--allow-host <NAME>', 'another name under which the API may be called; may be repeated', collect)
    .option('--anonymous-viewer', 'let anyone on this machine read without a token')
    .option('--admin-token-file <FILE>', 'write a new admin token into this file instead of showing it')
    .option('--new-admin-token', 'make another admin token although there is one')
    .option(
      '--source-secret <NAME=FILE>',
      'a token, or USER:PASSWORD, that sources of metrics name; may be repeated',
      secret,
    )
    .option(
      '--package-rate <SIZE>',
      'how much all agents together may download of packages in a second, such as 50MiB; else as fast as it goes',
      bytesPerSecond,
    )
    .option('--pid-file <FILE>', 'holds the process id while the server is ready')
    .addOption(logLevel());
  runsHere(server, runner, async () => (await import('../commands/server.ts')).server);
}

function logLevel(): Option {
  return new Option('--log-level <LEVEL>', 'how much is logged on stderr')
    .choices(LOG_LEVELS)
    .default(SERVER_DEFAULTS.logLevel);
}

/** What runs on this machine itself speaks to no server that could be pointed to. */
function runsHere<Options>(command: Command, runner: Runner, load: () => Promise<Run<Options, []>>): void {
  runs<Options, []>(command, runner, async () => {
    const run = await load();
    return (context, options) => {
      if (context.server === undefined) return run(context, options);
      throw new CliError(
        'usage',
        `${command.name()}: --server is for commands that speak to a server, and this one runs here`,
      );
    };
  });
}

function address(text: string): ListenAddress {
  const read = parseListenAddress(text);
  if (read === null) throw new InvalidArgumentError('Expected HOST:PORT, as in 127.0.0.1:4600 or [::1]:4600.');
  return read;
}

function secret(text: string, before: readonly SourceSecretFile[] = []): readonly SourceSecretFile[] {
  const read = parseSourceSecret(text);
  if (read === null) throw new InvalidArgumentError('Expected NAME=FILE, as in prom=/etc/ringfence/prom.secret.');
  return [...before, read];
}

function shown({ host, port: number }: ListenAddress): string {
  return `${host}:${number}`;
}
