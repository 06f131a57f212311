import { registerHooks } from 'node:module';
import { mutantNamed } from './mutants.ts';

/**
 * Loads parts of the simulator with a mutant's bug in them. A module that is asked for with `?mutant=NAME` gets a copy of the whole
 * program to itself, in which the mutant's modules are replaced; the product's files stay as they are, and everybody else's copy too.
 */
export async function importMutated<M>(url: URL, name: string): Promise<M> {
  install();
  const mutated = new URL(url);
  mutated.searchParams.set('mutant', name);
  return (await import(mutated.href)) as M;
}

const ROOT = new URL('../../', import.meta.url);
const REPLACEMENTS = Symbol.for('ringfence.sim.replacements');
let installed = false;

function install(): void {
  if (installed) return;
  installed = true;
  // The generated module reaches the replacement through this; it cannot import what is not in its copy of the program.
  Reflect.set(globalThis, REPLACEMENTS, replacementsFor);
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const parent = context.parentURL === undefined ? null : URL.parse(context.parentURL);
      const name = parent?.searchParams.get('mutant') ?? null;
      if (name === null || !isOurs(resolved.url)) return resolved;
      const url = new URL(resolved.url);
      url.searchParams.set('mutant', name);
      if (parent?.pathname === url.pathname) url.searchParams.set('real', '');
      return { ...resolved, url: url.href };
    },
    load(url, context, next) {
      const { pathname, searchParams } = new URL(url);
      const name = searchParams.get('mutant');
      if (name === null || searchParams.has('real')) return next(url, context);
      const path = pathname.slice(ROOT.pathname.length);
      const replaced = mutantNamed(name)?.modules?.find((each) => each.path === path);
      return replaced === undefined
        ? next(url, context)
        : { format: 'module', shortCircuit: true, source: replacement(path, name, replaced.wrap({} as never)) };
    },
  });
}

function replacement(path: string, name: string, exported: Readonly<Record<string, unknown>>): string {
  const own = `./${path.slice(path.lastIndexOf('/') + 1)}`;
  return [
    `import * as real from ${JSON.stringify(own)};`,
    `export * from ${JSON.stringify(own)};`,
    `const replaced = globalThis[Symbol.for('ringfence.sim.replacements')](${JSON.stringify(name)}, ${JSON.stringify(path)}, real);`,
    ...Object.keys(exported).map((each) => `export const ${each} = replaced.${each};`),
  ].join('\n');
}

function replacementsFor(name: string, path: string, real: never): Readonly<Record<string, unknown>> {
  const found = mutantNamed(name)?.modules?.find((each) => each.path === path);
  if (found === undefined) throw new Error(`invariant broken: mutant ${name} replaces nothing in ${path}`);
  return found.wrap(real);
}

function isOurs(url: string): boolean {
  return url.startsWith(ROOT.href) && !url.includes('/node_modules/') && url.split('?')[0]?.endsWith('.ts') === true;
}
