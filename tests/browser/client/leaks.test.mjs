// Stores that are opened and closed, tabs that come and go, and calls of all kinds leave nothing behind: no listener, no Worker, no promise
// that is not settled, and no memory. TABDIS_OPENS is how often a store is opened, TABDIS_CALLS how many calls are made (a sample).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from './cdp.mjs';
import { Site } from './harness.mjs';

const OPENS = Number(process.env.TABDIS_OPENS ?? 24);
const CALLS = Number(process.env.TABDIS_CALLS ?? 20_000);

/** What may remain of each, in bytes, and what is noise: caches that fill, code that is compiled. */
const EACH = 200;
const NOISE = 2 << 20;

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis leaks</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
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
	/** Runs it so often, a few at a time: a call into a page has an end. */
	const parted = (most, run) => async (times) => {
		for (let left = times; left > 0; left -= most) {
			await run(Math.min(most, left));
		}
	};
	/** Runs it for warming up, then so many times more; tells what has grown. */
	const grows = async (session, times, run, warm = Math.ceil(times / 10) + 2) => {
		await run(warm);
		const [heap, had] = [await alive(session), await counters(session)];
		await run(times);
		const grown = (await alive(session)) - heap;
		const has = await counters(session);
		return { grown, listeners: has.listeners - had.listeners, workers: has.workers - had.workers };
	};
	const nothing = (t, what, times, { grown, listeners, workers }) => {
		t.diagnostic(`${what}, ${times} times: ${grown} bytes, ${listeners} listeners, ${workers} Workers more`);
		assert.ok(grown < NOISE + times * EACH, `${what}: ${grown} bytes`);
		assert.ok(listeners <= 8 && workers <= 1, `${what}: ${listeners} listeners, ${workers} Workers`);
	};
	const tab = () => browser.open(`${site.url}leaks.html`, () => {});

	for (const backend of ['memory', 'opfs', 'idb']) {
		it(`${backend}: stores that are opened and closed`, async (t) => {
			const page = await tab();
			const times = backend === 'memory' ? OPENS : Math.ceil(OPENS / 4);
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
			nothing(t, `${backend}: opened and closed`, times, await grows(page.session, times, parted(20, run)));
			await page.close();
		});
	}

	it('opens of a store that the page has open', async (t) => {
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
		nothing(t, 'opened beside another', OPENS, await grows(page.session, OPENS, parted(200, run)));
		await page.close();
	});

	it('tabs that come and go leave nothing with the one that leads', async (t) => {
		let sessionId; // of the Worker that leads
		const leader = await browser.open(`${site.url}leaks.html`, ({ attached }) => (sessionId ??= attached?.sessionId));
		const follower = await tab();
		await browser.call('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true }, leader.session);
		await leader.run(async () => {
			globalThis.db = await tabdis.open({ name: 'leaks-tabs', backend: 'opfs' });
		});
		const run = (n) =>
			follower.run(async (n) => {
				for (let i = 0; i < n; i++) {
					const db = await tabdis.open({ name: 'leaks-tabs', backend: 'opfs' });
					await Promise.all([db.call('INCR', 'n'), db.multi().incr('n').exec(), db.session().call('SET', 'k', 'v'), db.durable()]);
					await db.close();
				}
			}, n);
		const used = () => leader.run(async () => Number(/used_memory:(\d+)/.exec(await db.call('INFO', 'memory'))[1]));
		await run(4);
		const [page, engine, memory] = [await alive(leader.session), await alive(sessionId), await used()];
		const times = Math.ceil(OPENS / 4);
		nothing(t, 'in the tab that comes and goes', times, await grows(follower.session, times, parted(20, run)));
		const grown = { page: (await alive(leader.session)) - page, Worker: (await alive(sessionId)) - engine, engine: (await used()) - memory };
		t.diagnostic(`in the tab that leads: ${JSON.stringify(grown)} bytes`);
		for (const [where, bytes] of Object.entries(grown)) {
			assert.ok(bytes < NOISE + times * EACH, `${where}: ${bytes} bytes`);
		}
		await follower.close();
		await leader.close();
	});

	for (const role of ['leader', 'follower']) {
		it(`calls of the ${role}, of all kinds, are all settled and leave nothing`, async (t) => {
			const pages = [await tab(), await tab()];
			const name = `leaks-calls-${role}`;
			for (const page of pages) {
				await page.run(async (name) => {
					globalThis.db = await tabdis.open({ name, backend: 'opfs', maxmemory: 64 << 20 });
					await db.call('SET', 's', 'x');
				}, name);
			}
			const page = pages[role === 'leader' ? 0 : 1];
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
			let all;
			const grown = await grows(page.session, CALLS, async (n) => {
				all = { resolved: 0, rejected: 0 };
				await parted(10_000, async (some) => {
					const { resolved, rejected } = await run(some);
					all = { resolved: all.resolved + resolved, rejected: all.rejected + rejected };
				})(n);
			});
			t.diagnostic(`${role}: ${all.resolved} resolved, ${all.rejected} rejected, ${grown.grown} bytes more`);
			assert.equal(all.resolved + all.rejected, CALLS);
			assert.ok(all.rejected > CALLS / 5, 'errors and signals were among them');
			assert.ok(grown.grown < NOISE, `${grown.grown} bytes`);
			assert.ok(grown.listeners <= 8, `${grown.listeners} listeners`);
			for (const page of pages) {
				await page.close();
			}
		});
	}
});
