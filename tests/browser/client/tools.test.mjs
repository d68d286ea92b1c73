// The tools of the page, over stores that nobody has open: imports of what a real redis-server wrote, past states, checks, what is left of a
// damaged store; and stores whose storage fails when told to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, it } from 'node:test';
import { Browser, Site } from './harness.mjs';
import { DATA, newDirectory, Redis } from './redis.mjs';
import { NO_DIRECTORIES, overBackends, targetOf, targets } from './targets.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

for (const target of targets) {
	overBackends(target, ['opfs', 'idb'], suite);
}

function suite(target, backend) {
	let site, browser, page, digest;
	before(async () => {
		site = await new Site().start();
		browser = new Browser(target, site);
		page = browser.start();
		const redis = await Redis.start(newDirectory(), '--appendonly', 'yes');
		try {
			const fill = DATA.filter(([name]) => name !== 'SELECT');
			for (const command of fill.slice(0, 40)) {
				await redis.call(...command);
			}
			await redis.call('BGREWRITEAOF'); // an RDB base, and commands behind it
			for (const command of fill.slice(40)) {
				await redis.call(...command);
			}
			digest = await redis.call('DEBUG', 'DIGEST');
			await redis.call('SAVE');
			await redis.stop();
			execFileSync('tar', ['czf', 'all.tar.gz', 'appendonlydir', 'dump.rdb'], { cwd: redis.dir });
			execFileSync('tar', ['cf', 'log.tar', '-C', 'appendonlydir', '.'], { cwd: redis.dir });
			for (const name of ['all.tar.gz', 'log.tar', 'dump.rdb']) {
				site.files.set(name, readFileSync(join(redis.dir, name)));
			}
		} finally {
			await redis.dispose();
		}
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	for (const [what, how] of [['all.tar.gz', 'stream'], ['log.tar', 'blob'], ['dump.rdb', 'stream'], ['log.tar', 'directory']]) {
		const skip = how === 'directory' && !targetOf(target).hasStorage && NO_DIRECTORIES;
		it(`imports a Redis's ${what} from a ${how}`, { skip }, async () => {
			const [report, found, phases] = await page.run(async ({ open, destroy }, backend, what, how) => {
				const { importFrom } = await import('/client/tools.js');
				await destroy('imported');
				const response = await fetch(`/${what}`);
				let source = how === 'stream' ? response.body : await response.blob();
				if (how === 'directory') { // what a store of tabdis was exported to
					await importFrom('imported', source, { backend });
					const db = await open({ name: 'imported', backend });
					const root = await navigator.storage.getDirectory();
					await root.removeEntry('source', { recursive: true }).catch(() => {});
					source = await root.getDirectoryHandle('source', { create: true });
					await db.exportTo(source);
					await db.destroy();
				}
				const phases = new Set();
				const report = await importFrom('imported', source, { backend, onProgress: (p) => phases.add(p.phase) });
				const db = await open({ name: 'imported', backend, config: { 'enable-debug-command': 'yes' } });
				const found = [await db.call('DEBUG', 'DIGEST'), db.store.load.created, db.store.load.truncated ?? null, await db.call('DBSIZE')];
				await db.close();
				return [report, found, [...phases]];
			}, backend, what, how);
			assert.deepEqual(found, [digest, false, null, 12]);
			assert.equal(report.backend, backend);
			assert.equal(report.keys, 12);
			assert.ok(phases.includes('write'));
		});
	}

	it('replaces a store only when asked, and says what cannot be imported', async () => {
		const outcome = await page.run(async ({ open }, backend) => {
			const { importFrom } = await import('/client/tools.js');
			const blob = async () => (await fetch('/log.tar')).blob();
			const code = (promise) => promise.then(() => 'done', (e) => e.code ?? e.message);
			let db = await open({ name: 'replaced', backend, config: { 'enable-debug-command': 'yes' } });
			await db.call('SET', 'old', 'value');
			const outcome = [await code(importFrom('replaced', await blob(), { backend, replace: true }))];
			await db.close();
			outcome.push(await code(importFrom('replaced', await blob(), { backend })));
			const bytes = new Uint8Array(await (await fetch('/dump.rdb')).arrayBuffer());
			bytes[bytes.length >> 1] ^= 1;
			outcome.push(await code(importFrom('replaced', new Blob([bytes]), { backend, replace: true })));
			outcome.push(await code(importFrom('replaced', new Blob(['nothing of the kind']), { backend, replace: true })));
			outcome.push(await code(importFrom('never', new Blob([bytes]), { backend })), await code(importFrom('never', {}, { backend })));
			db = await open({ name: 'replaced', backend });
			outcome.push(await db.call('GET', 'old'));
			await db.close();
			outcome.push(await code(importFrom('replaced', await blob(), { backend, replace: true })));
			db = await open({ name: 'replaced', backend, config: { 'enable-debug-command': 'yes' } });
			outcome.push(await db.call('DEBUG', 'DIGEST'), await db.call('SET', 'more', 'x'));
			await db.close();
			db = await open({ name: 'never', backend });
			outcome.push(db.store.load.created, db.store.load.vanished ?? false);
			await db.destroy();
			return outcome;
		}, backend);
		assert.deepEqual(outcome, ['LOCKED', 'EXISTS', 'SOURCE', 'SOURCE', 'SOURCE', "importFrom() takes a Blob, a ReadableStream or a directory's handle", 'value', 'done', digest, 'OK', true, false]);
	});

	it('leaves the old store when the Worker is killed in the middle of an import', async () => {
		const seen = await page.run(async ({ open, destroy }, backend, digest) => {
			const { importFrom } = await import('/client/tools.js');
			const blob = await (await fetch('/log.tar')).blob();
			await destroy('killed');
			let db = await open({ name: 'killed', backend });
			await db.call('SET', 'old', 'value');
			await db.close();
			const seen = { old: 0, new: 0, other: 0 };
			for (let i = 0; i < 8; i++) {
				const controller = new AbortController();
				const kill = () => controller.abort(new Error('killed'));
				const outcome = await importFrom('killed', blob, {
					backend,
					replace: true,
					signal: controller.signal,
					onProgress({ phase }) {
						if (phase === (i % 4 === 0 ? 'read' : 'write')) setTimeout(kill, i % 4 === 1 ? 0 : 3 * i);
					},
				}).then(() => 'done', (e) => e.message);
				db = await open({ name: 'killed', backend, config: { 'enable-debug-command': 'yes' } });
				const isNew = (await db.call('DEBUG', 'DIGEST')) === digest;
				const isOld = (await db.call('GET', 'old')) === 'value' && (await db.call('DBSIZE')) === 1;
				seen[isNew ? 'new' : isOld && outcome === 'killed' ? 'old' : 'other']++;
				if (isNew) await db.call('FLUSHALL');
				await db.call('SET', 'old', 'value');
				await db.close();
			}
			return seen;
		}, backend, digest);
		assert.equal(seen.other, 0, JSON.stringify(seen));
		assert.ok(seen.old > 0, JSON.stringify(seen));
	});

	it('opens what a store held before a FLUSHALL, to be read', async () => {
		const [found, files] = await page.run(async ({ open, destroy }, backend) => {
			const { openAt } = await import('/client/tools.js');
			await destroy('past');
			const db = await open({ name: 'past', backend, config: { 'aof-timestamp-enabled': 'yes' } });
			for (let i = 0; i < 100; i++) db.call('SET', `key${i}`, i);
			await db.call('SET', 'last', 'one');
			const { lsn } = (await db.status()).log;
			await db.call('FLUSHALL');
			const locked = await openAt('past', lsn).catch((e) => e.code);
			await db.close();
			const past = await openAt('past', { lsn });
			const found = [locked, await past.call('DBSIZE'), await past.call('GET', 'last'), await past.call('SET', 'k', 'v').catch((e) => e.message)];
			const again = await open({ name: 'past', backend }); // nothing holds it
			found.push(await again.call('DBSIZE'));
			await again.close();
			const { readable, writable } = new TransformStream();
			const bytes = new Response(readable).arrayBuffer();
			await past.exportTo(writable);
			await past.close();
			found.push(await openAt('past', 1000).catch((e) => e.code), await openAt('past', { time: new Date(0) }).catch((e) => e.code));
			found.push(await openAt('nowhere', 1).catch((e) => e.code));
			return [found, btoa(String.fromCharCode(...new Uint8Array(await bytes)))];
		}, backend);
		assert.deepEqual(found, ['LOCKED', 101, 'one', 'READONLY The store was opened to be read only.', 0, 'UNREACHABLE', 'UNREACHABLE', 'MISSING']);
		assert.equal(await keysOf({ tar: files }), 101);
	});

	// How many keys a redis-server finds in an archive.
	const keysOf = async ({ tar }) => {
		const dir = newDirectory();
		writeFileSync(join(dir, 'tar'), Buffer.from(tar, 'base64'));
		execFileSync('tar', ['xf', 'tar'], { cwd: dir });
		const redis = await Redis.start(dir, '--appendonly', 'yes');
		try {
			return Number((await redis.call('DBSIZE')).slice(1));
		} finally {
			await redis.dispose();
		}
	};

	it('checks a log, in the words of the native program', async () => {
		const [report, problem] = await page.run(async ({ open, destroy }, backend) => {
			const { checkLog } = await import('/client/tools.js');
			await destroy('checked');
			const db = await open({ name: 'checked', backend });
			await db.call('SET', 'k', 'v');
			await db.call('MSET', 'a', 1, 'b', 2);
			const problem = await checkLog('checked').catch((e) => e.code);
			await db.close();
			const report = await checkLog('checked', { blocks: true });
			return [report, problem];
		}, backend);
		assert.equal(problem, 'LOCKED');
		assert.equal(report.verdict, 'clean');
		assert.equal(report.blocks.filter((b) => b.commands > 0).length, 2);
		assert.equal(report.files.find((f) => f.role === 'incr').state, 'ok');
		const native = nativeCheck(['file appendonly.aof.1.incr.aof seq 1 type i\n', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n']);
		const only = ['path', 'exit', 'repaired', 'blocks'];
		assert.deepEqual(Object.keys(report).filter((k) => !only.includes(k)).sort(), Object.keys(native).filter((k) => !only.includes(k)).sort());
		assert.deepEqual(Object.keys(report.files[0]).sort(), Object.keys(native.files[0]).sort());
		assert.deepEqual(Object.keys(report.loss).sort(), Object.keys(native.loss).sort());
		const block = ['commands', 'epoch', 'file', 'length', 'lsn', 'offset', 'prev', 'sync', 'units', 'xxh64'];
		assert.deepEqual(Object.keys(report.blocks[0]).filter((k) => !['requests', 'time'].includes(k)).sort(), block);
	});

	const nativeCheck = ([manifest, log]) => {
		const dir = join(newDirectory(), 'appendonlydir');
		mkdirSync(dir);
		writeFileSync(join(dir, 'appendonly.aof.manifest'), manifest);
		writeFileSync(join(dir, 'appendonly.aof.1.incr.aof'), log);
		try {
			return JSON.parse(execFileSync('go', ['run', './core/cmd/tabdis', 'check-aof', '--json', '--verbose', dir], { cwd: ROOT, encoding: 'utf8' }));
		} finally {
			rmSync(dirname(dir), { recursive: true });
		}
	};

	if (backend === 'opfs') {
		it('names the place of damage as opening does, and salvages what stands before it', async () => {
			const [report, refused, salvaged, tar] = await page.run(async ({ open, destroy }, backend) => {
				const { checkLog, salvage } = await import('/client/tools.js');
				await destroy('spoiled');
				const db = await open({ name: 'spoiled', backend });
				for (let i = 0; i < 10; i++) await db.call('SET', `key${i}`, i === 7 ? 'precious' : 'value');
				await db.close();
				const store = await (await (await navigator.storage.getDirectory()).getDirectoryHandle('tabdis')).getDirectoryHandle('spoiled');
				for await (const handle of store.values()) {
					const at = (await (await handle.getFile()).text()).indexOf('precious');
					if (at >= 0) {
						const file = await handle.createWritable({ keepExistingData: true });
						await file.write({ type: 'write', position: at, data: 'P' });
						await file.close();
					}
				}
				const report = await checkLog('spoiled');
				const refused = await open({ name: 'spoiled', backend }).catch((e) => e.message);
				const { readable, writable } = new TransformStream();
				const bytes = new Response(readable).arrayBuffer();
				const salvaged = await salvage('spoiled', writable);
				const again = await checkLog('spoiled');
				return [report, refused, { ...salvaged, unchanged: again.problem.offset === report.problem.offset },
					btoa(String.fromCharCode(...new Uint8Array(await bytes)))];
			}, backend);
			assert.equal(report.verdict, 'damaged');
			assert.ok(refused.includes(`${report.problem.file} at ${report.problem.offset}, lsn ${report.problem.lsn}`), refused);
			assert.equal(report.salvage[0].commands, 2);
			assert.equal(salvaged.keys, 7);
			assert.equal(salvaged.unchanged, true);
			assert.equal(await keysOf({ tar }), 7);
		});
	}

	if (backend === 'idb') {
		it('salvages a store whose manifest is lost', async () => {
			const [verdict, refused, keys, tar] = await page.run(async ({ open, destroy }, backend) => {
				const { checkLog, salvage } = await import('/client/tools.js');
				await destroy('nameless');
				let db = await open({ name: 'nameless', backend });
				for (let i = 0; i < 10; i++) await db.call('SET', `key${i}`, 'value');
				await db.rewrite();
				await db.call('SET', 'more', 'value');
				await db.close();
				const database = await new Promise((resolve) => {
					indexedDB.open('tabdis:nameless').onsuccess = (event) => resolve(event.target.result);
				});
				const names = database.transaction('names', 'readwrite').objectStore('names');
				await new Promise((resolve) => (names.delete('appendonly.aof.manifest').onsuccess = resolve));
				database.close();
				const { verdict } = await checkLog('nameless');
				const refused = await open({ name: 'nameless', backend }).catch((e) => e.code);
				const { readable, writable } = new TransformStream();
				const bytes = new Response(readable).arrayBuffer();
				const { keys } = await salvage('nameless', writable);
				return [verdict, refused, keys, btoa(String.fromCharCode(...new Uint8Array(await bytes)))];
			}, backend);
			assert.deepEqual([verdict, refused, keys], ['damaged', 'CORRUPT', 11]);
			assert.equal(await keysOf({ tar }), 11);
		});
	}

	it('fails in the lab as it was told to, and in no other store', async () => {
		const outcome = await page.run(async ({ open, destroy }, backend) => {
			const { lab, openLab } = await import('/client/lab.js');
			await destroy('trial');
			const said = (promise) => promise.then((reply) => String(reply), (e) => `${e.name} ${e.message.split(' ')[0]}`);
			let db = await openLab({ name: 'trial', backend, appendfsync: 'always' });
			const it = lab(db);
			const states = [];
			db.on('persistence', ({ state }) => states.push(state));
			const healthyAgain = async () => {
				while (states.at(-1) !== 'healthy') await new Promise((resolve) => setTimeout(resolve, 20));
				return states.splice(0).some((state) => state !== 'healthy');
			};
			const outcome = [await said(db.call('SET', 'k', 'v'))];
			await it.fail({ ops: 'sync' });
			outcome.push(await said(db.call('SET', 'k', 'lost')), await said(db.call('SET', 'k', 'refused')), await said(db.call('GET', 'k')));
			outcome.push((await db.status()).log.state !== 'healthy');
			await it.heal();
			outcome.push(await healthyAgain());
			outcome.push(await said(db.call('SET', 'k', 'again')));
			outcome.push((await it.count()).append > 0);
			await it.fail({ ops: 'append', error: 'quota' });
			await said(db.call('SET', 'k', 'full'));
			outcome.push(await said(db.call('SET', 'k', 'full')));
			await it.heal();
			outcome.push(await healthyAgain());
			await db.durable(); // what was refused is in the log now, and here it is not only written
			await it.crash();
			while (db.store.restarts === 0) await said(db.call('PING'));
			outcome.push(await said(db.call('GET', 'k')));
			await db.close();
			db = await open({ name: 'trial', backend });
			outcome.push(await said(lab(db).heal()));
			await db.close();
			db = await openLab({ name: 'trial', backend: 'memory' });
			outcome.push(await said(lab(db).heal()));
			await db.close();
			await destroy('trial');
			return outcome;
		}, backend);
		assert.deepEqual(outcome, ['OK', 'NotDurableError NOTDURABLE', 'ReplyError MISCONF', 'lost', true, true, 'OK', true, 'ReplyError MISCONF', true, 'full', 'StoreError this', 'StoreError the']);
	});
}
