// The rows of tabdis alone: the page and the Worker beside what they are to reach.
import { awaited, concurrent, handWritten, inWorker, pauses, pipelined } from './page.mjs';

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const fixed = (n, digits = 2) => n.toFixed(digits);

/** id → (tab, rounds, keys, row, note): measures in a tab that has tabdis. */
export const engineRows = {
	async awaited(tab, rounds, _keys, row) {
		const tabdis = [];
		const hand = [];
		for (let i = 0; i < rounds; i++) {
			hand.push(await tab.run(handWritten, 1000));
			tabdis.push(await tab.run(awaited, 1000));
		}
		for (const p of ['p50', 'p99']) {
			const [a, b] = [median(tabdis.map((r) => r[p])), median(hand.map((r) => r[p]))];
			row(`awaited durable SET, ${p}`, `${fixed(a, 0)} µs, by hand ${fixed(b, 0)}: ${fixed(a / b)} ×`, '≤ 1.15 ×', a / b <= 1.15);
		}
	},
	async concurrent(tab, rounds, _keys, row) {
		const each = median(await tab.run(concurrent, rounds * 4));
		row('1,000 concurrent durable SETs, each', `${fixed(each)} µs (${fixed(1000 / each, 0)} k/s)`, '≤ 3.3 µs', each <= 3.3);
	},
	async pipelined(tab, rounds, keys, row) {
		const piped = await tab.run(pipelined, keys, Math.min(rounds, 3));
		for (const name of ['SET', 'GET']) {
			const rate = median(piped[name]);
			row(`pipelined ${name} from the page, ${keys} keys`, `${fixed(rate, 0)} k/s`, '≥ 700 k/s', rate >= 700);
		}
	},
	async worker(tab, _rounds, keys, row) {
		const worker = await tab.run(inWorker, keys);
		for (const name of ['SET', 'GET']) {
			row(`${name} in the Worker itself`, `${fixed(worker[name], 0)} k/s`, '≥ 2,000 k/s', worker[name] >= 2000);
		}
		row(`load of ${keys} keys in the Worker`, `${fixed(worker.load, 0)} ms`, '≤ 1,500 ms', worker.load <= 1500);
		row('linear memory after that load', `${fixed(worker.memory, 0)} MB`, '≤ 160 MB', worker.memory <= 160);
	},
	async pauses(tab, _rounds, keys, row, note) {
		const { longest, histogram, beside } = await tab.run(pauses, keys);
		const noise = `the longest gap of an empty loop there: ${fixed(beside, 1)}`;
		row('longest turn: growth, expiry, rewrite, GC', `${fixed(longest, 1)} ms; ${noise}`, '≤ 10 ms', longest <= 10);
		note('Turns and ticks of the Worker with these keys, by length (ms: how many):');
		for (const [bound, count] of histogram) note(`  < ${String(bound).padStart(5)} ${String(count).padStart(7)}`);
	},
};
