// The rows of the benchmark table that concern the page and the Worker, in a real Chromium on a profile of its own:
//
//	node tests/bench/browser/run.mjs
//
// Both sides of a comparison alternate within one run; medians of the rounds. ROUNDS (default 5) and KEYS (default 1,000,000) may be set.
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
const row = (what, measured, reach, met) => rows.push({ what, measured, reach, met: met ? 'yes' : 'no' });

try {
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
	const each = median((await page.run(concurrent, ROUNDS * 4)));
	row('1,000 concurrent durable SETs, each', `${fixed(each)} µs (${fixed(1000 / each, 0)} k/s)`, '≤ 3.3 µs', each <= 3.3);

	const piped = await page.run(pipelined, KEYS, Math.min(ROUNDS, 3));
	for (const name of ['SET', 'GET']) {
		const rate = median(piped[name]);
		row(`pipelined ${name} from the page, ${KEYS} keys`, `${fixed(rate, 0)} k/s`, '≥ 700 k/s', rate >= 700);
	}
	const worker = await page.run(inWorker, KEYS);
	for (const name of ['SET', 'GET']) {
		row(`${name} in the Worker itself`, `${fixed(worker[name], 0)} k/s`, '≥ 2,000 k/s', worker[name] >= 2000);
	}
	row(`load of ${KEYS} keys in the Worker`, `${fixed(worker.load, 0)} ms`, '≤ 1,500 ms', worker.load <= 1500);
	row('linear memory after that load', `${fixed(worker.memory, 0)} MB`, '≤ 160 MB', worker.memory <= 160);

	const paused = await page.run(pauses, KEYS);
	row('longest turn: growth, expiry, rewrite, GC', `${fixed(paused.longest, 1)} ms`, '≤ 10 ms', paused.longest <= 10);
	for (const name of ['tabdis.wasm', 'index.js', 'worker.js']) {
		const size = brotli(readFileSync(DIST + name)) / 1024;
		row(`${name}, brotli`, `${fixed(size, 0)} KiB`, name === 'tabdis.wasm' ? '≤ 750 KiB' : '–', name !== 'tabdis.wasm' || size <= 750);
	}
	console.table(rows);
	console.log('Turns and ticks of the Worker with these keys, by length (ms: how many):');
	for (const [bound, count] of paused.histogram) {
		console.log(`  < ${String(bound).padStart(5)} ${String(count).padStart(7)}`);
	}
} finally {
	await browser.dispose();
	site.stop();
}

function brotli(bytes) {
	return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } }).length;
}
