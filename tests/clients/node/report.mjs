// A program writes a line for each step on standard output: its words, and what the client made of the reply, as JSON with sorted keys.
const plain = (key, value) => {
  if (value instanceof Map) value = Object.fromEntries(value);
  if (value instanceof Set) value = [...value].sort();
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value?.type === "Buffer") return `hex ${Buffer.from(value.data).toString("hex")}`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value && typeof value === "object" && !Array.isArray(value)) return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return value;
};

export const note = (name, value) => console.log(`${name}: ${JSON.stringify(value, plain) ?? "undefined"}`);

// say waits for a reply, or the client's error, and reports it; with sort, what comes in the server's own order.
export async function say(name, reply, sort = false) {
  try {
    const value = await reply;
    note(name, sort ? [...value].sort() : value);
  } catch (err) {
    console.log(`${name}: ${err.name}: ${err.message}`);
  }
}

// every calls methods of a client in turn: each step is [method, ...arguments].
export async function every(client, steps) {
  for (const [method, ...args] of steps) await say(`${method} ${JSON.stringify(args, plain)}`, client[method](...args));
}

// eventually asks until it is so.
export async function eventually(ask) {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if (await ask()) return;
    await new Promise((done) => setTimeout(done, 2));
  }
  throw new Error(`it did not come to be: ${ask}`);
}
