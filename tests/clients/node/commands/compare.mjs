// Makes the calls of cases.mjs through node-redis and through the package, and prints where they differ. Arguments: the ports of an empty
// redis-server and an empty tabdis. What differs on purpose stands in the README.
import { readFileSync } from "node:fs";
import { inspect, isDeepStrictEqual } from "node:util";
import { createClient } from "redis";
import { aliases, names } from "./surface.mjs";
import * as cases from "./cases.mjs";
import { build } from "./build.mjs";

const [redis, tabdis] = process.argv.slice(2).map(Number);
const { clientOf } = await build("tcp.ts");
let wrong = 0;
const say = (line) => (wrong++, console.log(line));

/** A value to be compared: bytes are bytes, objects have no prototype, and errors their text. */
function plain(value) {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("latin1")}`;
  if (value instanceof Error) return { error: value.replies ? value.replies.map(plain) : value.message };
  if (value instanceof Set) return new Set([...value].map(plain));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined).map(([k, v]) => [k, plain(v)]));
}

/** What remains of a value whose content is chance: its types. */
function form(value) {
  if (Array.isArray(value)) return value.length === 0 ? [] : [form(value[0])];
  if (typeof value !== "object" || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, form(v)]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

// Of what COMMAND tells, what both clients make of it.
function common(info) {
  if (info === null || !("arity" in info)) return info;
  const { name, arity, flags, firstKeyIndex, lastKeyIndex, step, categories, subcommands } = info;
  return { name, arity, flags, firstKeyIndex, lastKeyIndex, step, categories, subcommands: sorted(subcommands.map(common)) }; // in the order of a hash table that grows
}

const sorted = (value) => (Array.isArray(value) ? [...value].sort((a, b) => (String(a?.name ?? a) < String(b?.name ?? b) ? -1 : 1)) : value);

function read(line) {
  const at = line.findIndex((word) => !["~", "?", "7.2", "alone", "text"].includes(word));
  const marks = line.slice(0, at);
  return { method: line[at], args: line.slice(at + 1), sort: marks.includes("~"), form: marks.includes("?"), newer: marks.includes("7.2"), alone: marks.includes("alone"), text: marks.includes("text") };
}

async function run(client, step, how) {
  try {
    const reply = how === "multi" ? (await client.multi()[step.method](...step.args).exec())[0] : await client[step.method](...step.args);
    const value = plain(/^command(Info)?$/.test(step.method) ? reply.map(common) : reply);
    return step.sort ? sorted(value) : step.form ? form(value) : value;
  } catch (error) {
    return plain(error);
  }
}

/** As empty as at the start, and nothing of what was begun goes on. */
async function fresh(client) {
  await client.flushAll();
  await client.functionFlush().catch(() => undefined); // tabdis has no functions
  await client.aclLogReset();
  await client.configSet({ "slowlog-max-len": "128", hz: "500" }); // waits end in time
  for (const end = Date.now() + 10_000; /_in_progress:1/.test(Buffer.from(await client.info("persistence")).toString()); ) if (Date.now() > end) throw new Error("it goes on");
}

async function compare(where, port, how, groups) {
  const theirs = await createClient({ socket: { host: "127.0.0.1", port }, disableClientInfo: true, maintNotifications: "disabled" }).on("error", (error) => say(`node-redis: ${error}`)).connect();
  const own = await clientOf(port).connect();
  const mapping = { 36: Buffer, 43: Buffer, 61: Buffer };
  const [a, b] = how === "binary" ? [theirs.withTypeMapping(mapping), own.binary] : [theirs, own];
  const seen = [];
  for (const steps of groups) {
    const replies = [];
    for (const client of [a, b]) {
      await fresh(client);
      const list = [];
      for (const step of steps.map(read)) if (how === "text" || !(step.text || (how === "multi" && step.alone))) list.push([step, await run(client, step, how)]);
      replies.push(list);
    }
    replies[0].forEach(([step, want], i) => {
      const got = replies[1][i][1];
      seen.push([step, want, got]);
      if (!isDeepStrictEqual(got, want)) say(`${where}, ${how}: ${step.method} ${inspect(step.args, { depth: 9 })}\n  node-redis ${inspect(want, { depth: 9 })}\n  tabdis     ${inspect(got, { depth: 9 })}`);
    });
  }
  await theirs.close();
  await own.close();
  return seen;
}

const { ours, ...shared } = cases;
const groups = Object.values(shared);
const real = await compare("on redis-server", redis, "text", [...groups, ours]);
await compare("on redis-server", redis, "binary", [...groups, ours]);
await compare("on redis-server", redis, "multi", [...groups, ours]);
const engine = await compare("on tabdis", tabdis, "text", [...groups, ours]);
const count = groups.flat().length;
engine.forEach(([step, , got], i) => {
  const want = real[i][1];
  if (i < count && !step.newer && !isDeepStrictEqual(got, want)) say(`node-redis on redis-server and the package on tabdis: ${step.method} ${inspect(step.args, { depth: 9 })}\n  ${inspect(want, { depth: 9 })}\n  ${inspect(got, { depth: 9 })}`);
});

// Every method of node-redis is compared, or stands in the table with what differs.
const [, table] = /<!-- differences -->([^]*)<!-- end of differences -->/.exec(readFileSync(new URL("../../../../README.md", import.meta.url), "utf8"));
const differ = new Set([...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name)));
const program = readFileSync(new URL("../node-redis.mjs", import.meta.url), "utf8"); // which both clients run too
const compared = new Set([...[...groups.flat(), ...ours].map((line) => read(line).method), ...[...program.matchAll(/\.(\w+)\(/g)].map(([, name]) => name), "withTypeMapping"]);
const own = clientOf(redis);
for (const name of names) {
  if (compared.has(name) && !differ.has(name) && typeof own[name] !== "function") say(`${name} is not there`);
  if (!compared.has(name) && !differ.has(name)) say(`${name} of node-redis is neither compared nor in the README's table`);
}
for (const name of differ) if (!names.includes(name)) say(`${name} of the README's table is no method of node-redis`);
for (const [alias, name] of aliases) if (typeof own[name] === "function" && own[alias] !== own[name]) say(`${alias} is not ${name}`);
console.log(`${compared.size} methods in ${count + ours.length} calls, in 4 ways`);
process.exitCode = wrong > 0 ? 1 : 0;
