import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { chooseBackend } from "../src/host/backend.js";
import { knownBackends, noteStore } from "../src/known.js";

const original = new Map<string, PropertyDescriptor | undefined>();

function stub(name: string, value: unknown): void {
  if (!original.has(name)) original.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

afterEach(() => {
  for (const [name, descriptor] of original) {
    if (descriptor === undefined) delete (globalThis as Record<string, unknown>)[name];
    else Object.defineProperty(globalThis, name, descriptor);
  }
  original.clear();
});

class SyncHandles {
  createSyncAccessHandle(): void {}
}

describe("the backend", () => {
  it("is not IndexedDB because OPFS fails for once, when the store is known on OPFS", async () => {
    stub("FileSystemFileHandle", SyncHandles);
    stub("indexedDB", {});
    stub("navigator", { storage: { getDirectory: () => Promise.reject(new DOMException("for a transient reason", "UnknownError")) } });
    await assert.rejects(chooseBackend("auto", "s", ["opfs"]), /the store s is on OPFS, and the browser refuses OPFS here: for a transient reason/);
    await assert.rejects(chooseBackend("auto", "s", ["opfs", "idb"]), /is on OPFS/);
    assert.equal((await chooseBackend("auto", "s", ["idb"])).backend, "idb");
    assert.equal((await chooseBackend("auto", "s", [])).backend, "idb");
    assert.equal((await chooseBackend("idb", "s", ["opfs"])).backend, "idb", "asked for");
  });

  it("is no other where the browser has nothing to keep a store", async () => {
    stub("FileSystemFileHandle", undefined);
    stub("navigator", {});
    for (const asked of ["auto", "opfs", "idb"] as const) {
      await assert.rejects(chooseBackend(asked, "s", []), { code: "BACKEND" }, asked);
    }
    assert.equal((await chooseBackend("memory", "s", [])).backend, "memory");
  });
});

describe("what the origin remembers", () => {
  const remember = (): void => {
    const kept = new Map<string, string>();
    const getItem = (key: string): string | null => kept.get(key) ?? null;
    stub("localStorage", { getItem, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) });
  };

  it("tells a store that is gone from one that never was, once", () => {
    remember();
    assert.equal(noteStore("s", "idb", "idb", true), false, "it never was");
    assert.equal(noteStore("s", "idb", "idb", false), false, "it is there");
    assert.equal(noteStore("t", "idb", "idb", true), false, "another one");
    assert.equal(noteStore("s", "opfs", "opfs", true), false, "another backend was asked for");
    assert.deepEqual(knownBackends("s"), ["opfs", "idb"]);
    assert.equal(noteStore("s", "idb", "idb", true), true, "it is gone");
    assert.equal(noteStore("s", "idb", "idb", false), false, "the new one is there");
  });

  it("misses with auto what was on the other backend", () => {
    remember();
    assert.equal(noteStore("s", "auto", "idb", true), false);
    assert.equal(noteStore("s", "auto", "opfs", true), true);
    assert.deepEqual(knownBackends("s"), ["opfs"]);
  });

  it("is nothing of what is in memory, and nothing where there is no localStorage", () => {
    remember();
    assert.equal(noteStore("s", "memory", "memory", true), false);
    assert.deepEqual(knownBackends("s"), []);
    stub("localStorage", undefined);
    assert.equal(noteStore("s", "idb", "idb", true), false);
    assert.deepEqual(knownBackends("s"), []);
  });
});
