/** Redis's glob patterns, of which tracking knows only prefixes: what they begin with, and which keys they match. */

const utf8 = new TextEncoder();

/** Characters that a key has where it was not UTF-8: which bytes stood there, nobody knows any more. */
const UNKNOWN = "\ufffd";

/** A pattern, taken apart. */
export interface Pattern {
  /** What every key that matches begins with. */
  readonly prefix: Uint8Array;
  /** Whether this key matches. A key whose bytes cannot be known is taken for one that does. */
  matches(key: string): boolean;
}

/** A string's UTF-8 as characters 0 to 255, so that `?` and sets mean one byte, as they do in Redis. */
function byteText(text: string): string {
  let bytes = "";
  for (const b of utf8.encode(text)) bytes += String.fromCharCode(b);
  return bytes;
}

const literal = (c: string): string => (/[\w ]/.test(c) ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** Reads the set that begins behind the bracket at `at`, by Redis's rules: `]` always ends it, but as the end of a range; it may lack its end. */
function set(glob: string, at: number): [source: string, next: number] {
  const not = glob[at] === "^";
  if (not) at++;
  let source = "";
  let any = false; // a range to or from a byte beyond ASCII: where it lies depends on whether bytes have a sign
  for (; at < glob.length && glob[at] !== "]"; at++) {
    let from = glob[at] as string;
    let to = from;
    if (from === "\\" && at + 1 < glob.length) from = to = glob[++at] as string;
    else if (glob[at + 1] === "-" && at + 2 < glob.length) to = glob[(at += 2)] as string;
    any ||= from !== to && (from > "\x7f" || to > "\x7f");
    if (from > to) [from, to] = [to, from];
    source += from === to ? literal(from) : `${literal(from)}-${literal(to)}`;
  }
  return [any ? "[^]" : `[${not ? "^" : ""}${source}]`, at + 1];
}

/** Takes a pattern apart. */
export function parsePattern(pattern: string): Pattern {
  const glob = byteText(pattern);
  let prefix = "";
  let source = "";
  let literalSoFar = true;
  for (let at = 0; at < glob.length; ) {
    let c = glob[at++] as string;
    let part: string | undefined;
    if (c === "*") part = source.endsWith("[^]*") ? "" : "[^]*";
    else if (c === "?") part = "[^]";
    else if (c === "[") [part, at] = set(glob, at);
    else if (c === "\\" && at < glob.length) c = glob[at++] as string;
    if (part === undefined && literalSoFar) prefix += c;
    literalSoFar &&= part === undefined;
    source += part ?? literal(c);
  }
  const whole = new RegExp(`^${source}$`);
  return {
    prefix: Uint8Array.from(prefix, (c) => c.charCodeAt(0)),
    matches: (key) => key.includes(UNKNOWN) || whole.test(byteText(key)),
  };
}
