// What an open store does beside its sessions: durable, rewrite, status, exports beside a real redis-server, the log while it is written.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, it } from 'node:test';
import { Browser, Site } from './harness.mjs';
import { DATA, newDirectory, Redis } from './redis.mjs';
import { NO_DIRECTORIES, overBackends, targetOf, targets } from './targets.mjs';

for (const target of targets) {
	overBackends(target, ['opfs', 'idb'], suite);
}

function suite(target, backend) {
	let site, browser, page;
	const { hasStorage } = targetOf(target); // and with it, directories to export to
	before(async () => {
		site = await new Site().start();
		browser = new Browser(target, site);
		page = browser.start();
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	it('is durable when it says so, and nothing waits behind it', async () => {
		const [behind, before, after] = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'durable', backend, appendfsync: 'everysec' });
			const lsns = async () => {
				const { log } = await db.status();
				return [log.lsn, log.durableLsn];
			};
			const settled = [];
			await db.call('SET', 'first', 'v'); // syncs at once: what comes within a second waits for the next one
			await db.durable();
			const set = db.call('SET', 'k', 'v');
			const durable = db.durable().then(() => settled.push('durable'));
			const get = db.call('GET', 'k').then(() => settled.push('GET'));
			await set;
			const before = await lsns();
			await Promise.all([durable, get]);
			const after = await lsns();
			await db.close();
			return [settled[0], before, after];
		}, backend);
		assert.equal(behind, 'GET', 'a later call does not wait');
		assert.ok(after[1] >= before[0], `${after} is behind ${before}`);
	});

	it('is durable at once with appendfsync always, and never in memory', async () => {
		const codes = await page.run(async ({ open }, backend) => {
			let db = await open({ name: 'always', backend, appendfsync: 'always' });
			await db.call('SET', 'k', 'v');
			const codes = [await db.durable()];
			await db.close();
			codes.push(await db.durable().catch((e) => e.code));
			db = await open({ name: 'always', backend: 'memory' });
			codes.push(await db.durable().catch((e) => e.code));
			const aborted = AbortSignal.abort(new Error('no more'));
			codes.push(await db.durable({ signal: aborted }).catch((e) => e.message));
			await db.close();
			return codes;
		}, backend);
		assert.deepEqual(codes, [null, 'CLOSED', 'NOLOG', 'no more']);
	});

	it('rewrites the log, and tells how it went', async () => {
		const [before, after, last, keys] = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'rewrite', backend });
			const calls = [];
			for (let i = 0; i < 20_000; i++) {
				calls.push(db.call('SET', `key${i % 1000}`, 'x'.repeat(50)));
			}
			await Promise.all(calls);
			const before = (await db.status()).log.size;
			let last;
			await Promise.all([db.rewrite({ onProgress: (p) => (last = p) }), db.rewrite()]);
			const after = (await db.status()).log.size;
			const keys = await db.call('DBSIZE');
			await db.close();
			return [before, after, last, keys];
		}, backend);
		assert.ok(after < before / 5, `${before} bytes, then ${after}`);
		assert.equal(last.fraction, 1);
		assert.equal(keys, 1000);
	});

	it('tells how it fares', async () => {
		// Firefox asks the user, of whom there is none.
		const [status, estimate, persistence] = await page.run(async ({ open }, backend, asks) => {
			const db = await open({ name: 'status', backend });
			await db.call('SET', 'k', 'v');
			const all = [await db.status(), await db.estimate(), asks ? { persisted: false, why: 'nobody answers' } : await db.persist()];
			await db.close();
			return all;
		}, backend, target === 'firefox');
		assert.equal(status.backend, backend);
		assert.equal(status.log.state, 'healthy');
		assert.ok(status.log.lsn > 0 && status.log.size > 0 && status.log.epoch > 0);
		assert.ok(status.memory.used > 0 && status.memory.max === 1 << 30);
		assert.ok((estimate.quota ?? (hasStorage ? 0 : 1)) > 0 && estimate.log === status.log.size);
		assert.ok(typeof persistence.persisted === 'boolean' && persistence.why.length > 10);
	});

	it('removes a store, not one that is open, and forgets it', async () => {
		const [locked, reports, missing] = await page.run(async ({ open, destroy }, backend) => {
			let db = await open({ name: 'doomed', backend });
			await db.call('SET', 'k', 'v');
			const locked = await destroy('doomed').catch((e) => `${e.name} ${e.code}`);
			await db.destroy();
			const reports = [];
			for (let i = 0; i < 2; i++) {
				db = await open({ name: 'doomed', backend });
				reports.push([db.store.load.created, db.store.load.vanished ?? false, await db.call('DBSIZE')]);
				await db.call('SET', 'k', 'v');
				await db.close();
			}
			await destroy('doomed');
			return [locked, reports, await destroy('never there')
				.catch((e) => e.code)];
		}, backend);
		assert.equal(locked, 'LockedError LOCKED');
		assert.deepEqual(reports, [[true, false, 0], [false, false, 1]]);
		assert.equal(missing, 'NAME');
	});

	// Fills a store, and while it is exported changes it. Gives the digest at the export, what was exported, and what stands there then.
	const exported = (format, where) => page.run(async ({ open, destroy }, backend, data, format, where) => {
		await destroy('export');
		const db = await open({ name: 'export', backend, config: { 'enable-debug-command': 'yes' } });
		data.forEach((command) => void db.call(...command));
		const digest = db.call('DEBUG', 'DIGEST');
		let directory;
		if (where === 'directory') {
			const root = await navigator.storage.getDirectory();
			await root.removeEntry('exported', { recursive: true }).catch(() => {});
			directory = await root.getDirectoryHandle('exported', { create: true });
		}
		const { readable, writable } = new TransformStream();
		const bytes = where === 'stream' ? new Response(readable).blob() : undefined;
		let progress;
		const changes = [];
		const report = await db.exportTo(where === 'stream' ? writable : directory, {
			format,
			onProgress(p) {
				if (progress === undefined) {
					changes.push(db.call('APPEND', 'string', ' changed'), db.call('DEL', 'list', 'set', 'large'), db.call('HSET', 'hash', 'new', 'field'));
				}
				progress = p;
			},
		});
		await Promise.all(changes);
		await db.close();
		const files = {};
		const read = async (directory, path) => {
			for await (const [name, handle] of directory) {
				if (handle.kind === 'directory') await read(handle, `${path}${name}/`);
				else files[path + name] = await handle.getFile();
			}
		};
		if (where === 'stream') files[format] = await bytes;
		else await read(directory, '');
		for (const [path, file] of Object.entries(files)) {
			const url = await new Promise((resolve) => {
				const reader = new FileReader();
				reader.onload = () => resolve(reader.result);
				reader.readAsDataURL(file);
			});
			files[path] = url.slice(url.indexOf(',') + 1);
		}
		return { digest: await digest, report, progress, files };
	}, backend, DATA, format, where);

	const load = async (files, ...flags) => {
		const dir = newDirectory();
		for (const [path, bytes] of Object.entries(files)) {
			mkdirSync(dirname(join(dir, path)), { recursive: true });
			writeFileSync(join(dir, path), Buffer.from(bytes, 'base64'));
		}
		if (files.aof !== undefined) {
			execFileSync('tar', ['xf', 'aof'], { cwd: dir });
		}
		const redis = await Redis.start(dir, ...flags);
		try {
			return await redis.call('DEBUG', 'DIGEST');
		} finally {
			await redis.dispose();
		}
	};

	for (const [format, where, flags, count] of [
		['aof', 'directory', ['--appendonly', 'yes'], 3],
		['aof', 'stream', ['--appendonly', 'yes'], 3],
		['rdb', 'directory', [], 1],
		['rdb', 'stream', ['--dbfilename', 'rdb'], 0],
	]) {
		const skip = where === 'directory' && !hasStorage && NO_DIRECTORIES;
		it(`exports ${format} to a ${where} that a redis-server loads: one moment, behind what was called before`, { skip }, async () => {
			const { digest, report, progress, files } = await exported(format, where);
			assert.equal(await load(files, ...flags), digest);
			assert.equal(report.files.length, count);
			assert.equal(progress.bytes, report.bytes);
		});
	}

	it('gives an export to a directory up with its signal, removes it, and does not spoil another one', { skip: !hasStorage && NO_DIRECTORIES }, async () => {
		const outcome = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'gaveup', backend });
			await Promise.all(Array.from({ length: 5000 }, (_, i) => db.call('SET', `key${i}`, crypto.randomUUID().repeat(30))));
			const root = await navigator.storage.getDirectory();
			await root.removeEntry('gaveup', { recursive: true }).catch(() => {});
			const directory = await root.getDirectoryHandle('gaveup', { create: true });
			const controller = new AbortController();
			const outcome = [];
			const export1 = db.exportTo(directory, { signal: controller.signal, onProgress: () => controller.abort(new Error('stopped')) });
			outcome.push(await export1.catch((e) => e.message));
			for await (const name of directory.keys()) outcome.push(name);
			outcome.push((await db.exportTo(directory)).files.length);
			outcome.push(await db.exportTo(directory).catch((e) => e.code));
			await db.close();
			return outcome;
		}, backend);
		assert.deepEqual(outcome, ['stopped', 3, 'EXISTS']);
	});

	it('gives an export to a stream up with its signal, its target or its store, and refuses what is neither stream nor directory', async () => {
		const outcome = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'gaveup', backend });
			await Promise.all(Array.from({ length: 5000 }, (_, i) => db.call('SET', `key${i}`, crypto.getRandomValues(new Uint8Array(1000)))));
			const outcome = [];
			for (const target of [undefined, {}, 'file']) outcome.push(await db.exportTo(target).catch((e) => `${e.name} ${e.message}`));
			let written = 0;
			const bad = new WritableStream({
				write() {
					if (++written > 3) throw new Error('the disk burns');
				},
			});
			outcome.push(await db.exportTo(bad).catch((e) => e.message));
			// Gives what comes of an export to a stream that takes nothing, once that has begun.
			const stuck = (options) => new Promise((begun) => {
				const write = () => (begun([outcome]), new Promise(() => {}));
				const outcome = db.exportTo(new WritableStream({ write }), options).catch((e) => e.code ?? e.message);
			});
			const given = new AbortController();
			const [first] = await stuck({ signal: given.signal });
			await db.call('SET', 'more', 'x');
			given.abort(new Error('too long'));
			outcome.push(await first);
			const [second] = await stuck({ format: 'rdb' });
			await db.call('SET', 'more', 'x');
			await db.close();
			outcome.push(await second);
			return outcome;
		}, backend);
		const neither = "TypeError exportTo() takes a WritableStream or a directory's handle";
		assert.deepEqual(outcome, [neither, neither, neither, 'the disk burns', 'too long', 'CLOSED']);
	});

	it('ends an export that the engine has told all of, and its target, with its signal or its own close', async () => {
		const outcome = await page.run(async ({ open }, backend) => {
			const [db, other] = [await open({ name: 'told', backend }), await open({ name: 'told', backend })];
			await db.call('SET', 'k', 'v');
			const outcome = [];
			const given = new AbortController();
			for (const [options, end] of [[{ signal: given.signal }, () => given.abort(new Error('too long'))], [{ format: 'rdb' }, () => db.close()]]) {
				let ended;
				const target = new WritableStream({ start: (controller) => void (ended = controller.signal), write: () => new Promise(() => {}) });
				const exported = db.exportTo(target, options).catch((e) => e.code ?? e.message);
				await other.durable(); // the little there is has been told long ago
				await new Promise((resolve) => setTimeout(resolve, 100));
				await end();
				outcome.push(await exported, ended.aborted);
			}
			outcome.push(await other.call('GET', 'k'));
			await other.close();
			return outcome;
		}, backend);
		assert.deepEqual(outcome, ['too long', true, 'CLOSED', true, 'v']);
	});

	it('tells of the blocks of the log and their syncs', async () => {
		const [events, ended] = await page.run(async ({ open }, backend) => {
			const db = await open({ name: 'log', backend, appendfsync: 'always' });
			const events = [];
			const controller = new AbortController();
			let begins;
			const begun = new Promise((resolve) => (begins = resolve));
			const ended = db.log((event) => {
				events.push(event);
				begins();
			}, { signal: controller.signal }).then(() => 'ended');
			await begun;
			await db.call('SET', 'k', 'v');
			await Promise.all([db.call('MULTI'), db.call('INCR', 'a'), db.call('INCR', 'b'), db.call('EXEC')]);
			await db.durable();
			controller.abort();
			await ended;
			const count = events.length;
			await db.call('SET', 'k', 'unheard');
			await db.close();
			return [events.slice(0, count), events.length === count ? await ended : 'heard'];
		}, backend);
		assert.equal(ended, 'ended');
		assert.equal(events[0].type, 'begins');
		const blocks = events.filter((e) => e.type === 'block' && e.length > 0);
		assert.deepEqual(blocks.map((b) => b.commands), [
			[['SELECT', '0'], ['SET', 'k', 'v']],
			[['MULTI'], ['INCR', 'a'], ['INCR', 'b'], ['EXEC']],
		]);
		assert.ok(blocks[1].lsn > blocks[0].lsn); // a block that only tells of a sync may stand between them
		assert.match(blocks[0].file, /incr\.aof$/);
		const synced = events.filter((e) => e.type === 'durable').map((e) => e.lsn);
		assert.ok(synced.at(-1) >= blocks[1].lsn);
	});
}
