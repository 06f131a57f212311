/** Names under which secrets stand in configuration files. */
const SECRET_NAME = String.raw`[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|credentials?|access[_-]?key|signing[_-]?key)[\w.-]*`;
/** `"password": "…"`, `password: …`, `PASSWORD=…`, also within one line of JSON. */
const ASSIGNED = new RegExp(
  String.raw`((?:"|')?\b${SECRET_NAME}(?:"|')?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,}\]]+)`,
  'gi',
);
/** Credentials in an address: `https://user:…@host`. */
const IN_ADDRESS = /(\b[a-z][\w+.-]*:\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/gi;
const KEY_BLOCK = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)([\s\S]*?)(-----END [A-Z ]*PRIVATE KEY-----)/g;

/**
 * A mask for texts that are compared: what looks like a secret is blotted out, for shoulders and screenshots are near. Equal secrets get
 * the same number, so that whether one changed is still to be seen; of the secret itself nothing is left, not even its length.
 */
export function secretMask(): (text: string) => string {
  const numbers = new Map<string, number>();
  const blot = (secret: string) => {
    const number = numbers.get(secret) ?? numbers.size + 1;
    numbers.set(secret, number);
    return `•••••• (secret ${number})`;
  };
  const blotQuoted = (value: string) => {
    const quote = /^["']/.exec(value)?.[0] ?? '';
    return `${quote}${blot(value.slice(quote.length, value.length - quote.length))}${quote}`;
  };
  return (text) =>
    text
      .replace(KEY_BLOCK, (_, begin: string, inside: string, end: string) => `${begin}\n${blot(inside)}\n${end}`)
      .replace(ASSIGNED, (_, name: string, value: string) => `${name}${blotQuoted(value)}`)
      .replace(IN_ADDRESS, (_, before: string, secret: string) => `${before}${blot(secret)}`);
}
