// The package in a real browser: open, call, close, reload, kill. The same in Chromium and Firefox, over OPFS and IndexedDB.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Browser, DIST, Site } from './harness.mjs';
import { overBackends, targetOf, targets } from './targets.mjs';
import { withMemoryLimit } from './wasm.mjs';

for (const target of targets) {
	overBackends(target, ['opfs', 'idb'], suite);
	describe(`${target}, memory and what is not there`, () => memory(target));
}

function suite(target, backend) {
	let site, browser, page;
	before(async () => {
		site = await new Site().start();
		browser = new Browser(target, site);
		page = browser.start();
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	it('says where it keeps the store and why', async () => {
		const info = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'info', backend });
			await db.close();
			return db.store;
		}, backend);
		assert.equal(info.backend, backend);
		assert.equal(info.why, 'asked for');
		assert.equal(info.load.created, true);
	});

	it('stays where it was made when no backend is asked for', async () => {
		const [made, found, value] = await page.run(async ({ open }, backend) => {
			let db = await open({ name: 'stays', backend });
			await db.call('SET', 'k', 'v');
			await db.close();
			const made = db.store.backend;
			db = await open({ name: 'stays' });
			const value = await db.call('GET', 'k');
			await db.close();
			return [made, db.store.backend, value];
		}, backend);
		assert.deepEqual([made, found, value], [backend, backend, 'v']);
	});

	it('says CONFIG of a parameter that does not exist', async () => {
		const error = await page.run(
			async ({ open }, backend) => open({ name: 'config', backend, config: { nosuch: 1 } }).then(() => 'opened', (e) => `${e.name} ${e.code} ${e.message}`),
			backend,
		);
		assert.match(error, /^StoreError CONFIG unknown parameter 'nosuch'/);
	});

	if (backend === 'opfs') {
		it('refuses a damaged log, names the place, and changes nothing', async () => {
			const errors = await page.run(async ({ open, CorruptLogError }, backend) => {
				const db = await open({ name: 'damaged', backend });
				await db.call('SET', 'k', 'precious');
				await db.close();
				const store = await (await (await navigator.storage.getDirectory()).getDirectoryHandle('tabdis')).getDirectoryHandle('damaged');
				for await (const handle of store.values()) {
					const text = await (await handle.getFile()).text();
					const at = text.indexOf('precious');
					if (at >= 0) {
						const file = await handle.createWritable({ keepExistingData: true });
						await file.write({ type: 'write', position: at, data: 'P' });
						await file.close();
					}
				}
				const errors = [];
				for (let i = 0; i < 2; i++) {
					errors.push(await open({ name: 'damaged', backend }).then(() => 'opened', (e) => `${e instanceof CorruptLogError} ${e.code} ${e.message}`));
				}
				return errors;
			}, backend);
			assert.match(errors[0], /^true CORRUPT .*appendonly\.aof\.1\.incr\.aof at \d+, lsn \d+/);
			assert.equal(errors[1], errors[0]);
		});
	}

	it('settles calls of one turn in their order', async () => {
		const replies = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'order', backend });
			const calls = [];
			for (let i = 0; i < 10000; i++) {
				calls.push(db.call('RPUSH', 'list', i));
			}
			calls.push(db.call('LRANGE', 'list', 0, -1));
			const replies = await Promise.all(calls);
			await db.close();
			return replies;
		}, backend);
		const list = replies.pop();
		assert.deepEqual(replies, Array.from({ length: 10000 }, (_, i) => i + 1));
		assert.deepEqual(list, Array.from({ length: 10000 }, (_, i) => String(i)));
	});

	it('keeps bytes as they are, keys and values alike', async () => {
		const ok = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'bytes', backend });
			const all = new Uint8Array(256).map((_, i) => i);
			const large = crypto.getRandomValues(new Uint8Array(60000));
			await db.call('SET', all, large);
			const back = await db.binary.call('GET', all);
			await db.call('SET', 'text', 'é😀\r\n\0');
			const text = await db.call('GET', 'text');
			await db.close();
			return [back.length === large.length && back.every((b, i) => b === large[i]), text];
		}, backend);
		assert.deepEqual(ok, [true, 'é😀\r\n\0']);
	});

	it('takes a batch larger than a turn', async () => {
		const replies = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'large', backend });
			const large = 'x'.repeat(5 << 20);
			const replies = await Promise.all([
				db.call('SET', 'a', 1), db.call('SET', 'large', large), db.call('STRLEN', 'large'), db.call('GET', 'a'), db.call('GET', 'large'),
			]);
			await db.close();
			return replies.map((r) => (r === large ? 'large' : r));
		}, backend);
		assert.deepEqual(replies, ['OK', 'OK', 5 << 20, '1', 'large']);
	});

	it('gives RESP3 replies as JavaScript values', async () => {
		const replies = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'values', backend });
			const calls = [
				['HSET', 'h', 'a', 1, 'b', 2], ['HGETALL', 'h'], ['SADD', 's', 'x'], ['SMEMBERS', 's'], ['ZADD', 'z', 1.5, 'm'],
				['ZSCORE', 'z', 'm'], ['GET', 'none'], ['ZRANGE', 'z', 0, -1, 'WITHSCORES'],
			];
			const replies = await Promise.all(calls.map((words) => db.call(...words)));
			await db.close();
			return replies;
		}, backend);
		assert.deepEqual(replies, [2, { a: '1', b: '2' }, 1, ['x'], 1, 1.5, null, [['m', 1.5]]]);
	});

	it('rejects with the error reply and goes on', async () => {
		const outcome = await page.run(async ({ open, ReplyError }, backend) => {
			const db = await open({ name: 'errors', backend });
			const calls = [db.call('SET', 'k', 'v'), db.call('LPUSH', 'k', 1), db.call('NOSUCH'), db.call('GET'), db.call('GET', 'k')];
			const settled = await Promise.allSettled(calls);
			const transaction = await Promise.all([db.call('MULTI'), db.call('INCR', 'k'), db.call('GET', 'k'), db.call('EXEC')]);
			await db.close();
			return [
				settled.map((s) => s.value ?? `${s.reason instanceof ReplyError} ${s.reason.code}`),
				transaction[3].map((r) => (r instanceof ReplyError ? r.code : r)),
			];
		}, backend);
		assert.deepEqual(outcome, [['OK', 'true WRONGTYPE', 'true ERR', 'true ERR', 'v'], ['ERR', 'v']]);
	});

	it('closes cleanly: waits for what is under way, keeps it, refuses the rest, frees the store', async () => {
		const outcome = await page.run(async ({ open, ClosedError }, backend) => {
			const first = await open({ name: 'close', backend });
			const under = first.call('SET', 'k', 'v');
			const closed = first.close();
			const refused = await first.call('GET', 'k').catch((e) => e instanceof ClosedError);
			const settled = await under;
			await closed;
			await first.close();
			const second = await open({ name: 'close', backend });
			const value = await second.call('GET', 'k');
			await second.close();
			return [settled, refused, value, second.store.load.truncated ?? null];
		}, backend);
		assert.deepEqual(outcome, ['OK', true, 'v', null]);
	});

	it('is one store in two pages, and the second goes on with it when the first closes', async () => {
		await page.run(async ({ open }, backend) => {
			globalThis.held = await open({ name: 'shared', backend });
			await held.call('SET', 'k', 'v');
			const url = `${location.origin}/?second`;
			if (globalThis.open(url) === null) {
				// Firefox opens no tab without a click; a frame is another client of the origin as well.
				document.body.append(Object.assign(document.createElement('iframe'), { src: url }));
			}
		}, backend);
		const second = site.page('second');
		const seen = await second.run(async ({ open }, backend) => {
			globalThis.held = await open({ name: 'shared', backend });
			return [held.store.role, await held.call('GET', 'k'), await held.call('INCR', 'n')];
		}, backend);
		assert.deepEqual(seen, ['follower', 'v', 1]);
		assert.deepEqual(await page.run(() => Promise.all([held.store.role, held.call('INCR', 'n')])), ['leader', 2]);
		await page.run(() => held.close());
		const after = await second.run(async () => {
			const n = await held.call('INCR', 'n');
			const { role } = held.store;
			await held.close();
			return [n, role];
		});
		assert.deepEqual(after, [3, 'leader']);
	});

	it('gives up opening when told to', async () => {
		const reason = await page.run(async ({ open }, backend) => {
			const stop = new AbortController();
			const opening = open({ name: 'abort', backend, signal: stop.signal });
			stop.abort(new Error('enough'));
			return opening.then(() => 'opened', (e) => e.message);
		}, backend);
		assert.equal(reason, 'enough');
	});

	const write = async ({ open }, backend, name) => {
		globalThis.db = await open({ name, backend, appendfsync: 'always' });
		await Promise.all(Array.from({ length: 1000 }, (_, i) => db.call('SET', `key:${i}`, `value:${i}`)));
		return db.call('INCR', 'times');
	};
	const read = async ({ open }, backend, name) => {
		// What held the store may be on its way out still.
		const { db } = await (async () => {
			for (let tries = 0; ; tries++) {
				try {
					return { db: await open({ name, backend }) };
				} catch (e) {
					if (e.code !== 'LOCKED' || tries === 100) {
						throw e;
					}
					await new Promise((resolve) => setTimeout(resolve, 20));
				}
			}
		})();
		const values = await Promise.all(Array.from({ length: 1000 }, (_, i) => db.call('GET', `key:${i}`)));
		const times = await db.call('GET', 'times');
		await db.close();
		return [values.filter((v, i) => v === `value:${i}`).length, times];
	};

	it('has the data after a reload', async () => {
		assert.equal(await page.run(write, backend, 'reload'), 1);
		await page.reload();
		assert.deepEqual(await page.run(read, backend, 'reload'), [1000, '1']);
	});

	it('has the data after the browser was killed', async () => {
		assert.equal(await page.run(write, backend, 'killed'), 1);
		await browser.kill();
		page.forget();
		page = browser.start('again'); // Firefox may bring back the old one too
		assert.deepEqual(await page.run(read, backend, 'killed'), [1000, '1']);
	});
}

function memory(target) {
	let site, browser, page;
	before(async () => {
		site = await new Site().start();
		browser = new Browser(target, site);
		page = browser.start();
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	it('is where a store lives only when asked for', async () => {
		const infos = await page.run(async ({ open }) => {
			const asked = await open({ name: 'asked', backend: 'memory' });
			const auto = await open({ name: 'auto' });
			const infos = [asked.store, auto.store];
			await asked.close();
			await auto.close();
			return infos.map(({ backend, why }) => [backend, why]);
		});
		const why = { opfs: 'the browser has OPFS with synchronous access handles', idb: 'the browser has no OPFS' };
		const [auto] = targetOf(target).backends;
		assert.deepEqual(infos, [['memory', 'asked for'], [auto, why[auto]]]);
	});

	it('refuses what the browser does not have, and never takes another store for it', async () => {
		// The Worker's script where the browser has no IndexedDB, no OPFS, neither, or refuses to open a database, as where storage is blocked.
		const noOPFS = `Object.defineProperty(navigator, 'storage', { value: undefined });`;
		const noIDB = `Object.defineProperty(globalThis, 'indexedDB', { value: undefined });`;
		const blocked = `IDBFactory.prototype.open = () => { throw new DOMException('storage is blocked here', 'SecurityError'); };`;
		for (const [path, script] of [['noopfs', noOPFS], ['noidb', noIDB], ['nothing', noOPFS + noIDB], ['blocked', noOPFS + blocked]]) {
			site.files.set(`client/${path}-first.js`, script);
			site.files.set(`client/${path}.js`, `import './${path}-first.js'; import './worker.js';`);
		}
		const outcomes = await page.run(async ({ open }) => {
			const outcomes = {};
			for (const lack of ['noopfs', 'noidb', 'nothing', 'blocked']) {
				for (const backend of ['auto', 'opfs', 'idb']) {
					const name = `lacks-${lack}-${backend}`;
					const options = { name, backend, workerUrl: `./client/${lack}.js` };
					outcomes[`${lack}, ${backend}`] = await open(options).then(
						async (db) => {
							const { why } = db.store;
							const status = await db.status();
							await db.close();
							return `${status.backend}: ${why}${status.why === why ? '' : ' (and not by status)'}`;
						},
						(e) => `${e.name} ${e.code} ${e.message.replace(`the store ${name} `, '').replace(`open ${name}: `, '')}`,
					);
				}
			}
			return outcomes;
		});
		const { hasStorage } = targetOf(target);
		const lack = 'the browser has no OPFS';
		const never = `StoreError BACKEND was to be on OPFS, and ${lack}`;
		const neither = `StoreError BACKEND cannot be kept: ${lack}, and there is no IndexedDB here`;
		assert.deepEqual(outcomes, {
			'noopfs, auto': `idb: ${lack}`,
			'noopfs, opfs': never,
			'noopfs, idb': 'idb: asked for',
			'noidb, auto': hasStorage ? 'opfs: the browser has OPFS with synchronous access handles' : neither,
			'noidb, opfs': hasStorage ? 'opfs: asked for' : never,
			'noidb, idb': 'StoreError BACKEND cannot be kept: there is no IndexedDB here',
			'nothing, auto': neither,
			'nothing, opfs': never,
			'nothing, idb': 'StoreError BACKEND cannot be kept: there is no IndexedDB here',
			'blocked, auto': 'StoreError IO SecurityError: storage is blocked here',
			'blocked, opfs': never,
			'blocked, idb': 'StoreError IO SecurityError: storage is blocked here',
		});
	});

	it('refuses a durable store where there are no Web Locks', async () => {
		const refusal = await page.run(async ({ open }) => {
			Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });
			try {
				const refused = await open({ name: 'nolocks' }).then(() => 'opened', (e) => `${e.name} ${e.code} ${e.message}`);
				const db = await open({ name: 'nolocks', backend: 'memory' });
				const pong = await db.call('PING');
				await db.close();
				return [refused, pong];
			} finally {
				delete navigator.locks;
			}
		});
		assert.deepEqual(refusal, ['StoreError NOLOCKS a durable store cannot be opened: there are no Web Locks here', 'PONG']);
	});

	it('is replaced from the log when it runs out of memory', async () => {
		site.files.set('client/small.wasm', withMemoryLimit(readFileSync(`${DIST}tabdis.wasm`), 192));
		const outcome = await page.run(async ({ open, OutcomeUnknownError }) => {
			const lines = [];
			const db = await open({ name: 'dies', wasmUrl: './client/small.wasm', appendfsync: 'always', onLog: (_, line) => lines.push(line) });
			await Promise.all([db.call('SELECT', 2), db.call('SET', 'k', 'v'), db.call('SET', 'big', 'x'.repeat(8 << 20))]);
			const settled = await Promise.allSettled(Array.from({ length: 64 }, () => db.call('GET', 'big')));
			const unknown = settled.filter((s) => s.reason instanceof OutcomeUnknownError).length;
			const value = await db.call('GET', 'k');
			const { restarts, load } = db.store;
			await db.close();
			return { unknown, value, restarts, created: load.created, truncated: load.truncated !== undefined };
		});
		assert.deepEqual(outcome, { unknown: 64, value: 'v', restarts: 1, created: false, truncated: false });
	});

	it('refuses a write that does not fit', async () => {
		const codes = await page.run(async ({ open }) => {
			const db = await open({ name: 'full', backend: 'memory', maxmemory: '8mb' });
			const settled = await Promise.allSettled(Array.from({ length: 32 }, (_, i) => db.call('SET', `k${i}`, 'x'.repeat(1 << 19))));
			const alive = await db.call('PING');
			await db.close();
			return [settled.filter((s) => s.reason?.code === 'OOM').length > 0, settled.filter((s) => s.value === 'OK').length > 8, alive];
		});
		assert.deepEqual(codes, [true, true, 'PONG']);
	});
}
