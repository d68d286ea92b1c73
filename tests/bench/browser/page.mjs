// What runs in the page of tabdis alone: functions sent there as text, so each stands alone; `tabdis` is the package.

/** 1-by-1 durable sets by hand: postMessage, write, flush, postMessage. µs. */
export async function handWritten(n) {
	const worker = new Worker('./hand.js', { type: 'module' });
	let settle;
	worker.onmessage = () => settle();
	await new Promise((resolve) => (settle = resolve));
	const ask = (message) =>
		new Promise((resolve) => {
			settle = resolve;
			worker.postMessage(message);
		});
	const times = [];
	for (let i = -3000; i < n; i++) { // what starting costs, and what the browser compiles meanwhile, is not asked here
		const t = performance.now();
		await ask({ id: i, key: `key:${String(i).padStart(6, '0')}`, value: 'x'.repeat(32) });
		if (i >= 0) times.push(1000 * (performance.now() - t));
	}
	await ask({ close: true });
	worker.terminate();
	times.sort((a, b) => a - b);
	return { p50: times[n >> 1], p99: times[Math.floor(n * 0.99)] };
}

/** The same with tabdis. */
export async function awaited(n) {
	const db = await tabdis.open({ name: 'bench-awaited', backend: 'opfs', appendfsync: 'always' });
	const times = [];
	for (let i = -3000; i < n; i++) {
		const t = performance.now();
		await db.call('SET', `key:${String(i).padStart(6, '0')}`, 'x'.repeat(32));
		if (i >= 0) times.push(1000 * (performance.now() - t));
	}
	await db.close();
	times.sort((a, b) => a - b);
	return { p50: times[n >> 1], p99: times[Math.floor(n * 0.99)] };
}

/** 1,000 durable SETs at once, µs each, of each round. */
export async function concurrent(rounds) {
	const db = await tabdis.open({ name: 'bench-concurrent', backend: 'opfs', appendfsync: 'always' });
	const keys = Array.from({ length: 1000 }, (_, i) => `key:${String(i).padStart(6, '0')}`);
	const value = 'x'.repeat(32);
	const each = [];
	for (let round = 0; round < rounds; round++) {
		const t = performance.now();
		await Promise.all(keys.map((key) => db.call('SET', key, value)));
		each.push(performance.now() - t); // ms for 1,000 are µs for each
	}
	await db.close();
	return each;
}

/** n SETs and n GETs, each with its promise, up to 30,000 under way; k/s of each round. */
export async function pipelined(n, rounds) {
	// Without a rewrite, which would come or not by the size that the log happens to have; what one costs the turns is a row of its own.
	const config = { 'auto-aof-rewrite-percentage': 0 };
	const db = await tabdis.open({ name: 'bench-pipelined', backend: 'opfs', appendfsync: 'everysec', config });
	await db.call('FLUSHALL');
	const keys = Array.from({ length: n }, (_, i) => `k${String(i).padStart(9, '0')}`);
	const value = 'x'.repeat(32);
	const WINDOW = 10_000;
	const rates = { SET: [], GET: [] };
	for (let round = 0; round < rounds; round++) {
		for (const name of ['SET', 'GET']) {
			const t = performance.now();
			const windows = [];
			for (let from = 0; from < n; from += WINDOW) {
				const calls = [];
				for (let i = from; i < Math.min(n, from + WINDOW); i++) {
					calls.push(name === 'SET' ? db.call('SET', keys[i], value) : db.call('GET', keys[i]));
				}
				windows.push(Promise.all(calls));
				if (windows.length > 2) {
					await windows.shift();
				}
			}
			await Promise.all(windows);
			rates[name].push(n / (performance.now() - t));
		}
	}
	await db.close();
	return rates;
}

/** The engine called in its own Worker, and the load of what it wrote. */
export async function inWorker(n) {
	const worker = new Worker('./engine.js', { type: 'module' });
	const result = await new Promise((resolve, reject) => {
		worker.onmessage = ({ data }) => resolve(data);
		worker.onerror = (e) => reject(new Error(e.message));
		worker.postMessage({ job: 'rates', n });
	});
	worker.terminate();
	return result;
}

/** How long turns and ticks take while the table grows, keys expire and the log is rewritten. */
export async function pauses(n) {
	const worker = new Worker('./engine.js', { type: 'module' });
	const result = await new Promise((resolve, reject) => {
		worker.onmessage = ({ data }) => resolve(data);
		worker.onerror = (e) => reject(new Error(e.message));
		worker.postMessage({ job: 'pauses', n });
	});
	worker.terminate();
	return result;
}
