import type { Command } from 'commander';
import { type Runner, runs } from './runner.ts';

/** What other catalogues know of who needs whom. */
export function addCatalogCommands(program: Command, runner: Runner): void {
  const catalog = program
    .command('catalog')
    .summary('take in and forget catalogues of dependencies')
    .description(
      'What other catalogues know of who needs whom. It adds to what services say in their own manifests; "ringfence get catalogs" lists it, ' +
        '"ringfence get services SERVICE" shows what comes of it.',
    )
    .usage('COMMAND [options]');
  runs(
    catalog
      .command('import')
      .summary('take in a file of Backstage entities (catalog-info.yaml)')
      .description(
        'Take in a file of Backstage entities: who needs whom, of components, APIs, systems and resources. What came from the same file before is ' +
          'replaced. "ringfence apply -f" takes such files too.',
      )
      .argument('<FILE>', 'a file such as catalog-info.yaml, or - for stdin')
      .option('--name <NAME>', 'what it is called; left out: by its folder and its own name'),
    runner,
    async () => (await import('../commands/catalog.ts')).importCatalog,
  );
  runs(
    catalog
      .command('remove')
      .description('forget a catalogue and the dependencies that it brought')
      .argument('<CATALOG>', 'its name'),
    runner,
    async () => (await import('../commands/catalog.ts')).removeCatalog,
  );
}
