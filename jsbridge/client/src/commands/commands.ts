import type { Argument } from "../types.js";
import { transform, type Transform } from "./replies.js";
import { compile, type Encode } from "./shape.js";
import { table } from "./table.js";

/** What a method does: which words it sends, what it makes of the reply, and whether the command may hold its session up. */
export interface Command {
  readonly encode: Encode;
  readonly make: Transform | undefined;
  readonly waits: boolean;
}

/**
 * The methods of the table, without their types: {@link Client} and {@link Multi} have those. They stand on the prototype, and are read
 * from the table when they are called for the first time.
 */
export abstract class Commands {
  /** @internal Runs a method. */
  abstract run(command: Command, args: readonly unknown[]): unknown;
}

/** Methods by their names in small letters, to be found by what node-redis calls them in capitals. */
const names = new Map<string, string>();

/** Lets methods be found by names in capitals too. */
export function alias(...methods: string[]): void {
  for (const name of methods) names.set(name.toLowerCase(), name);
}

function define(line: string): void {
  const [rest = "", notation] = line.split(" >");
  const [head = "", ...shape] = rest.split(" ");
  const [name = "", ...words] = head.replace("!", "").split("=");
  let command: Command | undefined;
  const read = (): Command => ({
    encode: compile(words.length > 0 ? words : [name.toUpperCase()], shape.join(" ")),
    make: notation === undefined ? undefined : transform(notation),
    waits: head.endsWith("!"),
  });
  alias(name);
  Object.defineProperty(Commands.prototype, name, {
    configurable: true,
    writable: true,
    value(this: Commands, ...args: unknown[]) {
      return this.run((command ??= read()), args);
    },
  });
}

table.trim().split("\n").forEach(define);

// One rule instead of as many entries again: CLIENT_GETNAME, CLIENT_NO-EVICT and GET are found by their letters.
Object.setPrototypeOf(
  Commands.prototype,
  new Proxy(Object.prototype, {
    get(target, name, receiver) {
      const found = typeof name === "string" && /^[A-Z][A-Z_-]+$/.test(name) ? names.get(name.replace(/[_-]/g, "").toLowerCase()) : undefined;
      return Reflect.get(found === undefined ? target : receiver, found ?? name, receiver) as unknown;
    },
  }),
);

/** Whether this command may hold its session up: of those that read streams, only with BLOCK. */
export function mayWait(command: Command, words: readonly Argument[]): boolean {
  return command.waits && (!String(words[0]).startsWith("X") || words.includes("BLOCK"));
}
