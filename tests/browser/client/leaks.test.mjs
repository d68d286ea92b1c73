// Stores that are opened and closed, tabs that come and go, and calls of all kinds leave nothing behind: no listener, no Worker, no promise
// that is not settled, nothing in a Map, a Set or an Array, and no memory. TABDIS_OPENS is how often stores are opened, in memory, over OPFS and
// IndexedDB and in a tab that comes and goes, a quarter each; TABDIS_CALLS how many calls are made (a sample); TABDIS_PARTS which parts run.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { census, more } from './census.mjs';
import { Chromium } from './cdp.mjs';
import { Site } from './harness.mjs';

const OPENS = Number(process.env.TABDIS_OPENS ?? 24);
const CALLS = Number(process.env.TABDIS_CALLS ?? 20_000);
const PARTS = process.env.TABDIS_PARTS?.split(',');
const part = (name) => ({ skip: PARTS !== undefined && !PARTS.includes(name) && `${name} is not among the PARTS` });

/** What may remain of each, in bytes, and what is noise: caches that fill, code that is compiled. */
const EACH = 200;
const NOISE = 2 << 20;

/** So many objects more, or entries of Maps, Sets and Arrays, are noise: of what is called or opened so rarely there is more in the whole. */
const FEW = 32;

/** How often the progress of a part is told, in ms. */
const TOLD = 60_000;

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis leaks</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
// Who has compiled a module gets it again at once, as long as it is kept.
if (location.search === '') globalThis.module = await WebAssembly.compileStreaming(fetch('./client/tabdis.wasm'));
say('ready');
</script>`;

describe('Chromium', () => {
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('leaks.html', PAGE);
		browser = new Chromium();
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	/** What lives in a tab, or a Worker. */
	const alive = async (session) => {
		for (let i = 0; i < 3; i++) {
			await browser.call('HeapProfiler.collectGarbage', {}, session);
		}
		return (await browser.call('Runtime.getHeapUsage', {}, session)).usedSize;
	};
	const counters = async (session) => {
		await browser.call('Performance.enable', {}, session);
		const { metrics } = await browser.call('Performance.getMetrics', {}, session);
		const { JSEventListeners: listeners, WorkerGlobalScopes: workers } = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
		return { listeners, workers };
	};
	const count = (session, classes) => census((method, params) => browser.call(method, params, session), classes);
	/** Runs it so often, a few at a time: a call into a page has an end. Tells now and then how far it is. */
	const parted = (what, most, run) => async (times) => {
		const began = Date.now();
		let told = began;
		for (let left = times; left > 0; left -= most) {
			await run(Math.min(most, left));
			if (Date.now() - told > TOLD) {
				told = Date.now();
				console.log(`${what}: ${times - Math.max(0, left - most)} of ${times} in ${Math.round((told - began) / 1000)} s`);
			}
		}
	};
	/** Runs it for warming up, then so many times more; tells what has grown. */
	const grows = async (session, times, run, classes = {}, warm = Math.min(Math.ceil(times / 10), 10_000) + 2) => {
		await run(warm);
		const [heap, had, counted] = [await alive(session), await counters(session), await count(session, classes)];
		const began = Date.now();
		await run(times);
		const seconds = (Date.now() - began) / 1000;
		const grown = (await alive(session)) - heap;
		const has = await counters(session);
		const left = more(counted, await count(session, classes));
		return { grown, listeners: has.listeners - had.listeners, workers: has.workers - had.workers, left, seconds };
	};
	const nothing = (t, what, times, { grown, listeners, workers, left, seconds }, each = EACH) => {
		t.diagnostic(`${what}, ${times} times in ${seconds} s: ${grown} bytes, ${listeners} listeners, ${workers} Workers more, ${JSON.stringify(left)}`);
		assert.ok(grown < NOISE + times * each, `${what}: ${grown} bytes`);
		assert.ok(listeners <= 8 && workers <= 1, `${what}: ${listeners} listeners, ${workers} Workers`);
		assert.deepEqual(more({}, left, FEW), {}, `${what}: objects, and entries of Maps, Sets and Arrays`);
	};
	const tab = () => browser.open(`${site.url}leaks.html`, () => {});
	/** A tab that opens the store first, with the protocol's session of its Worker. */
	const leading = async (options) => {
		let worker;
		const tab = await browser.open(`${site.url}leaks.html`, ({ attached }) => (worker ??= attached?.sessionId));
		await browser.call('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true }, tab.session);
		await tab.run(async (options) => {
			globalThis.db = await tabdis.open(options);
		}, options);
		const used = () => tab.run(async () => Number(/used_memory:(\d+)/.exec(await db.call('INFO', 'memory'))[1]));
		const clients = () => tab.run(async () => Number(/connected_clients:(\d+)/.exec(await db.call('INFO', 'clients'))[1]));
		// Go's collector runs when its heap has grown, and lets go of what it knows of JavaScript then.
		const collect = () =>
			tab.run(async () => {
				for (let i = 0; i < 4; i++) {
					await db.call('SETRANGE', 'garbage', 16 << 20, 'x');
					await db.call('DEL', 'garbage');
					await new Promise((resolve) => setTimeout(resolve, 50));
				}
			});
		return Object.assign(tab, {
			measure: async () => (await collect(), { page: await alive(tab.session), Worker: await alive(worker), engine: await used(), clients: await clients() }),
		});
	};
	/** Nothing is left with the tab that leads. In its Worker nothing is counted: asked for its objects, Chromium's renderer dies now and then. */
	const nothingLed = (t, times, before, after) => {
		const bytes = ['page', 'Worker', 'engine'].map((where) => [where, after[where] - before[where]]);
		t.diagnostic(`in the tab that leads: ${JSON.stringify(Object.fromEntries(bytes))} bytes, ${after.clients - before.clients} sessions`);
		for (const [where, grown] of bytes) {
			assert.ok(grown < NOISE + times * EACH, `${where}: ${grown} bytes`);
		}
		assert.ok(after.clients <= before.clients, `${after.clients - before.clients} sessions`);
	};

	for (const backend of ['memory', 'opfs', 'idb']) {
		it(`${backend}: stores that are opened and closed`, part(backend), async (t) => {
			const page = await tab();
			const times = Math.ceil(OPENS / 4);
			const run = (n) =>
				page.run(
					async (n, backend) => {
						for (let i = 0; i < n; i++) {
							const db = await tabdis.open({ name: `leaks-${backend}`, backend });
							const stop = await db.subscribe('c', () => {});
							await Promise.all([db.call('INCR', 'n'), db.call('GET', 'n'), db.session().call('PING'), stop]);
							await db.close();
						}
					},
					n,
					backend,
				);
			nothing(t, `${backend}: opened and closed`, times, await grows(page.session, times, parted(backend, 20, run)));
			await page.close();
		});
	}

	it('opens of a store that the page has open', part('shared'), async (t) => {
		const page = await tab();
		const run = (n) =>
			page.run(async (n) => {
				globalThis.db ??= await tabdis.open({ name: 'leaks-shared', backend: 'opfs' });
				for (let i = 0; i < n; i++) {
					const other = await tabdis.open({ name: 'leaks-shared', backend: 'opfs', onLog: () => {}, signal: new AbortController().signal });
					other.on('warning', () => {});
					const session = other.session(); // is its maker's to close while others have the store open
					await Promise.all([other.call('INCR', 'n'), session.call('PING')]);
					await session.close();
					await other.close();
				}
			}, n);
		const times = Math.max(OPENS, 2 * FEW);
		nothing(t, 'opened beside another', times, await grows(page.session, times, parted('shared', 200, run)));
		await page.close();
	});

	it('tabs that come and go leave nothing with the one that leads', part('tabs'), async (t) => {
		const leader = await leading({ name: 'leaks-tabs', backend: 'opfs', appendfsync: 'always' }); // nobody waits a second for a sync
		const follower = await tab();
		const run = (n) =>
			follower.run(async (n) => {
				for (let i = 0; i < n; i++) {
					const db = await tabdis.open({ name: 'leaks-tabs', backend: 'opfs' });
					await Promise.all([db.call('INCR', 'n'), db.multi().incr('n').exec(), db.session().call('SET', 'k', 'v'), db.durable()]);
					await db.close();
				}
			}, n);
		await run(4);
		const before = await leader.measure();
		const times = Math.ceil(OPENS / 4);
		nothing(t, 'in the tab that comes and goes', times, await grows(follower.session, times, parted('tabs', 20, run)));
		nothingLed(t, times, before, await leader.measure());
		await follower.close();
		await leader.close();
	});

	for (const role of ['leader', 'follower']) {
		it(`calls of the ${role}, of all kinds, are all settled and leave nothing`, part('calls'), async (t) => {
			const options = { name: `leaks-calls-${role}`, backend: 'opfs', maxmemory: 64 << 20 };
			const pages = [await leading(options), await tab()];
			const page = pages[role === 'leader' ? 0 : 1];
			await pages[1].run(async (options) => {
				globalThis.db = await tabdis.open(options);
				await db.call('SET', 's', 'x');
			}, options);
			await page.run(async () => {
				const session = db.session();
				globalThis.Session = session.constructor;
				await session.close();
			});
			assert.equal(await page.run(() => db.store.role), role);
			const run = (n) =>
				page.run(async (n) => {
					const kinds = [
						(i) => db.call('SET', `k${i % 100}`, i),
						(i) => db.get(`k${i % 100}`),
						() => db.incr('n'),
						() => db.call('LPUSH', 's', 'x'), // WRONGTYPE
						(i) => db.binary.call('GET', `k${i % 100}`),
						(i) => (i % 10 ? db.ping() : db.multi().incr('m').get('m').exec()),
						(i) => (i % 100 ? db.ping() : db.blPop('nothing', 0.001)), // runs out
						(i) => db.withAbortSignal(i % 2 ? AbortSignal.abort() : new AbortController().signal).get('s'),
						(i) => {
							if (i % 100 !== 8) return db.ping();
							const control = new AbortController();
							queueMicrotask(() => control.abort());
							return db.withAbortSignal(control.signal).blPop('nothing', 0);
						},
						() => db.call('NOSUCHCOMMAND'),
					];
					const settled = { resolved: 0, rejected: 0 };
					for (let made = 0; made < n; ) {
						const calls = [];
						for (const end = Math.min(n, made + 1000); made < end; made++) {
							calls.push(kinds[made % kinds.length](made).then(() => settled.resolved++, () => settled.rejected++));
						}
						await Promise.all(calls);
					}
					return settled;
				}, n);
			let all, before;
			const grown = await grows(page.session, CALLS, async (n) => {
				before ??= n === CALLS ? await pages[0].measure() : undefined; // it is warm
				all = { resolved: 0, rejected: 0 };
				await parted(`calls of the ${role}`, 10_000, async (some) => {
					const { resolved, rejected } = await run(some);
					all = { resolved: all.resolved + resolved, rejected: all.rejected + rejected };
				})(n);
			}, { Session: 'globalThis.Session' });
			t.diagnostic(`${all.resolved} resolved, ${all.rejected} rejected`);
			assert.equal(all.resolved + all.rejected, CALLS);
			assert.ok(all.rejected > CALLS / 5, 'errors and signals were among them');
			nothing(t, `calls of the ${role}`, CALLS, grown, 0);
			nothingLed(t, 0, before, await pages[0].measure());
			for (const page of pages) {
				await page.close();
			}
		});
	}
});
