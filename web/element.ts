/**
 * The page is described anew whenever something changes, and what is on the screen is changed only where it differs. So focus,
 * selection, scroll and what a reader has opened stay as they are. Whatever comes from outside becomes text nodes and attribute
 * values, never markup.
 */
export type Child = Node | string | number | null | false | readonly Child[];

type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** An HTML element. `true` sets an attribute without a value, `false` and `null` leave it out; `--name` sets a CSS variable. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** Makes the content of an element what is described. Elements with a `data-key` are recognised wherever they moved to. */
export function show(parent: Element, ...children: readonly Child[]): void {
  const wanted = document.createElement('div');
  append(wanted, children);
  morphChildren(parent, wanted);
}

function filled<E extends HTMLElement | SVGElement>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    // The page's security policy forbids style attributes in markup; setting properties from a script is allowed.
    if (name.startsWith('--')) element.style.setProperty(name, String(value));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === false) continue;
    if (child instanceof Node) parent.append(child);
    else if (typeof child === 'object') append(parent, child);
    else parent.append(String(child));
  }
}

function morphChildren(parent: Element, wanted: Element): void {
  const keyed = new Map<string, Element>();
  for (const child of parent.children) {
    const key = keyOf(child);
    if (key !== null) keyed.set(key, child);
  }
  let next: ChildNode | null = parent.firstChild;
  for (const node of [...wanted.childNodes]) {
    const key = keyOf(node);
    const known: ChildNode | null | undefined = key === null ? (isAlike(next, node) ? next : null) : keyed.get(key);
    if (known === null || known === undefined || known.nodeName !== node.nodeName) {
      parent.insertBefore(node, next);
      continue;
    }
    if (known === next) next = known.nextSibling;
    else parent.insertBefore(known, next);
    if (known instanceof Element && node instanceof Element) {
      morphAttributes(known, node);
      morphChildren(known, node);
    } else if (known.nodeValue !== node.nodeValue) {
      known.nodeValue = node.nodeValue;
    }
  }
  while (next !== null) {
    const after: ChildNode | null = next.nextSibling;
    next.remove();
    next = after;
  }
}

function keyOf(node: Node): string | null {
  return node instanceof Element ? node.getAttribute('data-key') : null;
}

function isAlike(known: ChildNode | null, wanted: Node): boolean {
  return known !== null && known.nodeName === wanted.nodeName && keyOf(known) === null;
}

function morphAttributes(known: Element, wanted: Element): void {
  for (const { name } of [...known.attributes]) {
    // Whether a <details> is open is its reader's business once it is on the screen.
    if (name === 'open' || name === 'style' || wanted.hasAttribute(name)) continue;
    known.removeAttribute(name);
  }
  for (const { name, value } of [...wanted.attributes]) {
    if (name === 'open' || name === 'style' || known.getAttribute(name) === value) continue;
    known.setAttribute(name, value);
  }
  if (isStyled(known) && isStyled(wanted) && known.style.cssText !== wanted.style.cssText) {
    known.style.cssText = wanted.style.cssText;
  }
}

function isStyled(element: Element): element is HTMLElement | SVGElement {
  return element instanceof HTMLElement || element instanceof SVGElement;
}
