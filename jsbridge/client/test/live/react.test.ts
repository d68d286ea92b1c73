import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe } from "node:test";
import type { ReactNode } from "react";
import type { Root } from "react-dom/client";
import { equal, until } from "./check.js";
import { it } from "./limited.js";
import { names, start, type Running } from "./servers.js";
import { TcpDatabase, type TcpSession } from "./tcp.js";

// React looks at the page when it is loaded. What makes the page is not bundled: it needs Node's modules.
const dom: string = "happy-dom";
const { Window } = (await import(dom)) as typeof import("happy-dom");
const window = new Window();
Object.assign(globalThis, { window, document: window.document, navigator: window.navigator, IS_REACT_ACT_ENVIRONMENT: false });
// One whose ports do not keep Node alive.
class Channel {
  readonly port1: { onmessage?: (event: { data: unknown }) => void } = {};
  readonly port2 = { postMessage: (data: unknown) => void setTimeout(() => this.port1.onmessage?.({ data }), 0) };
}
Object.assign(globalThis, { MessageChannel: Channel });
const React = await import("react");
const { createRoot, hydrateRoot } = await import("react-dom/client");
const { renderToString } = await import("react-dom/server.browser");
const { TabdisProvider, useKey, useLive, useRead, useTabdis } = await import("../../src/react.js");
const { createElement: h, StrictMode, useState, Component } = React;

after(() => window.close());

const root = (): Element => globalThis.document.body.appendChild(globalThis.document.createElement("div"));

for (const name of names) {
  describe(`hooks for React on ${name}`, () => {
    let server: Running;
    let db: TcpDatabase;
    let other: TcpSession;
    let at: Element;
    let app: Root;
    before(async () => (server = await start(name)));
    after(() => server.stop());
    beforeEach(async () => {
      db = new TcpDatabase(server);
      other = new TcpDatabase(server).session();
      await other.call("FLUSHALL");
      at = root();
      app = createRoot(at);
    });
    afterEach(async () => {
      app.unmount();
      await until(() => db.sessions.size <= 1); // that of the cache, which lives as long as the database
      await db.close();
      await other.close();
    });
    const shows = (text: string): Promise<void> => until(() => at.textContent === text);

    for (const strict of [false, true]) {
      const render = (node: ReactNode): void => app.render(strict ? h(StrictMode, null, node) : node);
      const mode = strict ? "under StrictMode" : "plainly";

      it(`useKey follows a key and a change of its name, ${mode}`, async () => {
        const shown: string[] = [];
        const Show = ({ name }: { name: string }): ReactNode => {
          const value = useKey(db, name);
          shown.push(String(value));
          return h("p", null, `${name}=${String(value)}`);
        };
        render(h(Show, { name: "a" }));
        await shows("a=null");
        for (let i = 0; i < 5; i++) {
          await other.call("SET", "a", i);
          await shows(`a=${i}`);
        }
        assert.ok(!shown.slice(shown.indexOf("null")).includes("undefined"), "a value that is read again does not flicker");
        await other.call("SET", "b", "x");
        render(h(Show, { name: "b" }));
        await shows("b=x");
        assert.equal(db.sessions.size, 1);
      });

      it(`useRead gives the same object until it changes, ${mode}`, async () => {
        const objects = new Set<unknown>();
        let render2: (n: number) => void = () => undefined;
        const Show = (): ReactNode => {
          const [n, set] = useState(0);
          render2 = set;
          const hash = useRead(db, ["HGETALL", "h"]) as Record<string, string> | undefined;
          if (hash !== undefined) objects.add(hash);
          return h("p", null, `${n}:${JSON.stringify(hash)}`);
        };
        await other.call("HSET", "h", "f", 1);
        render(h(Show));
        await shows('0:{"f":"1"}');
        render2(1);
        await shows('1:{"f":"1"}');
        assert.equal(objects.size, 1);
        await other.call("HSET", "h", "f", 2);
        await shows('1:{"f":"2"}');
        assert.equal(objects.size, 2);
      });

      it(`useLive runs again for what it read, for its patterns and for other deps, and leaves nothing behind, ${mode}`, async () => {
        const Show = ({ of }: { of: string }): ReactNode => {
          const { value, error } = useLive(db, [`${of}:*`], async (q) => ((await q.call("KEYS", `${of}:*`)) as string[]).length, [of]);
          return h("p", null, `${of} ${String(value)} ${String(error)}`);
        };
        render(h(Show, { of: "cart" }));
        await shows("cart 0 undefined");
        await other.call("SET", "cart:1", "x");
        await shows("cart 1 undefined");
        equal(db.sessions.size, 2, "sessions: one that reads, one for the prefix");
        await other.call("MSET", "list:1", "x", "list:2", "x");
        render(h(Show, { of: "list" }));
        await shows("list 2 undefined");
        await until(() => db.sessions.size === 2);
        render(null);
        await until(() => db.sessions.size === 0);
      });

      it(`useLive shows errors, and goes on, ${mode}`, async () => {
        const Show = (): ReactNode => {
          const { value, error } = useLive(db, [], (q) => q.call("GET", "k"));
          return h("p", null, `${String(value)} ${error?.name ?? "fine"}`);
        };
        render(h(Show));
        await shows("null fine");
        await other.call("LPUSH", "k", "x");
        await shows("null ReplyError");
        await other.call("SET", "k", "v");
        await shows("v fine");
      });

      it(`a key of another type reaches the error boundary, ${mode}`, async () => {
        class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
          override state: { error?: Error } = {};
          static getDerivedStateFromError = (error: Error): { error: Error } => ({ error });
          override render(): ReactNode {
            return this.state.error === undefined ? this.props.children : h("p", null, `caught ${this.state.error.name}`);
          }
        }
        const Show = (): ReactNode => h("p", null, String(useKey(db, "k")));
        app.unmount();
        app = createRoot(at, { onCaughtError: () => undefined });
        await other.call("LPUSH", "k", "x");
        render(h(Boundary, null, h(Show)));
        await shows("caught ReplyError");
      });

      it(`the provider gives the database, once it is there, ${mode}`, async () => {
        const Show = (): ReactNode => h("p", null, String(useKey(useTabdis(), "k")));
        await other.call("SET", "k", "v");
        render(h(TabdisProvider, { db: undefined }, h(Show)));
        await shows("undefined");
        render(h(TabdisProvider, { db }, h(Show)));
        await shows("v");
      });

      it(`a hundred components mounted and unmounted leak no session, ${mode}`, async () => {
        const Show = ({ n }: { n: number }): ReactNode => {
          const live = useLive(db, ["many:*", `one:${n % 3}`], (q) => q.call("GET", `one:${n}`), [n]);
          return h("i", null, String(live.value === null), String(useKey(db, `k:${n}`)), " ");
        };
        for (let round = 0; round < 3; round++) {
          render(h("p", null, ...Array.from({ length: 100 }, (_, n) => h(Show, { n, key: n }))));
          await shows("truenull ".repeat(100));
          render(null);
          await shows("");
        }
        await until(() => db.sessions.size === 1);
      });
    }

    it("renders on a server, where nothing begins, and is taken over from there", async () => {
      const Show = (): ReactNode => h("p", null, `${String(useKey(db, "k"))} ${String(useLive(db, [], (q) => q.call("GET", "k")).value)}`);
      const html = renderToString(h(TabdisProvider, { db: undefined }, h(Show)));
      assert.equal(html, "<p>undefined undefined</p>");
      assert.equal(db.sessions.size, 0);
      await other.call("SET", "k", "v");
      at = root();
      at.innerHTML = html;
      const errors: unknown[] = [];
      const hydrated = hydrateRoot(at, h(TabdisProvider, { db }, h(Show)), { onRecoverableError: (error) => errors.push(error) });
      await shows("v v");
      assert.deepEqual(errors, []);
      hydrated.unmount();
      assert.throws(() => renderToString(h(() => h("p", null, String(useTabdis())))), /TabdisProvider/);
    });
  });
}
