import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { watchLog, type Watched } from "../src/control/persistence.js";

const settled = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

describe("the log's state", () => {
  let state: string;
  let asked: number;
  let told: string[];
  let listeners: Set<() => void>;
  const watching = (signal: AbortSignal): void => watchLog(db, (log) => told.push(log.state), signal);
  const db = {
    store: {},
    call: () => {
      asked++;
      return Promise.resolve(state === "off" ? "aof_enabled:0" : `aof_enabled:1\r\naof_state:${state}`);
    },
    on(_: string, listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } as unknown as Watched;
  const warns = async (): Promise<void> => {
    for (const listener of [...listeners]) listener();
    await settled();
  };
  const passes = async (): Promise<void> => {
    mock.timers.tick(1000);
    await settled();
  };

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    [state, asked, told, listeners] = ["healthy", 0, [], new Set()];
  });
  afterEach(() => mock.timers.reset());

  it("is told when it changes, and looked at while it is not healthy only", async () => {
    watching(new AbortController().signal);
    await settled();
    await passes();
    assert.deepEqual([told, asked], [[], 1]);
    state = "full";
    await warns();
    await passes();
    assert.deepEqual([told, asked], [["full"], 3]);
    state = "healthy";
    await passes();
    await passes();
    assert.deepEqual([told, asked], [["full", "healthy"], 4]);
  });

  it("is told at once when it is not healthy, and nothing of a log that is not kept until there is one", async () => {
    state = "off";
    watching(new AbortController().signal);
    await settled();
    assert.deepEqual(told, []);
    state = "broken";
    await warns();
    assert.deepEqual(told, ["broken"]);
    state = "off";
    await passes();
    assert.deepEqual(told, ["broken", "off"]);
  });

  it("is told to nobody who has left, before it was looked at or later", async () => {
    watching(AbortSignal.abort());
    assert.equal(listeners.size, 0);
    const control = new AbortController();
    watching(control.signal);
    assert.equal(listeners.size, 3);
    await settled();
    state = "full";
    control.abort();
    await warns();
    assert.deepEqual([told, listeners.size], [[], 0]);
  });
});
