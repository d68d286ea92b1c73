// Pages that are frozen, go into the back/forward cache and come back, in each order in which browsers tell them so.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ClosedError } from "../src/errors.js";
import type { Port, ToPage } from "../src/protocol.js";
import { Tab, type EngineWorker, type TabOptions } from "../src/tabs/tab.js";
import { FakeLocks } from "./locks.js";

/** A Worker of the tab: whether it runs, and the sessions that were opened in it. */
class FakeWorker implements EngineWorker {
  onmessage: ((event: MessageEvent<ToPage>) => void) | null = null;
  onerror = null;
  running = true;
  sessions = 0;
  postMessage(message: { type: string }): void {
    if (message.type === "session") this.sessions++;
  }
  terminate(): void {
    this.running = false;
  }
  says(message: object): void {
    this.onmessage?.({ data: message } as MessageEvent<ToPage>);
  }
  leads(): void {
    this.says({ type: "leading" });
    this.says({ type: "ready", backend: "idb", why: "", load: { created: false }, restarts: 0 });
  }
}

/** BroadcastChannels that are open: with one the page could not stay in the back/forward cache. */
const channels = new Set<FakeChannel>();
class FakeChannel implements Port {
  onmessage = null;
  constructor() {
    channels.add(this);
  }
  postMessage(): void {}
  close(): void {
    channels.delete(this);
  }
}

/** The events: p for those of a page that is kept, and of one that was. */
type Told = "freeze" | "resume" | "pagehide" | "pagehide p" | "pageshow" | "pageshow p";

describe("a page", () => {
  const locks = new FakeLocks();
  const globals = globalThis as unknown as Record<string, unknown>;
  const real = globals["BroadcastChannel"];
  let window: EventTarget;
  let document: EventTarget;
  before(() => {
    locks.install();
    globals["BroadcastChannel"] = FakeChannel;
  });
  beforeEach(() => {
    locks.reset();
    channels.clear();
    globals["document"] = document = new EventTarget();
    window = new EventTarget();
    globals["addEventListener"] = window.addEventListener.bind(window);
  });
  after(() => {
    locks.uninstall();
    globals["BroadcastChannel"] = real;
    delete globals["document"];
    delete globals["addEventListener"];
  });

  const tell = (told: Told): void => {
    const [type = "", kept] = told.split(" ");
    const event = Object.assign(new Event(type), { persisted: kept === "p" });
    (type.startsWith("page") ? window : document).dispatchEvent(event);
  };

  /** A tab that leads, with one session. */
  const leads = async (): Promise<{ tab: Tab; workers: FakeWorker[] }> => {
    const workers: FakeWorker[] = [];
    const worker = (): FakeWorker => workers[workers.push(new FakeWorker()) - 1] as FakeWorker;
    const options = { name: "s", backend: "auto", alone: false, unresponsive: 0, scripts: { worker, broker: undefined } } as unknown as TabOptions;
    const quiet = (): void => undefined;
    const tab = new Tab(options, { linked: quiet, failed: assert.fail, progress: quiet, log: quiet });
    await tab.start();
    workers[0]?.leads();
    tab.session();
    return { tab, workers };
  };

  // What is told, and whether a Worker runs behind it.
  const orders: Record<string, [told: Told, runs: boolean][]> = {
    "is loaded": [["pageshow", true]],
    "is frozen while it is hidden": [["pageshow", true], ["freeze", false], ["resume", true]],
    "is frozen twice": [["freeze", false], ["resume", true], ["freeze", false], ["resume", true]],
    "goes into the cache (Firefox, WebKit)": [["pagehide p", false], ["pageshow p", true]],
    "goes into the cache (Chromium)": [["pagehide p", false], ["freeze", false], ["resume", false], ["pageshow p", true]],
    "is frozen and then goes into the cache": [["freeze", false], ["pagehide p", false], ["resume", false], ["pageshow p", true]],
    "is frozen, and is not told when it is frozen no more": [["freeze", false], ["pagehide p", false], ["pageshow p", true]],
    "is shown before it is frozen no more": [["pagehide p", false], ["freeze", false], ["pageshow p", true], ["resume", true]],
    "goes into the cache behind a sleep": [["freeze", false], ["resume", true], ["pagehide p", false], ["freeze", false], ["resume", false], ["pageshow p", true]],
    "sleeps behind a stay in the cache": [["pagehide p", false], ["freeze", false], ["resume", false], ["pageshow p", true], ["freeze", false], ["resume", true]],
    "is left, and not kept": [["pagehide", true]],
  };
  for (const [what, order] of Object.entries(orders)) {
    it(`that ${what} has no Worker meanwhile, and one afterwards`, async () => {
      const { tab, workers } = await leads();
      let started = 1;
      for (const [told, runs] of order) {
        const ran = workers.at(-1)?.running;
        tell(told);
        if (runs && !ran) started++;
        assert.equal(workers.length, started, `Workers that were started until ${told}`);
        assert.deepEqual(workers.map(({ running }) => running), workers.map((_, i) => runs && i === started - 1), `behind ${told}`);
        assert.equal(channels.size, runs ? 1 : 0, `channels behind ${told}`);
      }
      const [last] = workers.slice(-1);
      if (started > 1) {
        assert.equal(last?.sessions, 0, "it does not lead yet");
        last?.leads();
      }
      assert.equal(last?.sessions, 1, "the session goes on there");
      tab.end(new ClosedError("CLOSED", "over"));
      for (const told of ["freeze", "resume", "pagehide p", "pageshow p"] as const) tell(told);
      assert.deepEqual([workers.length, workers.some(({ running }) => running), channels.size], [started, false, 0], "a store that is closed stays so");
    });
  }
});
