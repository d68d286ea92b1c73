// Who leads, who stands by to be the next, and what it does beforehand: with engines and locks made up.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it, mock } from "node:test";
import { Instance, type InstanceOptions } from "../src/host/instance.js";
import { Leader } from "../src/leader/leader.js";
import { rehearseLater } from "../src/leader/rehearsal.js";
import type { OpenMessage, ToPage } from "../src/protocol.js";

const turns = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

type Held = { name: string; free: () => void };
type Waiting = { name: string; get: (lock: object | null) => void };

/** Web Locks, which are given in the order in which they were asked for. */
class Locks {
  #held: Held[] = [];
  #waiting: Waiting[] = [];
  asked = 0;

  request(name: string, options: LockOptions, callback: (lock: object | null) => unknown): Promise<unknown> {
    return new Promise((settle, reject) => {
      const get = (lock: object | null): void => {
        const held = { name, free: () => this.#free(held) };
        if (lock !== null) this.#held.push(held);
        Promise.resolve(callback(lock)).then(settle, reject).finally(held.free);
      };
      const taken = this.#held.some((lock) => lock.name === name);
      if (!taken) queueMicrotask(() => get({}));
      else if (options.ifAvailable) queueMicrotask(() => get(null));
      else this.#waiting.push({ name, get });
    });
  }

  #free(held: Held): void {
    if (!this.#held.includes(held)) return;
    this.#held.splice(this.#held.indexOf(held), 1);
    const next = this.#waiting.find(({ name }) => name === held.name);
    if (next === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    next.get({});
  }

  async query(): Promise<{ held: { name: string }[] }> {
    this.asked++;
    return { held: this.#held.map(({ name }) => ({ name })) };
  }

  get names(): string[] {
    return this.#held.map(({ name }) => name).sort();
  }

  waitingFor(name: string): number {
    return this.#waiting.filter((waiting) => waiting.name === name).length;
  }
}

/** An engine that opens when the test lets it. */
class FakeEngine {
  options: InstanceOptions | undefined;
  closed = false;
  clients: string[] = [];
  readonly forgotten: string[] = [];
  readonly report = { commands: 0, bytes: 0, created: false };
  opens: () => void = () => undefined;
  numberedClients = (): string[] => this.clients;
  forget = (id: string): void => void this.forgotten.push(id);
  open(options: InstanceOptions): Promise<void> {
    this.options = options;
    return new Promise((resolve) => (this.opens = resolve));
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

let locks: Locks;
let engines: FakeEngine[];
const leaders: Leader[] = [];
let failing: number; // how many preparations are to fail
let fetched: number;
let compiledFiles: number;
const globals = new Map<string, PropertyDescriptor | undefined>();

function stub(name: string, value: unknown): void {
  if (!globals.has(name)) globals.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

before(() => {
  const file = { ok: true, headers: new Headers({ "Content-Type": "application/wasm" }), blob: async () => new Blob([], { type: "application/wasm" }) };
  stub("fetch", async () => (fetched++, file));
  mock.method(WebAssembly, "compileStreaming", async () => (compiledFiles++, {}));
  stub("Worker", undefined);
  mock.method(Instance, "prepare", async () => {
    if (failing-- > 0) throw new Error("no memory");
    const engine = new FakeEngine();
    engines.push(engine);
    return engine;
  });
});
beforeEach(() => {
  locks = new Locks();
  engines = [];
  failing = fetched = compiledFiles = 0;
  stub("navigator", { locks });
});
afterEach(async () => {
  mock.timers.reset();
  for (const leader of leaders.splice(0)) await leader.close(); // their channels would keep the process
});
after(() => {
  mock.restoreAll();
  for (const [name, descriptor] of globals) {
    if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, descriptor);
  }
});

const LEADER = "tabdis:s:leader";
const STANDBY = "tabdis:s:standby";

/** A Worker that takes part, and what it says to its page. */
function worker(options: Partial<OpenMessage> = {}): { leader: Leader; said: string[] } {
  const said: string[] = [];
  const postMessage = (message: unknown): void => void said.push((message as ToPage).type);
  const scope = { onmessage: null, location: { href: "" }, postMessage };
  const request = { type: "open", name: "s", tab: "00000000000a", wasmUrl: "w", backend: "memory", known: [], config: [], alone: false, lab: false };
  const leader = new Leader(scope, { ...request, ...options } as OpenMessage);
  leaders.push(leader);
  void leader.run();
  return { leader, said };
}

describe("the election", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setInterval"] }));

  it("lets the first one lead at once, and nobody stand by", async () => {
    const { said } = worker();
    await turns();
    engines[0]?.opens();
    await turns();
    assert.deepEqual([said, engines.length, locks.names], [["leading", "ready"], 1, [LEADER]]);
  });

  it("has one of those who wait prepared, which touches nothing, leads next, and with its own options", async () => {
    const first = worker();
    await turns();
    engines[0]?.opens();
    const second = worker({ config: ["maxmemory", "2"] });
    await turns();
    const third = worker({ config: ["maxmemory", "3"] });
    await turns();
    assert.deepEqual([engines.length, locks.names, locks.waitingFor(LEADER), locks.waitingFor(STANDBY)], [2, [LEADER, STANDBY], 1, 1]);
    assert.deepEqual([engines[1]?.options, second.said, third.said], [undefined, [], []]);
    assert.deepEqual([fetched, compiledFiles], [3, 2], "the third has the file, and will compile it when it is the next");

    await first.leader.close();
    await turns();
    assert.deepEqual([second.said, engines[1]?.options?.config, engines[1]?.closed], [["leading"], ["maxmemory", "2"], false]);
    assert.equal(engines.length, 2, "the third leaves it the processor while it opens");
    engines[1]?.opens();
    await turns();
    await turns();
    assert.deepEqual([second.said, engines.length, third.said, fetched], [["leading", "ready"], 3, [], 3]);

    await second.leader.close();
    await turns();
    engines[2]?.opens();
    await turns();
    assert.deepEqual([third.said, engines[2]?.options?.config, locks.names], [["leading", "ready"], ["maxmemory", "3"], [LEADER]]);
  });

  it("goes on with the next one when the one that stood by cannot lead, and buries its engine", async () => {
    const first = worker();
    await turns();
    engines[0]?.opens();
    const second = worker({ backend: "opfs" }); // which Node has not
    await turns();
    const third = worker();
    await turns();
    await first.leader.close();
    await turns();
    assert.deepEqual([second.said, engines[1]?.options, engines[1]?.closed], [["leading", "failed"], undefined, true]);
    engines[2]?.opens();
    await turns();
    assert.deepEqual([third.said, locks.names], [["leading", "ready"], [LEADER]]);
  });

  it("does not mind that preparing failed while another led", async () => {
    const first = worker();
    await turns();
    engines[0]?.opens();
    failing = 1;
    const second = worker();
    await turns();
    assert.deepEqual([engines.length, second.said, locks.names], [1, [], [LEADER, STANDBY]]);
    await first.leader.close();
    await turns();
    engines[1]?.opens();
    await turns();
    assert.deepEqual(second.said, ["leading", "ready"]);
  });

  it("fails when an engine cannot be started for one who is to lead", async () => {
    failing = Infinity;
    const { said } = worker();
    await turns();
    assert.deepEqual([said, locks.names], [["leading", "failed"], []]);
  });

  it("opens nothing once the store is to be closed", async () => {
    const { leader, said } = worker();
    await leader.close();
    await turns();
    assert.deepEqual([engines[0]?.options, engines[0]?.closed, said.includes("ready")], [undefined, true, false]);
  });
});

describe("a new leader", () => {
  it("lets sessions come before it knows which tabs live, and forgets those that do not", async () => {
    let query: (locks: { held: { name: string }[] }) => void = () => undefined;
    locks.query = () => new Promise((resolve) => (query = resolve));
    const { said } = worker();
    await turns();
    const [engine] = engines;
    engine!.clients = ["00000000000b0000", "00000000000c0000"];
    engine!.opens();
    await turns();
    assert.deepEqual([said, engine!.forgotten], [["leading", "ready"], []]);
    query({ held: [{ name: "tabdis:s:tab:00000000000b" }] });
    await turns();
    assert.deepEqual(engine!.forgotten, ["00000000000c0000"]);
  });

  it("goes on when it cannot be told which tabs live, and says so", async () => {
    locks.query = () => Promise.reject(new Error("for once"));
    const { said } = worker();
    await turns();
    engines[0]!.clients = ["00000000000b0000"];
    engines[0]!.opens();
    await turns();
    assert.deepEqual([said, engines[0]!.forgotten], [["leading", "ready", "log"], []]);
  });
});

describe("the rehearsal", () => {
  const module = {} as WebAssembly.Module;
  class FakeWorker {
    onmessage: (() => void) | null = null;
    posted: unknown[] = [];
    terminated = false;
    postMessage = (message: unknown): void => void this.posted.push(message);
    terminate = (): void => void (this.terminated = true);
  }
  let started: FakeWorker[];
  const start = (): Worker => started[started.push(new FakeWorker()) - 1] as unknown as Worker;
  beforeEach(() => {
    started = [];
    mock.timers.enable({ apis: ["setTimeout"] });
  });

  it("comes a while after its Worker began to stand by, and its own Worker goes when it is over", async () => {
    rehearseLater(Promise.resolve(module), start);
    mock.timers.tick(999);
    await turns();
    assert.equal(started.length, 0);
    mock.timers.tick(1);
    await turns();
    assert.deepEqual([started.length, started[0]?.posted, started[0]?.terminated], [1, [module], false]);
    started[0]?.onmessage?.();
    assert.ok(started[0]?.terminated);
  });

  it("makes room for a Worker that is to lead: begun, or not yet", async () => {
    const stops = [rehearseLater(Promise.resolve(module), start)];
    mock.timers.tick(1000);
    await turns();
    stops.push(rehearseLater(Promise.resolve(module), start));
    for (const stop of stops) stop();
    mock.timers.tick(1000);
    await turns();
    assert.deepEqual(started.map(({ terminated }) => terminated), [true]);
  });

  it("is left out where there is no module, or no Worker", async () => {
    rehearseLater(Promise.reject(new Error("no module")), start);
    rehearseLater(Promise.resolve(module), () => {
      throw new Error("no Worker");
    });
    mock.timers.tick(1000);
    await turns();
    assert.equal(started.length, 0);
  });
});
