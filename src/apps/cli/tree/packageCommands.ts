import type { Command } from 'commander';
import { type Runner, runs } from './runner.ts';

export function addPackageCommands(program: Command, runner: Runner): void {
  program.commandsGroup('Packages:');
  const group = program
    .command('package')
    .summary('sign packages, so that agents believe them')
    .description(
      'Make a publisher’s key, and sign archives with it. Agents unpack only what a key of their own file has signed (keys of a package slot), ' +
        'whatever a server sends them. Needs no server.',
    );
  runs(
    group
      .command('key')
      .description('Make a publisher’s key, readable by you alone, and show its public half.')
      .argument('<FILE>', 'where the key is kept; must not be there yet'),
    runner,
    async () => (await import('../commands/package.ts')).makePublisherKey,
  );
  runs(
    group
      .command('sign')
      .description(
        'Sign an archive (tar, plain or compressed with gzip or zstd), and write what a package slot is to hold to stdout.',
      )
      .argument('<ARCHIVE>', 'the archive')
      .requiredOption('--key <FILE>', 'the publisher’s key, as "ringfence package key" made it')
      .requiredOption('--name <NAME>', 'what the package is called')
      .requiredOption('--release <VERSION>', 'which version of it this is')
      .option('--url <URL>', 'where targets download it; left out: from the control plane')
      .option(
        '--into <FOLDER>',
        'also copy it there under its SHA-256, as into the packages folder of a control plane',
      ),
    runner,
    async () => (await import('../commands/package.ts')).signPackage,
  );
}
