/** Formats raw RESP replies as redis-cli shows them on a terminal. */

const latin1 = (bytes: Uint8Array): string => {
  let text = "";
  for (const b of bytes) text += String.fromCharCode(b);
  return text;
};

const utf8 = new TextDecoder();

/** The text of one reply, each line ended by a line feed. */
export function formatReply(resp: Uint8Array): string {
  return new Formatter(resp).reply("");
}

const NAMES: Record<string, { mark: string; empty: string }> = {
  "*": { mark: ")", empty: "(empty array)\n" },
  "~": { mark: "~", empty: "(empty set)\n" },
  "%": { mark: "#", empty: "(empty hash)\n" },
  ">": { mark: ")", empty: "(empty push)\n" },
};

class Formatter {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  reply(prefix: string): string {
    const kind = String.fromCharCode(this.bytes[this.at++] ?? 0);
    switch (kind) {
      case "+":
        return utf8.decode(this.line()) + "\n";
      case "-":
        return `(error) ${utf8.decode(this.line())}\n`;
      case "!":
        return `(error) ${utf8.decode(this.bulk())}\n`;
      case ":":
        return `(integer) ${latin1(this.line())}\n`;
      case ",":
        return `(double) ${latin1(this.line())}\n`;
      case "(":
        return `${latin1(this.line())}\n`;
      case "#":
        return latin1(this.line()) === "t" ? "(true)\n" : "(false)\n";
      case "_":
        this.line();
        return "(nil)\n";
      case "=":
        return `${utf8.decode(this.bulk().subarray(4)).replace(/\r\n/g, "\n")}\n`;
      case "$":
        return this.bytes[this.at] === 0x2d ? this.nil() : `${quote(this.bulk())}\n`;
      default:
        return this.bytes[this.at] === 0x2d ? this.nil() : this.aggregate(kind, prefix);
    }
  }

  // Members are numbered from 1, the numbers as wide as the last; members of members stand right of their number.
  private aggregate(kind: string, prefix: string): string {
    const name = NAMES[kind];
    if (name === undefined) throw new Error(`no reply starts with ${kind}`);
    const length = Number(latin1(this.line()));
    if (length === 0) return name.empty;
    const width = String(length).length;
    const inner = prefix + " ".repeat(width + 2);
    let text = "";
    for (let i = 1; i <= length; i++) {
      text += `${i === 1 ? "" : prefix}${String(i).padStart(width)}${name.mark} `;
      text += kind === "%" ? `${this.reply(inner).slice(0, -1)} => ${this.mapped(inner)}` : this.reply(inner);
    }
    return text;
  }

  // The value in a map: an aggregate of several lines starts on a line of its own.
  private mapped(inner: string): string {
    const kind = String.fromCharCode(this.bytes[this.at] ?? 0);
    const text = this.reply(inner);
    return kind in NAMES && text.indexOf("\n") < text.length - 1 ? `\n${inner}${text}` : text;
  }

  private nil(): string {
    this.line();
    return "(nil)\n";
  }

  private bulk(): Uint8Array {
    const length = Number(latin1(this.line()));
    const from = this.at;
    this.at += length + 2;
    return this.bytes.subarray(from, from + length);
  }

  private line(): Uint8Array {
    const end = this.bytes.indexOf(13, this.at);
    const line = this.bytes.subarray(this.at, end);
    this.at = end + 2;
    return line;
  }
}

const QUOTED: Record<number, string> = { 92: "\\\\", 34: '\\"', 10: "\\n", 13: "\\r", 9: "\\t", 7: "\\a", 8: "\\b" };

/** A string in quotes, what is not printable ASCII as \xHH. */
export function quote(bytes: Uint8Array): string {
  let text = '"';
  for (const b of bytes) {
    text += QUOTED[b] ?? (b >= 32 && b < 127 ? String.fromCharCode(b) : `\\x${b.toString(16).padStart(2, "0")}`);
  }
  return text + '"';
}
