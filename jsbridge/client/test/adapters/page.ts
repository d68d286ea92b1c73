/** A page as far as a Redis client can tell: a bundle with the usual polyfills, run where there is nothing of Node. */
import { createContext, runInContext } from "node:vm";
import type { TcpDatabase } from "../live/tcp.js";
import { bundleForPage, type PageClient } from "./bundle.mjs";

/** Bundles a client and runs it on a database, of which it gets sessions and streams. */
export async function runInPage(client: PageClient, db: TcpDatabase): Promise<void> {
  const bundle = await bundleForPage(client, "iife", "bundle");
  const page = createContext({
    TextEncoder, TextDecoder, setTimeout, clearTimeout, setInterval, clearInterval,
    queueMicrotask, console, URL, AbortController, AbortSignal, EventTarget, Event, performance, crypto,
    hostStream: () => db.stream(), hostSession: () => db.session(),
  }); // prettier-ignore
  // Bytes from outside are of another realm's Uint8Array.
  runInContext(
    `globalThis.db = { session: hostSession, stream() {
      const stream = hostStream();
      const here = { onData: undefined, onEnd: undefined, write: (bytes) => stream.write(bytes), end: () => stream.end() };
      stream.onData = (bytes) => here.onData?.(Uint8Array.from(bytes));
      stream.onEnd = (error) => here.onEnd?.(error);
      return here;
    } };`,
    page,
  );
  runInContext(bundle, page);
  await (runInContext("bundle.default(db)", page) as Promise<void>);
}
