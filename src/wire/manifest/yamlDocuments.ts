import { Composer, CST, type Document, isScalar, Lexer, type ParsedNode, Parser } from 'yaml';
import type { LocatedMistake } from './manifestProblem.ts';
import { YamlDocument } from './yamlDocument.ts';

/**
 * The parser's smallest pieces in one text: a name, a value, a bracket, a space. It keeps a few hundred bytes for each, so
 * this, and not the text's length, is what bounds its time and memory. A thousand ordinary manifests have about half as many.
 */
export const MAX_PIECES = 500_000;

type Composed = Document.Parsed<ParsedNode>;

/**
 * The documents of a YAML text, one after the other; what is not YAML goes to `mistakes` instead. Documents without anything
 * in them are left out.
 */
export function* yamlDocuments(text: string, maxDepth: number, mistakes: LocatedMistake[]): Generator<YamlDocument> {
  // The library compares every key with every other; that each name stands once is seen to in YamlDocument.
  const composer = new Composer({ schema: 'core', uniqueKeys: false, prettyErrors: false, keepSourceTokens: false });
  for (const token of tokens(text, mistakes)) {
    const tooDeep = tokenBelow(token, maxDepth);
    if (tooDeep === null) yield* readable(composer.next(token), text, mistakes);
    else mistakes.push(malformed(`nested deeper than ${maxDepth} levels`, tooDeep.offset));
  }
  yield* readable(composer.end(), text, mistakes);
}

function* tokens(text: string, mistakes: LocatedMistake[]): Generator<CST.Token> {
  const parser = new Parser();
  let pieces = 0;
  for (const piece of new Lexer().lex(text)) {
    if (++pieces > MAX_PIECES) {
      mistakes.push(malformed(`more than ${MAX_PIECES} names, values and signs in one file; split it`, 0));
      return;
    }
    yield* parser.next(piece);
  }
  yield* parser.end();
}

function* readable(documents: Iterable<Composed>, text: string, mistakes: LocatedMistake[]): Generator<YamlDocument> {
  for (const document of documents) {
    const { contents, errors, warnings } = document;
    let previous: number | null = null;
    for (const { message, pos } of errors.concat(warnings).sort((a, b) => a.pos[0] - b.pos[0])) {
      // What follows on the same line is most often the same mistake once more.
      if (previous === null || text.slice(previous, pos[0]).includes('\n')) {
        mistakes.push(malformed(message.slice(0, 300), pos[0]));
        previous = pos[0];
      }
    }
    if (errors.length > 0 || contents === null) continue;
    if (isScalar(contents) && contents.value === null && contents.range[0] === contents.range[1]) continue;
    yield new YamlDocument(contents);
  }
}

/** The first token nested deeper than that, found without recursion: composing it would exhaust the stack. */
function tokenBelow(root: CST.Token, maxDepth: number): CST.Token | null {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [{ token: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > maxDepth) return token;
    for (const child of childrenOf(token)) open.push({ token: child, depth: depth + 1 });
  }
  return null;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!CST.isCollection(token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((child) => child !== undefined && child !== null));
}

function malformed(reason: string, offset: number): LocatedMistake {
  const says = `malformed YAML: ${reason}`;
  return { path: [], at: 'value', found: 'malformed YAML', expected: reason, suggestion: null, says, offset };
}
