// Bundles the stores and what measures them into dist, as a page would load them.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = `${here}dist`;
const assets = ['@sqlite.org/sqlite-wasm/dist/sqlite3.wasm', ...['pglite.wasm', 'pglite.data', 'initdb.wasm'].map((name) => `@electric-sql/pglite/dist/${name}`)];

rmSync(dist, { recursive: true, force: true });
mkdirSync(`${dist}/stores`, { recursive: true });
await build({
	absWorkingDir: here,
	entryPoints: ['measure.mjs', ...['tabdis', 'idb', 'dexie', 'sqlite', 'sqlite-worker', 'pglite', 'pglite-worker'].map((name) => `stores/${name}.mjs`)],
	outdir: dist,
	outbase: here,
	bundle: true,
	format: 'esm',
	target: 'es2022',
	minify: true,
	logLevel: 'warning',
	external: ['/client/*', 'node:*'], // the package's own files, as they are; what is imported under Node only
});
for (const asset of assets) copyFileSync(`${here}node_modules/${asset}`, `${dist}/stores/${asset.split('/').at(-1)}`);
