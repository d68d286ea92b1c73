// One store, two tabs: the second goes on with it when the first has died; and what becomes of a store whose storage is taken away.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Chromium } from './cdp.mjs';
import { DIST, Site } from './harness.mjs';
import { withMemoryLimit } from './wasm.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis fence</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
say('ready');
</script>`;

const ENDS = {
	closed: (tab) => tab.close(),
	killed: (tab) => tab.killRenderer(),
};

describe('Chromium, two tabs', () => {
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('fence.html', PAGE);
		browser = new Chromium();
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});
	const open = () => browser.open(`${site.url}fence.html`, () => {});
	const write = async (name, backend) => {
		globalThis.lines = [];
		globalThis.db = await tabdis.open({ name, backend, appendfsync: 'always', onLog: (level, line) => lines.push(line) });
		await db.call('SET', 'k', 'v');
		return db.store.backend;
	};
	const attempt = async (name, backend) => {
		globalThis.db = await tabdis.open({ name, backend });
		return db.call('GET', 'k');
	};
	const elsewhere = async (name) => (await indexedDB.databases()).some((d) => d.name.includes(name));

	for (const backend of ['auto', 'opfs', 'idb']) {
		for (const [end, finish] of Object.entries(ENDS)) {
			it(`${backend}: the second shares it, and goes on with it when the first is ${end}`, async (t) => {
				const name = `fence-${backend}-${end}`;
				const first = await open();
				await first.findRenderer();
				const kept = await first.run(write, name, backend);
				assert.equal(kept, backend === 'idb' ? 'idb' : 'opfs');
				const second = await open();
				assert.equal(await second.run(attempt, name, backend), 'v');
				assert.equal(await second.run(() => db.store.role), 'follower');
				assert.equal(await second.run(elsewhere, name), kept === 'idb', 'it looked nowhere else');
				const began = Date.now();
				await finish(first);
				await second.run(async () => db.store.role === 'leader' || new Promise((resolve) => db.on('leader', resolve)).then(() => true));
				assert.deepEqual(await second.run(() => Promise.all([db.call('GET', 'k'), db.call('INCR', 'n')])), ['v', 1]);
				t.diagnostic(`${Date.now() - began} ms from the end of the first to the first reply of the second`);
				await second.run(() => db.close());
				await second.close();
			});
		}
	}

	it('says so when the tabs do not agree where the store is', async () => {
		const [first, second] = [await open(), await open()];
		await first.run(write, 'disagree', 'opfs');
		const refusal = await second.run(async () => tabdis.open({ name: 'disagree', backend: 'idb' }).then(() => 'opened', (e) => `${e.code} ${e.message}`));
		assert.equal(refusal, 'BACKEND the store disagree is open on opfs in another tab, and this one asks for idb');
		await first.close();
		await second.close();
	});

	// Nobody steals locks here; a browser that loses them would leave two leaders, and only the fence between them.
	it('idb: a leader that was taken over acknowledges nothing more, says why, and follows the one that leads now', async () => {
		const name = 'taken-over';
		const [first, second] = [await open(), await open()];
		await first.run(write, name, 'idb');
		await second.run(attempt, name, 'idb');
		await second.run(async (name) => {
			for (const lock of [`tabdis:${name}`, `tabdis:${name}:leader`]) {
				await navigator.locks.request(lock, { steal: true }, () => {});
			}
			await (db.store.role === 'leader' || new Promise((resolve) => db.on('leader', resolve)));
			await db.call('SET', 'k', 'new');
		}, name);
		const [role, refused, value, lost] = await first.run(async () => {
			const { role } = db.store;
			const follows = new Promise((resolve) => db.on('follower', resolve));
			const refused = await db.call('SET', 'k', 'no').catch((e) => e.code);
			await follows;
			return [role, refused, await db.call('GET', 'k'), lines.filter((line) => line.startsWith('The store is lost: another Worker has taken the store over'))];
		});
		assert.equal(role, 'leader', 'it had heard nothing');
		assert.match(refused, /^(NOTDURABLE|MISCONF)$/);
		assert.equal(value, 'new');
		assert.equal(lost.length, 1, lost.join('\n'));
		assert.deepEqual(await Promise.all([first, second].map((tab) => tab.run(() => db.call('INCR', 'n')))).then((n) => n.sort()), [1, 2]);
		await first.close();
		await second.close();
	});

	// A user who clears the site's data, or a browser that needs the room, takes the store itself away. Open files outlive that, and would
	// take writes for ever.
	for (const backend of ['opfs', 'idb']) {
		it(`${backend}: no write succeeds for long when the storage is taken away`, async () => {
			const tab = await open();
			const name = `evicted-${backend}`;
			await tab.run(write, name, backend);
			await browser.call('Storage.clearDataForOrigin', { origin: new URL(site.url).origin, storageTypes: 'all' }, tab.session);
			const [ran, refused, value] = await tab.run(async () => {
				let ran;
				for (let n = 0; ran === undefined; n++) {
					await new Promise((resolve) => setTimeout(resolve, 100));
					ran = await db.call('SET', 'k', n).then(() => undefined, (e) => e.code);
				}
				return [ran, await db.call('SET', 'k', 'no').catch((e) => `${e.code} ${e.message}`), (await db.call('GET', 'k')) !== null];
			});
			assert.match(ran, /^(NOTDURABLE|MISCONF)$/); // an idle log may have noticed it by itself
			assert.match(refused, /^MISCONF /);
			if (backend === 'opfs') {
				assert.match(refused, /the browser has removed the storage of this store/i);
			}
			// A browser that is busy may take its time to say so: until then writes are refused because nothing is answered.
			const lines = await tab.run(async () => {
				while (!lines.some((line) => line.startsWith('The store is lost: '))) {
					await new Promise((resolve) => setTimeout(resolve, 100));
				}
				return new Promise((resolve) => setTimeout(resolve, 2500, lines));
			});
			const told = lines.findIndex((line) => line.startsWith('The store is lost: '));
			assert.ok(!lines.slice(told + 1).some((line) => /The store is lost|rewriting started/.test(line)), `nothing is begun anew: ${lines.join('\n')}`);
			assert.match(await tab.run(() => db.call('SET', 'k', 'no').catch((e) => e.message)), /removed the storage|the store was deleted/i);
			assert.ok(value, 'reads go on');
			await tab.close();
			const next = await open();
			assert.equal(await next.run(attempt, name, backend), null, 'a new store');
			await next.run(() => db.close());
			await next.close();
		});
	}

	// What is left of a store that was taken away while nobody had it open is nothing: only the origin can remember it.
	const look = async (name, backend) => {
		const warnings = [];
		globalThis.db = await tabdis.open({ name, backend, onLog: (level, line) => level === 3 && warnings.push(line) });
		const { created, vanished } = db.store.load;
		await db.close();
		return [created, vanished ?? false, warnings.some((line) => line.includes('was here before and is gone'))];
	};
	for (const [backend, storageTypes] of [['opfs', 'file_systems'], ['idb', 'indexeddb'], ['auto', 'file_systems']]) {
		it(`${backend}: a store that was here before does not come back as one that never was`, async () => {
			const tab = await open();
			const name = `vanished-${backend}`;
			assert.deepEqual(await tab.run(look, name, backend), [true, false, false], 'a new one');
			assert.deepEqual(await tab.run(look, name, backend), [false, false, false], 'the same');
			await browser.call('Storage.clearDataForOrigin', { origin: new URL(site.url).origin, storageTypes }, tab.session);
			assert.deepEqual(await tab.run(look, name, backend), [true, true, true], 'it is gone, and that is told');
			assert.deepEqual(await tab.run(look, name, backend), [false, false, false], 'once');
			await tab.close();
		});
	}

	it('idb: a database that the browser finds damaged, and replaces by an empty one, is told as well', async () => {
		const tab = await open();
		assert.deepEqual(await tab.run(look, 'damaged', 'idb'), [true, false, false]);
		await browser.quit(); // localStorage is written late
		const at = join(browser.profile, 'Default', 'IndexedDB');
		for (const database of readdirSync(at).filter((name) => name.endsWith('.leveldb'))) {
			for (const file of readdirSync(join(at, database)).filter((name) => name.startsWith('MANIFEST-'))) {
				writeFileSync(join(at, database, file), 'what no LevelDB has written');
			}
		}
		const next = await open();
		assert.deepEqual(await next.run(look, 'damaged', 'idb'), [true, true, true]);
		await next.close();
	});

	it('an engine that dies when its store was taken away is not replaced by one with an empty store', async () => {
		site.files.set('client/small.wasm', withMemoryLimit(readFileSync(`${DIST}tabdis.wasm`), 192));
		const tab = await open();
		await tab.run(async () => {
			globalThis.db = await tabdis.open({ name: 'orphan', backend: 'idb', wasmUrl: './client/small.wasm', appendfsync: 'always' });
			await db.call('SET', 'big', 'x'.repeat(8 << 20));
		});
		await browser.call('Storage.clearDataForOrigin', { origin: new URL(site.url).origin, storageTypes: 'indexeddb' }, tab.session);
		const [lost, code] = await tab.run(async () => {
			const settled = await Promise.allSettled(Array.from({ length: 64 }, () => db.call('GET', 'big')));
			const lost = settled.filter((s) => s.reason instanceof tabdis.OutcomeUnknownError).length;
			await db.call('SET', 'k', 'v').catch(() => {}); // under way while the engine is to be started again
			return [lost, await db.call('SET', 'k', 'v').catch((e) => e.code)];
		});
		assert.deepEqual([lost, code], [64, 'VANISHED']);
		await tab.close();
	});
});
