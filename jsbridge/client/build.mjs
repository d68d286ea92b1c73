// Builds the package: `node build.mjs [wasm|test|bench]`. Without a word: the JavaScript and the types; `wasm` only the engine, `test` the
// unit tests, `bench` the benchmark's Worker. Go's wasm_exec.js is taken from the Go that builds the engine, since the two must match.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const dist = join(here, "dist");

const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

const tsc = join(here, "node_modules/typescript/bin/tsc");

const goroot = () => execFileSync("go", ["env", "GOROOT"], { encoding: "utf8", cwd: root }).trim();

// Packages that only set-up and errors come through, and those of the browser's storage, which wait for the browser anyway. Their functions are not
// inlined: the engine is a hundredth smaller in brotli and no slower. Everywhere else inlining pays, most of all in the runtime and xxhash.
const cold = ["context", "errors", "fmt", "log", "os", "reflect", "time", "github.com/hack-pad/go-indexeddb/idb", "tabdis/jsbridge/idb", "tabdis/jsbridge/opfs"];

// A page is not to load what only Node can use, nor what few pages need.
const engines = { "tabdis.wasm": "./wasm", "tabdis-tools.wasm": "./wasm/tools", "tabdis-node.wasm": "./wasm/node" };

function buildEngines() {
  mkdirSync(dist, { recursive: true });
  for (const [name, main] of Object.entries(engines)) {
    const out = join(dist, name);
    execFileSync("go", ["build", "-trimpath", "-ldflags=-s -w", ...cold.map((p) => `-gcflags=${p}=-l`), "-o", out, main], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, GOOS: "js", GOARCH: "wasm" },
    });
    console.log(`${name} ${(statSync(out).size / 1024 / 1024).toFixed(2)} MiB`);
  }
}

/** The licenses of what is linked into the engine: Go itself and three modules. */
function thirdParty() {
  const parts = [["Go (https://go.dev): runtime, standard library, wasm_exec.js", join(goroot(), "LICENSE")]];
  for (const module of ["github.com/hack-pad/safejs", "github.com/hack-pad/go-indexeddb", "github.com/cespare/xxhash/v2"]) {
    const dir = execFileSync("go", ["list", "-m", "-f", "{{.Dir}}", module], { encoding: "utf8", cwd: root }).trim();
    const license = readdirSync(dir).find((name) => name.startsWith("LICENSE"));
    if (license === undefined) throw new Error(`${module} has no license file`);
    parts.push([module, join(dir, license)]);
  }
  return parts.map(([name, path]) => `${name}\n\n${readFileSync(path, "utf8")}`).join("\n\n----\n\n");
}

const options = {
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  external: ["node:*", ...Object.keys(manifest.peerDependencies ?? {})],
  logLevel: "warning",
  get alias() {
    return { wasm_exec: join(goroot(), "lib/wasm/wasm_exec.js") };
  },
};

// What runs in a Worker or a thread is one file each, which can be served or copied by itself.
const workers = { worker: "src/worker.ts", "node-worker": "src/node-worker.ts", "tools-worker": "src/control/tools-worker.ts" };

/** The entry points: dist/<name>.js in package.json's exports is made of src/<name>.ts. */
function entryPoints() {
  const names = Object.values(manifest.exports).flatMap((target) => /^\.\/dist\/(.+)\.js$/.exec(target.default ?? target)?.[1] ?? []);
  return names.filter((name) => !(name in workers)).map((name) => `src/${name}.ts`);
}

async function buildPackage() {
  execFileSync(process.execPath, [tsc, "--noEmit"], { cwd: here, stdio: "inherit" });
  for (const name of readdirSync(dist)) {
    if (/\.(js|map|d\.ts)$/.test(name)) rmSync(join(dist, name)); // chunks are named after their content
  }
  // Annotations do not count here: package.json's sideEffects would
  // take the scope out that node-worker.ts sets up.
  const shipped = { ...options, outdir: "dist", sourcemap: true, minify: true, ignoreAnnotations: true };
  // What entry points share is shared, so that an error is of the same class whichever it was imported from.
  await build({ ...shipped, entryPoints: entryPoints(), splitting: true, chunkNames: "chunk-[hash]" });
  await build({ ...shipped, entryPoints: workers });
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.types.json"], { cwd: here, stdio: "inherit" });
  copyFileSync(join(root, "LICENSE"), join(dist, "LICENSE"));
  writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), thirdParty());
}

async function buildTests() {
  const entryPoints = readdirSync(join(here, "test"), { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("test", name));
  const external = ["node:*"]; // peers are bundled: what they import of each other must be one
  await build({ ...options, external, entryPoints, outdir: "dist/test", platform: "node", sourcemap: "inline", outExtension: { ".js": ".mjs" } });
}

// The benchmark calls the engine in a Worker without a page.
async function buildBench() {
  await build({ ...options, entryPoints: { engine: join(root, "tests/bench/browser/engine.mjs") }, outdir: "dist/bench" });
}

switch (process.argv[2]) {
  case "wasm":
    buildEngines();
    break;
  case "test":
    await buildTests();
    break;
  case "bench":
    await buildBench();
    break;
  default:
    await buildPackage();
}
