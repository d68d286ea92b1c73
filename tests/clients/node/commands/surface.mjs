// What node-redis's client can do: its commands, and what else is public on it. Each name in small letters, and those in capitals.
import { createRequire } from "node:module";
import { createClient } from "redis";

const commands = createRequire(import.meta.url)("@redis/client/dist/lib/commands/index.js").default;
const client = createClient();
const here = new Set();
for (let at = client; at !== null && at.constructor?.name !== "EventEmitter"; at = Object.getPrototypeOf(at)) for (const name of Object.getOwnPropertyNames(at)) here.add(name);
const small = (name) => /^[a-z]/.test(name) && /^[a-zA-Z]+$/.test(name);
const all = new Set([...Object.keys(commands), ...[...here].filter((name) => typeof client[name] === "function")]);

export const names = [...all].filter((name) => small(name) && name !== "constructor");

const bySmall = new Map(names.map((name) => [name.toLowerCase(), name]));
export const aliases = [...all].filter((name) => /^[A-Z_-]+$/.test(name)).map((name) => [name, bySmall.get(name.replace(/[-_]/g, "").toLowerCase())]).filter(([, name]) => name);
