import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe } from "node:test";
import { pathToFileURL } from "node:url";
import type { BuildOptions } from "esbuild";
import { derived, get } from "svelte/store";
import { commandStore, keyStore, liveStore } from "../../src/svelte.js";
import { equal, until } from "./check.js";
import { it } from "./limited.js";
import { names, start, type Running } from "./servers.js";
import { TcpDatabase, type TcpSession } from "./tcp.js";

const require = createRequire(import.meta.url);
const { build } = require("esbuild") as { build(options: BuildOptions): Promise<{ outputFiles?: { text: string }[] }> };

/** Compiles a component of Svelte and gives a module with it and with `mount` and `unmount`. */
async function component(source: string): Promise<{ mount(target: unknown, props: object): unknown; unmount(it: unknown): Promise<void> }> {
  const compiler: string = "svelte/compiler";
  const { compile } = (await import(compiler)) as typeof import("svelte/compiler");
  const { js } = compile(source, { generate: "client", name: "Show" });
  const { outputFiles } = await build({
    stdin: {
      contents: `${js.code}
        import { mount as mountIt, unmount } from "svelte";
        export const mount = (target, props) => mountIt(Show, { target, props });
        export { unmount };`,
      resolveDir: join(dirname(require.resolve("esbuild/package.json")), "../.."),
    },
    bundle: true,
    write: false,
    format: "esm",
    conditions: ["browser"],
    logLevel: "error",
  });
  const dir = mkdtempSync(join(tmpdir(), "tabdis-svelte-"));
  try {
    writeFileSync(join(dir, "show.mjs"), outputFiles?.[0]?.text ?? "");
    return (await import(pathToFileURL(join(dir, "show.mjs")).href)) as Awaited<ReturnType<typeof component>>;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

for (const name of names) {
  describe(`stores for Svelte on ${name}`, () => {
    let server: Running;
    let db: TcpDatabase;
    let other: TcpSession;
    before(async () => (server = await start(name)));
    after(() => server.stop());
    beforeEach(async () => {
      db = new TcpDatabase(server);
      other = new TcpDatabase(server).session();
      await other.call("FLUSHALL");
    });

    it("a store of a key gives undefined at once, then follows it, for all who subscribe", async () => {
      const store = keyStore(db, "k");
      const seen: unknown[] = [];
      const end = store.subscribe((value) => seen.push(value));
      equal(seen, [undefined]);
      await until(() => seen.length === 2);
      await other.call("SET", "k", "1");
      await until(() => seen.length === 3);
      const late: unknown[] = [];
      const endLate = store.subscribe((value) => late.push(value));
      equal(late, ["1"]);
      await other.call("SET", "k", "2");
      await until(() => seen.length === 4 && late.length === 2);
      end();
      endLate();
      await other.call("SET", "k", "3");
      await other.call("PING");
      equal([seen, late], [[undefined, null, "1", "2"], ["1", "2"]]);
    });

    it("Svelte's own derived and get work on them", async () => {
      await other.call("HSET", "h", "n", 2);
      await other.call("SET", "k", 3);
      const product = derived([keyStore(db, "k"), commandStore(db, ["HGETALL", "h"])], ([k, h]) => Number(k) * Number((h as { n?: string } | undefined)?.n));
      const seen: number[] = [];
      const end = product.subscribe((value) => seen.push(value));
      await until(() => seen.at(-1) === 6);
      await other.call("HSET", "h", "n", 5);
      await until(() => seen.at(-1) === 15);
      equal(get(keyStore(db, "k")), "3");
      end();
    });

    it("a live store runs while somebody has subscribed, once for all", async () => {
      let runs = 0;
      const store = liveStore(db, ["cart:*"], async (q) => (runs++, ((await q.call("KEYS", "cart:*")) as string[]).length));
      equal(db.sessions.size, 0);
      const seen: unknown[] = [];
      const ends = [store.subscribe(({ value }) => seen.push(value)), store.subscribe(() => undefined)];
      await until(() => seen.at(-1) === 0);
      await other.call("SET", "cart:1", "x");
      await until(() => seen.at(-1) === 1);
      equal(runs, 2);
      for (const end of ends) end();
      for (const end of ends) end();
      await until(() => db.sessions.size === 0);
      const again = store.subscribe(({ value }) => seen.push(value));
      equal(seen.at(-1), 1, "what it gave last");
      await until(() => runs === 3);
      again();
      await until(() => db.sessions.size === 0);
    });

    it("a live store tells errors, and keeps the value before", async () => {
      const store = liveStore(db, [], (q) => q.call("GET", "k"));
      let state: { value: unknown; error: Error | undefined } | undefined;
      const end = store.subscribe((value) => (state = value));
      await until(() => state?.value === null);
      await other.call("LPUSH", "k", "x");
      await until(() => state?.error !== undefined);
      equal([state?.value, state?.error?.name], [null, "ReplyError"]);
      end();
    });

    it("gives undefined without a database, as on a server", () => {
      equal([get(keyStore(undefined, "k")), get(liveStore(undefined, [], (q) => q.call("PING")))], [undefined, { value: undefined, error: undefined }]);
    });

    it("a component shows them", async () => {
      const dom: string = "happy-dom";
      const { Window } = (await import(dom)) as typeof import("happy-dom");
      const window = new Window();
      for (const name of ["window", "document", "navigator", "Element", "Node", "Text", "Comment", "HTMLElement", "HTMLMediaElement"] as const) {
        Object.assign(globalThis, { [name]: name === "window" ? window : (window as unknown as Record<string, unknown>)[name] });
      }
      const { mount, unmount } = await component(`<script>let { key, live } = $props();</script><p>{$key} {$live.value}</p>`);
      const target = globalThis.document.body;
      const key = keyStore(db, "k");
      const live = liveStore(db, ["k*"], async (q) => ((await q.call("KEYS", "k*")) as string[]).length);
      const shown = mount(target, { key, live });
      await until(() => target.textContent === " 0"); // Svelte writes nothing for null
      await other.call("SET", "k", "v");
      await until(() => target.textContent === "v 1");
      await unmount(shown);
      assert.equal(target.textContent, "");
      await until(() => db.sessions.size === 1); // that of the cache
    });
  });
}
