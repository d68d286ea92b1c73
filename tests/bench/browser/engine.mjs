// The engine called from its own Worker, without a page: batches of RESP straight into the instance.
import { Instance } from '../../../jsbridge/client/src/host/instance.ts';

const BATCH = 1000; // commands

// Syncs off the turn, as the package's Worker does it.
const syncer = () => new Worker('./client/worker.js', { type: 'module', name: 'tabdis-syncer' });
// A rewrite begins when a benchmark asks for one.
const CONFIG = ['appendfsync', 'everysec', 'maxmemory', '0', 'auto-aof-rewrite-percentage', '0'];
const OPTIONS = { name: 'bench-engine', backend: 'opfs', config: CONFIG, syncer };
const encoder = new TextEncoder();
const key = (i) => `k${String(i).padStart(9, '0')}`;
const value = 'x'.repeat(32);

/** Batches of commands, encoded beforehand. */
function batches(n, words) {
	const all = [];
	for (let from = 0; from < n; from += BATCH) {
		let text = '';
		for (let i = from; i < Math.min(n, from + BATCH); i++) {
			const list = words(i);
			text += `*${list.length}\r\n${list.map((w) => `$${w.length}\r\n${w}\r\n`).join('')}`;
		}
		all.push(encoder.encode(text));
	}
	return all;
}

let last = '';
const listener = {
	output: (_session, bytes) => {
		last = bytes;
	},
	ended() {},
	died(cause) {
		throw new Error(cause);
	},
	fenced() {},
	progress() {},
	log() {},
};

const text = (instance, session, ...words) => {
	instance.feed(session, encoder.encode(`*${words.length}\r\n${words.map((w) => `$${w.length}\r\n${w}\r\n`).join('')}`));
	return new TextDecoder().decode(last);
};

const channel = new MessageChannel();

/** A turn of the event loop. A timer of 0 ms would wait 4. */
const turn = () =>
	new Promise((resolve) => {
		channel.port1.onmessage = resolve;
		channel.port2.postMessage(null);
	});

/** Feeds batches, each in its turn of the event loop as in the package's Worker: ticks run between, and syncs end. */
async function feed(instance, session, list) {
	for (const batch of list) {
		instance.feed(session, batch);
		await turn();
	}
}

async function rates(module, n) {
	let instance = await Instance.open(module, OPTIONS, listener);
	let session = instance.openSession();
	text(instance, session, 'FLUSHALL');
	const result = {};
	const sets = batches(n, (i) => ['SET', key(i), value]);
	const gets = batches(n, (i) => ['GET', key(i)]);
	for (const [name, list] of [['fill', sets], ['SET', sets], ['GET', gets]]) {
		const t = performance.now();
		await feed(instance, session, list);
		result[name] = n / (performance.now() - t);
	}
	await instance.close();
	// A log of these SETs alone.
	const options = { ...OPTIONS, name: 'bench-load' };
	instance = await Instance.open(module, options, listener);
	session = instance.openSession();
	await feed(instance, session, sets);
	await instance.close();
	const t = performance.now();
	instance = await Instance.open(module, options, listener);
	result.load = performance.now() - t;
	result.memory = instance.memorySize / 1e6;
	await instance.close();
	return result;
}

/** The longest time between two looks at the clock within so many ms, in ms: what the machine itself adds to a turn. */
function emptyLoop(ms) {
	const end = performance.now() + ms;
	let longest = 0;
	for (let last = performance.now(); last < end; ) {
		const now = performance.now();
		longest = Math.max(longest, now - last);
		last = now;
	}
	return longest;
}

const BOUNDS = [0.5, 1, 2, 5, 10, 20, 50, 100, 1000];

async function pauses(module, n) {
	const instance = await Instance.open(module, { ...OPTIONS, name: 'bench-pauses' }, listener);
	const session = instance.openSession();
	text(instance, session, 'FLUSHALL');
	const histogram = BOUNDS.map((b) => [b, 0]);
	let longest = 0;
	const timed = (f) => {
		const t = performance.now();
		f();
		const took = performance.now() - t;
		longest = Math.max(longest, took);
		(histogram.find(([bound]) => took < bound) ?? histogram.at(-1))[1]++;
	};
	for (const batch of batches(100_000, (i) => ['SET', key(i), value])) {
		instance.feed(session, batch); // the browser compiles what is called often: not asked here
	}
	text(instance, session, 'FLUSHALL');
	await new Promise((resolve) => setTimeout(resolve, 2000));
	instance.measure(timed);
	await feed(instance, session, batches(n, (i) => ['SET', key(i), value]));
	await feed(instance, session, batches(100_000, (i) => ['PEXPIRE', key(i), '300']));
	text(instance, session, 'BGREWRITEAOF');
	await feed(instance, session, batches(200_000, (i) => ['SET', key(n / 2 + i), value]));
	for (let i = 0; i < 300 && /rewrite_in_progress:1/.test(text(instance, session, 'INFO', 'persistence')); i++) {
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	await new Promise((resolve) => setTimeout(resolve, 1000));
	await instance.close();
	return { longest, histogram, beside: emptyLoop(5000) };
}

onmessage = async ({ data: { job, n } }) => {
	const module = await WebAssembly.compileStreaming(fetch('./client/tabdis.wasm'));
	postMessage(await (job === 'rates' ? rates : pauses)(module, n));
};
