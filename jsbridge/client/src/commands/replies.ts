import { double } from "../decoder.js";
import type { Reply } from "../types.js";

/** Makes of a reply what a method gives. */
export type Transform = (reply: Reply) => unknown;

/** A string of a reply as text, whatever form it was asked for. */
export function text(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}

/**
 * What a transform's notation means: `a.b` makes an object of an array, its values under these names (`b:way` made so, once more); of
 * null and of an empty array it makes null. `*way` makes each of an array so; null stays null. Else it is a name of {@link ways}.
 */
export function transform(notation: string): Transform {
  const way = ways[notation];
  if (way !== undefined) return way;
  if (notation[0] === "*") {
    const item = transform(notation.slice(1));
    return (reply) => reply && list(reply).map(item);
  }
  const fields = notation.split(".").map((field) => {
    const [name, how] = field.split(":") as [string, string?];
    return { name, make: how === undefined ? undefined : transform(how) };
  });
  return (reply) => {
    const values = list(reply);
    if (reply === null || values.length === 0) return null;
    const made: Record<string, unknown> = {};
    fields.forEach(({ name, make }, i) => {
      made[name] = make === undefined ? values[i] : make(values[i] as Reply);
    });
    return made;
  };
}

const list = (reply: Reply): Reply[] => reply as Reply[];

// Makes an object of names and values that follow each other. Without a prototype, so that every name is one like all others.
function object(reply: Reply): Record<string, Reply> {
  const made = Object.create(null) as Record<string, Reply>;
  const flat = list(reply);
  for (let i = 0; i < flat.length; i += 2) made[text(flat[i])] = flat[i + 1] as Reply;
  return made;
}

function pairs<T>(reply: Reply, make: (a: Reply, b: Reply) => T): T[] {
  const flat = list(reply);
  const made: T[] = [];
  for (let i = 0; i < flat.length; i += 2) made.push(make(flat[i] as Reply, flat[i + 1] as Reply));
  return made;
}

// A line of CLIENT LIST: what is a number there is one here.
function client(reply: Reply): Record<string, string | number> {
  const made: Record<string, string | number> = {};
  for (const [, name = "", value = ""] of text(reply).matchAll(/([^\s=]+)=(\S*)/g)) {
    const words = /^(l?addr|name|flags|events|cmd|user|lib-name|lib-ver)$/.test(name);
    made[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())] = words ? value : Number(value);
  }
  return made;
}

// What stands behind the name of a place tells itself apart: a distance is a string, a hash an integer, coordinates are an array.
function place(reply: Reply): unknown {
  if (!Array.isArray(reply)) return { member: reply };
  const [member, ...rest] = reply;
  const made: Record<string, unknown> = { member };
  for (const value of rest) {
    if (Array.isArray(value)) made["coordinates"] = { longitude: value[0], latitude: value[1] };
    else if (typeof value === "number" || typeof value === "bigint") made["hash"] = value;
    else made["distance"] = Number(text(value));
  }
  return made;
}

const ways: Record<string, Transform> = {
  object,
  json: (reply) => (reply === null ? null : JSON.parse(text(reply))),
  number: (reply) => reply && Number(text(reply)),
  set: (reply) => new Set(list(reply)),
  entries: (reply) => pairs(reply, (field, value) => ({ field, value })),
  flatScored: (reply) => pairs(reply, (value, score) => ({ value, score: double(text(score)) })),
  client,
  commands: (reply) => list(reply).map(command),
  clients: (reply) => text(reply).split("\n").filter(Boolean).map(client),
  places: (reply) => list(reply).map(place),
  streams: (reply) => reply && Object.entries(reply).map(([name, entries]) => ({ name, messages: messages(entries as Reply) })),
  stream(reply) {
    const made = reply as Record<string, unknown>;
    for (const name of ["first-entry", "last-entry"]) made[name] = entry(made[name] as Reply);
    return made;
  },
};
const entry = transform("id.message:object");
const messages = (ways["messages"] = transform("*id.message:object"));
ways["scored"] = transform("*value.score");
ways["consumers"] = transform("*name.deliveriesCounter:number");
ways["replicas"] = transform("*host.port:number.replicationOffest:number");
ways["role"] = transform("role.replicationOffest.replicas:replicas");
const command = (ways["command"] = transform("name.arity.flags:set.firstKeyIndex.lastKeyIndex.step.categories:set.tips.keySpecs.subcommands:commands"));
