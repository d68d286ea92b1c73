// The one tab that stands by: its Worker has an engine started, touches nothing of the store, and leads next, whatever became of the one before.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { DIST, Site } from './harness.mjs';
import { overBackends, targets } from './targets.mjs';
import { withMemoryLimit } from './wasm.mjs';
import { browserOf } from './windows.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis standby</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
say('ready');
</script>`;

// Looks on: what the Workers say of themselves, in order.
const SPY = `<!doctype html><meta charset="utf-8"><title>spy</title><script type="module">
globalThis.heard = [];
new BroadcastChannel('spy').onmessage = ({ data }) => heard.push(data);
say('ready');
</script>`;

// Stands before the Worker's own script, and tells which engines are started and who looks for a store. A Worker is named by the maxmemory that
// its tab gives, those in other roles by their roles.
const SPIED = `const spy = new BroadcastChannel('spy');
let who = self.name;
const tell = (what) => spy.postMessage(who + ' ' + what);
addEventListener('message', ({ data }) => {
	if (data?.type === 'open') who = data.config[data.config.indexOf('maxmemory') + 1];
});
const watch = (object, method, what, when = () => true) => {
	const original = object?.[method];
	if (original !== undefined) object[method] = function (...args) {
		if (when(...args)) tell(what);
		return original.apply(this, args);
	};
};
watch(WebAssembly, 'compileStreaming', 'compiles');
watch(WebAssembly, 'instantiate', 'starts');
watch(globalThis.FileSystemDirectoryHandle?.prototype, 'getDirectoryHandle', 'touches');
watch(globalThis.FileSystemFileHandle?.prototype, 'createSyncAccessHandle', 'touches');
watch(globalThis.IDBFactory?.prototype, 'open', 'touches');
watch(globalThis.LockManager?.prototype, 'request', 'touches', (name) => name.split(':').length === 2); // the storage's own lock
`;

/** maxmemory of the n-th tab. */
const tag = (n) => String(100_000_000 + n);

for (const target of targets) overBackends(target, ['opfs', 'idb'], (_, backend) => {
	let site, browser, spy;
	before(async () => {
		site = await new Site().start();
		site.files.set('standby.html', PAGE);
		site.files.set('spy.html', SPY);
		site.files.set('client/spied.js', "import './watch.js';\nimport './worker.js';");
		site.files.set('client/watch.js', SPIED);
		browser = browserOf(target, site);
		spy = await browser.open(`${site.url}spy.html`, () => {});
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	const until = async (done, what) => {
		for (const end = Date.now() + 60_000; !(await done()); ) {
			assert.ok(Date.now() < end, `it never comes: ${what}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	};
	const open = async (name, n, more = {}) => {
		const tab = await browser.open(`${site.url}standby.html`, () => {});
		const options = { name, backend, workerUrl: './client/spied.js', config: { maxmemory: tag(n) }, ...more };
		await tab.run(async (options) => void (globalThis.db = await tabdis.open(options)), options);
		return tab;
	};
	const leads = (tab) => tab.run(() => (db.store.role === 'leader' ? true : new Promise((resolve) => db.on('leader', () => resolve(true)))));
	const maxmemory = (tab) => tab.run(async () => (await db.configGet('maxmemory')).maxmemory);
	const heard = (what) => spy.run((what) => heard.filter((word) => word === what).length, what);
	/** How many hold and await the lock of the one that stands by, and how many await the leader's. */
	const locks = (name) =>
		spy.run(async (name) => {
			const { held, pending } = await navigator.locks.query();
			const count = (list, lock) => list.filter((l) => l.name === `tabdis:${name}:${lock}`).length;
			return [count(held, 'standby'), count(pending, 'standby'), count(pending, 'leader')];
		}, name);
	const started = (n) => until(() => heard(`${tag(n)} starts`), `tab ${n} prepares`);
	const untouched = async (n) => assert.equal(await heard(`${tag(n)} touches`), 0, `tab ${n} has touched the store`);

	it('is prepared, alone of those that wait, and follows a leader that crashes, closes and is closed', async () => {
		const name = `stands-by-${backend}`;
		const tabs = [];
		for (let n = 0; n < 5; n++) tabs.push(await open(name, n));
		for (const tab of tabs) await tab.run(() => db.call('INCR', 'n'));
		await started(1);
		await until(() => heard('tabdis-rehearsal starts').then((n) => n === 2), 'the rehearsal');
		assert.deepEqual(await locks(name), [1, 3, 1]);
		for (const what of ['compiles', 'starts']) {
			assert.deepEqual(await Promise.all([0, 1, 2, 3, 4].map((n) => heard(`${tag(n)} ${what}`))), [1, 1, 0, 0, 0], what);
		}
		for (const n of [1, 2, 3, 4]) await untouched(n);
		assert.equal(await heard('tabdis-rehearsal touches'), 0);

		await tabs[1].crash(); // it stood by, and the third is the next
		await started(2);
		assert.deepEqual(await locks(name), [1, 2, 1]);
		await untouched(2);

		const ends = [(tab) => tab.crash(), (tab) => tab.run(() => db.close()), (tab) => tab.close()];
		const order = [0, 2, 3, 4];
		for (const [i, end] of ends.entries()) {
			const [gone, next] = [order[i], order[i + 1]];
			await end(tabs[gone]);
			await leads(tabs[next]);
			assert.equal(await tabs[next].run(() => db.call('INCR', 'n')), 6 + i);
			assert.equal(await maxmemory(tabs[next]), tag(next), 'its own parameters');
			for (const what of ['compiles', 'starts']) assert.equal(await heard(`${tag(next)} ${what}`), 1, 'the engine that it had');
			if (i === 2) break;
			await started(order[i + 2]);
			await untouched(order[i + 2]);
			assert.deepEqual(await locks(name), [1, 1 - i, 1]);
		}
		assert.deepEqual(await locks(name), [0, 0, 0]);
		await tabs[2].close();
		await tabs[4].close();
	});

	it('leads in the epoch that follows, however long it waited', async () => {
		const name = `epochs-${backend}`;
		const [first, second] = [await open(name, 10), await open(name, 11)];
		const epoch = (tab) => tab.run(async () => Number(/aof_epoch:(\d+)/.exec(await db.call('INFO', 'persistence'))[1]));
		const before = await epoch(first);
		await started(11);
		assert.equal(await epoch(first), before);
		await first.close();
		await leads(second);
		assert.equal(await epoch(second), before + 1);
		await second.close();
	});

	it('goes on in the same Worker when an engine that was prepared has died', async () => {
		const name = `dies-${backend}`;
		const small = { wasmUrl: './client/small.wasm', appendfsync: 'always' };
		site.files.set('client/small.wasm', withMemoryLimit(readFileSync(`${DIST}tabdis.wasm`), 192));
		const [first, second] = [await open(name, 20, small), await open(name, 21, small)];
		await first.run(() => db.call('SET', 'k', 'v'));
		await started(21);
		await first.close();
		await leads(second);
		const seen = await second.run(async () => {
			await db.call('SET', 'big', 'x'.repeat(8 << 20));
			await Promise.allSettled(Array.from({ length: 64 }, () => db.call('GET', 'big')));
			return [await db.call('GET', 'k'), db.store.restarts];
		});
		assert.deepEqual([seen, await heard(`${tag(21)} starts`)], [['v', 1], 2]);
		await second.close();
	});
});

for (const target of targets) describe(`${target}, a Worker that rehearses`, () => {
	it('plays a take-over to its end, in memory', async () => {
		const site = await new Site().start();
		site.files.set('rehearsal.html', "<!doctype html><meta charset=\"utf-8\"><script type=\"module\">say('ready')</script>");
		const browser = browserOf(target, site);
		try {
			const tab = await browser.open(`${site.url}rehearsal.html`, () => {});
			const failure = await tab.run(async () => {
				const module = await WebAssembly.compileStreaming(fetch('/client/tabdis.wasm'));
				const worker = new Worker('/client/worker.js', { type: 'module', name: 'tabdis-rehearsal' });
				worker.postMessage(module);
				return new Promise((resolve) => {
					worker.onmessage = ({ data }) => resolve(data);
					worker.onerror = ({ message }) => resolve(`error ${message}`);
				});
			});
			assert.equal(failure, null);
			const left = await tab.run(async () => {
				const names = [];
				if (navigator.storage?.getDirectory) for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
				return names;
			});
			assert.deepEqual(left, []);
		} finally {
			await browser.dispose();
			site.stop();
		}
	});
});
