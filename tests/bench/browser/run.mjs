// The rows of the benchmark table that concern the page and the Worker, in a real Chromium on a profile of its own:
//
//	node tests/bench/browser/run.mjs
//
// Both sides of a comparison alternate within one run; medians of the rounds. ROUNDS (default 5), KEYS (default 1,000,000) and ROWS (all of
// them: awaited,concurrent,pipelined,worker,pauses,size) may be set.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { Browser, DIST, Site } from '../../browser/client/harness.mjs';
import { awaited, concurrent, handWritten, inWorker, pauses, pipelined } from './page.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const KEYS = Number(process.env.KEYS ?? 1_000_000);

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const fixed = (n, digits = 2) => n.toFixed(digits);

const site = await new Site().start();
site.isolated = true;
const read = (name) => readFileSync(new URL(name, import.meta.url));
site.files.set('hand.js', read('./hand.js'));
site.files.set('engine.js', readFileSync(`${DIST}bench/engine.js`));
const browser = new Browser(process.env.BROWSER ?? 'chromium', site);
const page = browser.start();
const rows = [];
const notes = [];
const row = (what, measured, reach, met) => rows.push({ what, measured, reach, met: met ? 'yes' : 'no' });

const measures = {
	async awaited() {
		const tabdis = [];
		const hand = [];
		for (let i = 0; i < ROUNDS; i++) {
			hand.push(await page.run(handWritten, 1000));
			tabdis.push(await page.run(awaited, 1000));
		}
		for (const p of ['p50', 'p99']) {
			const [a, b] = [median(tabdis.map((r) => r[p])), median(hand.map((r) => r[p]))];
			row(`awaited durable SET, ${p}`, `${fixed(a, 0)} µs, by hand ${fixed(b, 0)}: ${fixed(a / b)} ×`, '≤ 1.15 ×', a / b <= 1.15);
		}
	},
	async concurrent() {
		const each = median(await page.run(concurrent, ROUNDS * 4));
		row('1,000 concurrent durable SETs, each', `${fixed(each)} µs (${fixed(1000 / each, 0)} k/s)`, '≤ 3.3 µs', each <= 3.3);
	},
	async pipelined() {
		const piped = await page.run(pipelined, KEYS, Math.min(ROUNDS, 3));
		for (const name of ['SET', 'GET']) {
			const rate = median(piped[name]);
			row(`pipelined ${name} from the page, ${KEYS} keys`, `${fixed(rate, 0)} k/s`, '≥ 700 k/s', rate >= 700);
		}
	},
	async worker() {
		const worker = await page.run(inWorker, KEYS);
		for (const name of ['SET', 'GET']) {
			row(`${name} in the Worker itself`, `${fixed(worker[name], 0)} k/s`, '≥ 2,000 k/s', worker[name] >= 2000);
		}
		row(`load of ${KEYS} keys in the Worker`, `${fixed(worker.load, 0)} ms`, '≤ 1,500 ms', worker.load <= 1500);
		row('linear memory after that load', `${fixed(worker.memory, 0)} MB`, '≤ 160 MB', worker.memory <= 160);
	},
	async pauses() {
		const { longest, histogram, beside } = await page.run(pauses, KEYS);
		const noise = `the longest gap of an empty loop there: ${fixed(beside, 1)}`;
		row('longest turn: growth, expiry, rewrite, GC', `${fixed(longest, 1)} ms; ${noise}`, '≤ 10 ms', longest <= 10);
		notes.push('Turns and ticks of the Worker with these keys, by length (ms: how many):');
		notes.push(...histogram.map(([bound, count]) => `  < ${String(bound).padStart(5)} ${String(count).padStart(7)}`));
	},
	async size() {
		for (const name of ['tabdis.wasm', 'index.js', 'worker.js']) {
			const size = brotli(readFileSync(DIST + name)) / 1024;
			row(`${name}, brotli`, `${fixed(size, 0)} KiB`, name === 'tabdis.wasm' ? '≤ 750 KiB' : '–', name !== 'tabdis.wasm' || size <= 750);
		}
	},
};

const wanted = process.env.ROWS?.split(',') ?? Object.keys(measures);
try {
	for (const name of wanted) {
		if (!(name in measures)) throw new Error(`ROWS: there is no ${name}; there are ${Object.keys(measures).join(', ')}`);
		await measures[name]();
	}
	console.table(rows);
	console.log(notes.join('\n'));
} finally {
	await browser.dispose();
	site.stop();
}

function brotli(bytes) {
	return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } }).length;
}
