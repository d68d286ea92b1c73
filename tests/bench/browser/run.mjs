// The benchmark in the browser: a real Chromium on a profile of its own on disk, tabdis beside what else a page may keep its data in.
//
//	make bench-browser        or, once that has built: node tests/bench/browser/run.mjs
//
// ROUNDS (default 3): how often all stores take their turn; KEYS (default 100,000): of the large store; the rows of tabdis alone have ten
// times as many. ROWS, STORES: some of them, by the ids in rows.mjs, engine-rows.mjs and rivals.mjs. Nothing here fails by a figure; every
// store is asked for what it was given, after the writes and after it was opened again, and that must be right.
import { cpus } from 'node:os';
import { Bench } from './bench.mjs';
import { engineRows } from './engine-rows.mjs';
import { stores as all } from './rivals.mjs';
import { has, Round, rows } from './rows.mjs';
import { columns, digits, Figures, table } from './table.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const KEYS = Number(process.env.KEYS ?? 100_000);
const DOWNLOAD = ['download', 'download-gzip', 'download-plain'];

const known = [...Object.keys(rows), 'download', ...Object.keys(engineRows)];
const wanted = chosen('ROWS', known);
const stores = all.filter(({ id }) => chosen('STORES', all.map((store) => store.id)).includes(id));
const began = Date.now();

function chosen(variable, ids) {
	const list = process.env[variable]?.split(',') ?? ids;
	const unknown = list.find((id) => !ids.includes(id));
	if (unknown !== undefined) throw new Error(`${variable}: there is no ${unknown}; there are ${ids.join(', ')}`);
	return list;
}

function progress(text) {
	console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${text}`);
}

const figures = new Figures();
const bench = new Bench();
const files = new Map(); // of each store's page

async function sideBySide() {
	const ids = Object.keys(rows).filter((id) => wanted.includes(id));
	if (ids.length === 0 && !wanted.includes('download')) return;
	for (const store of stores) {
		files.set(store.id, await bench.warm(store));
		progress(`${store.title}: the browser has seen it`);
	}
	if (ids.length === 0) return;
	for (let round = 0; round < ROUNDS; round++) {
		const from = round % stores.length; // nobody is always the first
		for (const store of [...stores.slice(from), ...stores.slice(0, from)]) {
			const said = [];
			const cell = (id, value) => {
				figures.add(id, store.id, value);
				said.push(`${id} ${digits(value)}`);
			};
			await new Round(bench, store, round, KEYS, (id) => ids.includes(id), cell).run();
			progress(`round ${round + 1} of ${ROUNDS}, ${store.title}: ${said.join(', ')}`);
		}
	}
}

async function tabdisAlone() {
	const lines = [];
	const notes = [];
	const ids = Object.keys(engineRows).filter((id) => wanted.includes(id));
	for (const id of ids) {
		const tab = await bench.tab({ page: 'engine.html' });
		const row = (what, measured, aim, met) => lines.push([what, measured, aim, met ? 'yes' : 'no']);
		await engineRows[id](tab, ROUNDS, 10 * KEYS, row, (note) => notes.push(note));
		await tab.close();
		progress(`tabdis alone: ${id}`);
	}
	return ids.length === 0 ? '' : `\n\n${columns([['tabdis alone', 'measured', 'aim', 'reached'], ...lines])}\n${notes.join('\n')}`;
}

async function downloads() {
	if (!wanted.includes('download')) return;
	for (const store of stores) {
		const paths = files.get(store.id);
		if (paths.length === 0) continue; // those of a store before it
		const sizes = await bench.download(paths);
		for (const id of DOWNLOAD) figures.add(id, store.id, sizes[id]);
	}
}

function measured() {
	const sizes = { unit: 'KiB' };
	const table = {
		...rows,
		download: { ...sizes, what: 'download: scripts and wasm, brotli' },
		'download-gzip': { ...sizes, what: 'the same, gzip' },
		'download-plain': { ...sizes, what: 'the same, as it is' },
	};
	const keys = KEYS.toLocaleString('en');
	return Object.entries(table)
		.filter(([id]) => wanted.includes(id) || (DOWNLOAD.includes(id) && wanted.includes('download')))
		.filter(([id]) => stores.some((store) => !(id in rows) || has(store, id)))
		.map(([id, row]) => [id, { ...row, what: row.what.replace('KEYS', keys) }]);
}

function notes() {
	const about = `Medians of ${ROUNDS} rounds, the stores in turn; in brackets the ratio to ${stores[0].title}. Set, get and live: medians of single calls in each round,
1,000 keys of 10 bytes with values of 32 bytes in the store; those of 1,000 at once are divided by 1,000. "–": it has nothing of that kind.
Cold open: a new tab of a browser that has seen the page before, from the call to the first answered get: Worker, wasm, log. Chromium keeps
compiled wasm only when it has optimized 1 MB of it in one visit; what it kept stands above, with each file's. Live: below 0 the callback came
before the reply. Leader closed or crashed: from the order to the browser to the first reply that the tab gives by itself which takes over;
"never": none within 10 s. Memory: private to the tab's process with its Workers, less that of an empty page; what IndexedDB keeps in the
browser's own process is not in it. Download: all files that the page and its Workers load, each compressed.`;
	return [about, ...stores.map(({ title, note }) => `${title}: ${note}`)].join('\n\n');
}

await bench.start(all);
try {
	await sideBySide();
	const alone = await tabdisAlone();
	const browser = await bench.version();
	const compiled = bench.compiled().map(([name, kib]) => `${name} ${digits(kib)} KiB`).join(', ') || 'none';
	await downloads();
	const lines = measured();
	const machine = `${cpus().length} × ${cpus()[0]?.model}`;
	const date = new Date().toISOString().slice(0, 10);
	console.log(`\n${browser}, ${machine}, ${date}; ${KEYS} keys, ${ROUNDS} rounds; compiled wasm that the browser kept: ${compiled}\n`);
	if (lines.length > 0) console.log(`${table(lines, stores, figures)}\n\n${notes()}`);
	console.log(alone);
} finally {
	await bench.dispose();
}
