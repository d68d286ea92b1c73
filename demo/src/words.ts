const ESCAPES: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, a: 7 };

/**
 * Splits a line into words as redis-cli does: words stand between blanks; "…" knows \n \r \t \b \a \xHH and takes other escaped
 * characters as they are; '…' knows \' alone. Null when quotes don't balance or a closing one is not followed by a blank.
 */
export function splitWords(line: string): Uint8Array[] | null {
  const words: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line[at])) at++;
    if (at === line.length) return words;
    const word = new Bytes();
    while (at < line.length && !isBlank(line[at])) {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        const c = String.fromCodePoint(line.codePointAt(at) as number);
        word.text(c);
        at += c.length;
        continue;
      }
      const end = quote === '"' ? doubleQuoted(line, at + 1, word) : singleQuoted(line, at + 1, word);
      if (end < 0 || (end < line.length && !isBlank(line[end]))) return null;
      at = end;
    }
    words.push(word.take());
  }
}

const isBlank = (c: string | undefined): boolean => c === " " || c === "\t" || c === "\n" || c === "\r";

// Both give the place behind the closing quote, or -1.
function doubleQuoted(line: string, at: number, word: Bytes): number {
  while (at < line.length) {
    const c = String.fromCodePoint(line.codePointAt(at) as number);
    if (c === '"') return at + 1;
    const next = line[at + 1];
    if (c !== "\\" || next === undefined) {
      word.text(c);
      at += c.length;
      continue;
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1, at + 4));
    if (hex?.[1] !== undefined) {
      word.byte(parseInt(hex[1], 16));
      at += 4;
    } else if (next in ESCAPES) {
      word.byte(ESCAPES[next] as number);
      at += 2;
    } else {
      const escaped = String.fromCodePoint(line.codePointAt(at + 1) as number);
      word.text(escaped);
      at += 1 + escaped.length;
    }
  }
  return -1;
}

function singleQuoted(line: string, at: number, word: Bytes): number {
  while (at < line.length) {
    const c = String.fromCodePoint(line.codePointAt(at) as number);
    if (c === "'") return at + 1;
    if (c === "\\" && line[at + 1] === "'") {
      word.text("'");
      at += 2;
    } else {
      word.text(c);
      at += c.length;
    }
  }
  return -1;
}

class Bytes {
  private readonly all: number[] = [];

  text(s: string): void {
    this.all.push(...new TextEncoder().encode(s));
  }

  byte(b: number): void {
    this.all.push(b);
  }

  take(): Uint8Array {
    return new Uint8Array(this.all);
  }
}
