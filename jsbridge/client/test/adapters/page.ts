/** A page as far as a Redis client can tell: a bundle with the usual polyfills, run where there is nothing of Node. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createContext, runInContext } from "node:vm";
import type { BuildOptions, Plugin } from "esbuild";
import type { TcpDatabase } from "../live/tcp.js";

const require = createRequire(import.meta.url);
const { build } = require("esbuild") as { build(options: BuildOptions): Promise<{ outputFiles?: { text: string }[] }> };

/** The package's folder, from dist/test/adapters. */
const client = join(dirname(require.resolve("esbuild/package.json")), "../..");

const empty = "module.exports = {};";

/** What a polyfill makes global, before all other modules. */
const globals = `globalThis.Buffer = require("buffer/").Buffer;
globalThis.setImmediate = (f, ...args) => setTimeout(f, 0, ...args);
globalThis.process = { env: {}, version: "", nextTick: (f, ...args) => queueMicrotask(() => f(...args)) };`;

/** What stands in a bundle for Node's modules. */
const shims: Record<string, string> = {
  events: `module.exports = require("events/");`,
  buffer: `module.exports = { ...require("buffer/"), constants: { MAX_STRING_LENGTH: 2 ** 29 - 24 } };`,
  stream: `module.exports = require("readable-stream");`,
  util: `exports.deprecate = (f) => f; exports.inspect = String;`,
  assert: `module.exports = (condition) => { if (!condition) throw new Error("assertion"); };`,
  crypto: `exports.randomBytes = (n) => require("buffer/").Buffer.alloc(n, 7);`,
  url: `exports.URL = URL;`,
  "timers/promises": `exports.setTimeout = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`,
  diagnostics_channel: empty,
  perf_hooks: `exports.performance = performance;`,
  dns: empty,
  "dns/promises": empty,
  fs: empty,
  path: empty,
  net: empty,
  tls: empty,
};

/** Bundles a module and runs it, with `db` (as far as streams go) and `done` given to its default export. */
export async function runInPage(source: string, db: TcpDatabase, instead: Record<string, string> = {}): Promise<void> {
  const modules = { globals, ...shims, ...instead };
  const polyfills: Plugin = {
    name: "polyfills",
    setup(build) {
      const filter = new RegExp(`^(node:)?(${Object.keys(modules).join("|")})$`);
      build.onResolve({ filter }, ({ path }) => ({ path: path.replace(/^node:/, ""), namespace: "shim" }));
      build.onLoad({ filter: /./, namespace: "shim" }, ({ path }) => ({ contents: modules[path] as string, resolveDir: client }));
    },
  };
  const bundle = await build({
    absWorkingDir: client,
    stdin: { contents: `import "globals";\n${source}`, resolveDir: join(client, "test/adapters"), loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bundle",
    platform: "browser",
    target: "es2022",
    define: { global: "globalThis" },
    logLevel: "error",
    plugins: [polyfills],
  });
  const page = createContext({
    TextEncoder, TextDecoder, setTimeout, clearTimeout, setInterval, clearInterval,
    queueMicrotask, console, URL, AbortController, AbortSignal, EventTarget, Event, performance,
    hostStream: () => db.stream(),
  }); // prettier-ignore
  // Bytes from outside are of another realm's Uint8Array.
  runInContext(
    `globalThis.db = { stream() {
      const stream = hostStream();
      const here = { onData: undefined, onEnd: undefined, write: (bytes) => stream.write(bytes), end: () => stream.end() };
      stream.onData = (bytes) => here.onData?.(Uint8Array.from(bytes));
      stream.onEnd = (error) => here.onEnd?.(error);
      return here;
    } };`,
    page,
  );
  runInContext(bundle.outputFiles?.[0]?.text ?? "", page);
  await (runInContext("bundle.default(db)", page) as Promise<void>);
}
