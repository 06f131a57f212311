/** Escape sequences whole, so that `ESC [ 31 m` leaves no `[31m` behind: CSI, then OSC and the other strings, then the two-character ones. */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]/g;
/** C0, DEL, C1, and the marks that reorder text on a screen. */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line of somebody else's text, safe to print: no escape sequences, no control characters, nothing that reorders what
 * stands beside it. White space of any kind becomes one space. A target may put anything into its reports; a terminal obeys anything.
 */
export function clean(text: string): string {
  return text.replace(SEQUENCES, '').replace(/\s+/g, ' ').replace(CONTROLS, '').trim();
}

/**
 * JSON that is as safe to print: `JSON.stringify` escapes C0 but lets C1 (one of them starts an escape sequence) and reordering marks
 * through. The value it parses to is the same.
 */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
