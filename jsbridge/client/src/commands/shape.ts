import type { Argument } from "../types.js";
import { ownWays, type Taken } from "./special.js";

/**
 * How the arguments of a method become the words of its command. A shape is a line of tokens, each of which takes the next argument:
 *
 * | token | what it does with the argument |
 * |---|---|
 * | `a`, `d`, `t`, `T`, `j` | sends it: as it is, as a double, as a Unix time in s or ms (a Date or a number), as JSON |
 * | `v`, `n` | sends it, or each of it if it is an array; `n` tells first how many |
 * | `m` | sends keys and values of an object, a Map or an array; something else as it is |
 * | `b:YES:NO` | one word for true, one for false |
 * | `o.x.y`, `oWORD.x.y` | of an object, or of each in an array, sends these fields, the word before each; a string as it is |
 * | `r` | sends all arguments from here |
 * | `{…}` | an object of options, see below |
 * | `@name` | a way of its own, in special.ts |
 * | `WORD` | takes none: sends itself |
 *
 * A token with `?` behind it may lack its argument. A digit before it says which argument it takes; the next one follows that.
 *
 * Options are sent in the order in which they stand here, with commas between, the first that is there of those with `|` between:
 * `NX` if true; `EX=` with a value (`EX=t`: in that way; `LIMIT=.x.y`: with these fields); `GET*` before each value; `ID+` before all
 * values; `:mode` the value alone; `@name` in a way of its own.
 */
export type Encode = (args: readonly unknown[]) => Argument[];

type Put = (out: Argument[], value: unknown, args: readonly unknown[]) => void;
type Options = { readonly [name: string]: unknown };

/** Makes what encodes the arguments of a method with this shape. */
export function compile(words: readonly string[], shape: string): Encode {
  const puts: { put: Put; at: number }[] = [];
  let next = 0;
  for (const token of shape.split(" ")) {
    if (/^[A-Z]{2}/.test(token)) {
      puts.push({ put: (out) => out.push(token), at: 0 });
    } else if (token !== "") {
      const numbered = /^\d/.test(token);
      const at = numbered ? Number(token[0]) : next;
      next = at + 1;
      puts.push({ put: putOf(numbered ? token.slice(1) : token, at), at });
    }
  }
  return (args) => {
    const out: Argument[] = words.slice();
    for (const { put, at } of puts) put(out, args[at], args);
    return out;
  };
}

function putOf(token: string, at: number): Put {
  if (token.endsWith("?")) {
    const put = putOf(token.slice(0, -1), at);
    return (out, value, args) => {
      if (value != null) put(out, value, args);
    };
  }
  const kind = token[0] as string;
  if (kind === "{") return optionsOf(token.slice(1, -1));
  if (kind === "@") return ownWays[token.slice(1)] as Put;
  if (kind === "r") return (out, _, args) => out.push(...(args.slice(at) as Argument[]));
  if (kind === "o") {
    const [word, ...fields] = token.slice(1).split(".");
    return (out, value) => each(value, (item) => putFields(out, item, fields, word));
  }
  if (kind === "b") {
    const [, yes, no] = token.split(":") as [string, string, string];
    return (out, value) => out.push(value ? yes : no);
  }
  if (kind === "m") return putPairs;
  if (kind === "v") return (out, value) => each(value, (item) => out.push(item as Argument));
  if (kind === "n") {
    return (out, value) => {
      out.push(Array.isArray(value) ? value.length : 1);
      each(value, (item) => out.push(item as Argument));
    };
  }
  return (out, value) => out.push(coded(value, kind));
}

/** Whether this is a value by itself, not several or an object with fields. */
export function plain(value: unknown): value is Argument | undefined {
  return typeof value !== "object" || value === null || value instanceof Uint8Array;
}

function each(value: unknown, put: (item: unknown) => void): void {
  if (Array.isArray(value)) value.forEach(put);
  else put(value);
}

/** A value as it is sent: a date as a Unix time (t in seconds, else in milliseconds), an infinity as Redis spells it. */
export function coded(value: unknown, kind?: string): Argument {
  if (kind === "j") {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`tabdis: JSON has no ${typeof value}`);
    return text;
  }
  if (value instanceof Date) return kind === "t" ? Math.floor(value.getTime() / 1000) : value.getTime();
  if (value === Infinity) return "+inf";
  return value === -Infinity ? "-inf" : (value as Argument);
}

function putFields(out: Argument[], item: unknown, fields: readonly string[], word?: string): void {
  if (word) out.push(word);
  if (plain(item)) {
    out.push(item as Argument);
    return;
  }
  for (const field of fields) {
    const value = (item as Options)[field];
    if (typeof value === "boolean") out.push(value ? "yes" : "no");
    else if (value != null) out.push(coded(value));
  }
}

function putPairs(out: Argument[], value: unknown): void {
  if (plain(value)) out.push(value as Argument);
  else if (Array.isArray(value)) for (const item of value) putPairs(out, item);
  else for (const pair of value instanceof Map ? value : Object.entries(value as Options)) out.push(...(pair as [Argument, Argument]));
}

// What stands where options are expected and is no object is the value of the first one.
function optionsOf(text: string): Put {
  const first = (/^\w+/.exec(text) ?? [""])[0];
  const entries = text.split(",").map((entry) => entry.split("|").map(optionOf));
  return (out, value) => {
    const options = (plain(value) ? (value == null ? {} : { [first]: value }) : value) as Options;
    for (const entry of entries) entry.some((put) => put(out, options));
  };
}

function optionOf(entry: string): Taken {
  if (entry[0] === "@") return ownWays[entry.slice(1)] as Taken;
  const [, alone, name, way, rest] = /^(:?)(\w+)([=*+]?)(.*)$/.exec(entry) as unknown as [string, string, string, string, string];
  return (out, options) => {
    const value = (options as Options)[name];
    if (value == null || (!alone && way === "" && value === false)) return false;
    if (alone) out.push(value as Argument);
    else if (way === "*") each(value, (item) => out.push(name, item as Argument));
    else {
      out.push(name);
      if (way === "+") each(value, (item) => out.push(item as Argument));
      else if (rest[0] === ".") putFields(out, value, rest.slice(1).split("."));
      else if (way === "=") out.push(coded(value, rest));
    }
    return true;
  };
}
