// The package in Node, over real files: who has a directory, what a killed process leaves, and that a redis-server reads it.
//
// TABDIS_KILLS is how often a process is killed (4: a sample); TABDIS_SEED repeats a run as far as chance allows.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DIST } from '../browser/client/harness.mjs';
import { withMemoryLimit } from '../browser/client/wasm.mjs';
import { RedisServer } from './redis.mjs';

const { open, CorruptLogError, LockedError, OutcomeUnknownError } = await import(join(DIST, 'node.js'));

const KILLS = Number(process.env.TABDIS_KILLS ?? 4);
const SEED = Number(process.env.TABDIS_SEED ?? Date.now() % 1_000_000);

const root = mkdtempSync(join(tmpdir(), 'tabdis-node-'));
after(() => rmSync(root, { recursive: true }));

let stores = 0;
const directory = () => join(root, 'stores', String(++stores));
const log = (dir) => join(dir, 'appendonlydir');

/** Starts a process that uses a store; its messages come by IPC. */
function start(role, dir) {
	const child = spawn(process.execPath, [fileURLToPath(new URL('process.mjs', import.meta.url)), role, dir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
	child.ended = once(child, 'exit');
	return child;
}

/** Waits until it says something. */
async function firstWord(child) {
	const ended = child.ended.then(([code]) => {
		throw new Error(`the process has ended with code ${code}`);
	});
	await Promise.race([once(child, 'message'), ended]);
	ended.catch(() => {}); // it is expected from now on
}

const kill = async (child) => {
	child.kill('SIGKILL');
	await child.ended;
};

/** Waits for a program to say this. */
function said(program, words) {
	return new Promise((resolve, reject) => {
		let text = '';
		for (const stream of [program.stdout, program.stderr]) {
			stream.on('data', (chunk) => words.test((text += chunk)) && resolve());
		}
		program.once('exit', () => reject(new Error(`it has ended: ${text}`)));
	});
}

describe('files', () => {
	it('are made with their directory, and hold what was there when they are opened again', async () => {
		const dir = directory();
		let db = await open({ dir, appendfsync: 'always' });
		assert.deepEqual([db.store.name, db.store.backend, db.store.load.created], [dir, 'files', true]);
		await db.call('SET', 'k', 'é😀');
		await db.close();
		assert.deepEqual(readdirSync(log(dir)).sort(), ['appendonly.aof.1.incr.aof', 'appendonly.aof.ballast', 'appendonly.aof.manifest']);
		db = await open({ dir: new URL(`file://${dir}/`) });
		assert.equal(await db.call('GET', 'k'), 'é😀');
		assert.equal(db.store.load.created, false);
		assert.match(await db.call('INFO', 'server'), /storage_backend:files/);
		await db.close();
	});

	it('stand in the working directory where only a name is given', async () => {
		const child = start('named', root);
		assert.deepEqual(await child.ended, [0, null]);
		assert.ok(existsSync(join(log(join(root, 'by-name')), 'appendonly.aof.manifest')));
	});

	it('are needed unless memory is asked for', async () => {
		await assert.rejects(open({}), { name: 'StoreError', code: 'NAME', message: /dir.*memory/ });
		const db = await open({ backend: 'memory' });
		await db.call('SET', 'k', 'v');
		assert.equal(await db.call('GET', 'k'), 'v');
		assert.equal(db.store.backend, 'memory');
		await db.close();
	});

	it('of a damaged log are refused and left as they are', async () => {
		const dir = directory();
		const db = await open({ dir });
		await db.call('SET', 'k', 'precious');
		await db.close();
		const file = join(log(dir), 'appendonly.aof.1.incr.aof');
		writeFileSync(file, readFileSync(file, 'latin1').replace('precious', 'Precious'), 'latin1');
		const before = readFileSync(file);
		for (let i = 0; i < 2; i++) {
			await assert.rejects(open({ dir }), (e) => e instanceof CorruptLogError && /incr\.aof at \d+, lsn \d+/.test(e.message));
		}
		assert.deepEqual(readFileSync(file), before);
	});

	it('load in a redis-server, which sees the same data', async () => {
		const dir = directory();
		const db = await open({ dir, config: { 'enable-debug-command': 'yes' } });
		for (let i = 0; i < 1000; i++) {
			void db.call('RPUSH', `list:${i % 10}`, i);
			void db.call('ZADD', 'z', i / 8, `m${i}`);
			void db.call('HSET', `h:${i % 50}`, `f${i}`, 'x'.repeat(i));
			void db.call('XADD', 's', `${i + 1}-1`, 'n', i);
		}
		await db.call('EXPIRE', 'list:3', 3600);
		const digest = await db.call('DEBUG', 'DIGEST');
		await db.close();
		const redis = await RedisServer.start(['--dir', dir, '--appendonly', 'yes', '--enable-debug-command', 'yes']);
		try {
			assert.equal(await redis.call('DEBUG', 'DIGEST'), digest);
			assert.equal(await redis.call('DBSIZE'), String(62));
		} finally {
			await redis.stop();
		}
	});
});

describe('a directory has one owner', () => {
	it('in one process, which shares it, under one name', async () => {
		const dir = directory();
		const db = await open({ dir });
		const again = await open({ dir });
		assert.equal(await db.call('SET', 'k', 'v'), 'OK');
		assert.equal(await again.call('GET', 'k'), 'v');
		const link = join(root, 'link');
		symlinkSync(dir, link);
		await assert.rejects(open({ dir: link }), (e) => e instanceof LockedError && e.code === 'LOCKED');
		await db.close();
		assert.equal(await again.call('GET', 'k'), 'v');
		await again.close();
		await (await open({ dir: link })).close();
	});

	it('among processes, until it is killed', async () => {
		const dir = directory();
		const child = start('hold', dir);
		await firstWord(child);
		await assert.rejects(open({ dir }), (e) => e instanceof LockedError);
		await kill(child);
		const db = await open({ dir });
		assert.equal(await db.call('GET', 'held'), 'yes');
		await db.close();
	});

	it('also when two find a dead one\'s lock at once', async () => {
		const dir = directory();
		const child = start('hold', dir);
		await firstWord(child);
		await kill(child);
		const opened = await Promise.allSettled(
			Array.from({ length: 4 }, (_, i) => {
				const link = join(root, `dead-${i}`); // another name, so that they do not share
				symlinkSync(dir, link);
				return open({ dir: link });
			}),
		);
		const mine = opened.filter((o) => o.status === 'fulfilled');
		assert.equal(mine.length, 1);
		assert.ok(opened.every((o) => o.status === 'fulfilled' || o.reason instanceof LockedError));
		await mine[0].value.close();
	});

	it('also beside tabdis serve, whichever came first', async () => {
		const dir = directory();
		mkdirSync(dir, { recursive: true });
		const program = join(root, 'tabdis');
		await promisify(execFile)('go', ['build', '-o', program, './core/cmd/tabdis'], { cwd: fileURLToPath(new URL('../..', import.meta.url)) });
		const server = spawn(program, ['serve', '--dir', dir, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
		const ended = once(server, 'exit');
		await said(server, /Ready to accept connections/);
		await assert.rejects(open({ dir }), (e) => e instanceof LockedError && e.message.includes(`process ${server.pid} has it`));
		server.kill('SIGKILL');
		await ended;
		const db = await open({ dir });
		assert.equal(await db.call('SET', 'k', 'v'), 'OK');
		for (const words of [['serve', '--dir', dir, '--port', '0'], ['check-aof', dir]]) {
			await assert.rejects(promisify(execFile)(program, words), (e) => /a server uses/.test(e.stdout + e.stderr));
		}
		await db.close();
		const { stdout } = await promisify(execFile)(program, ['check-aof', dir]);
		assert.match(stdout, /clean|valid|ok/i);
	});

	it('who gives it up when opening is aborted', async () => {
		const dir = directory();
		let db = await open({ dir, appendfsync: 'no' });
		const value = 'x'.repeat(100);
		for (let i = 0; i < 300_000; i++) {
			void db.call('SET', `key:${i}`, value);
		}
		await db.close();
		const abort = new AbortController();
		await assert.rejects(open({ dir, signal: abort.signal, onProgress: () => abort.abort() }), { name: 'AbortError' });
		db = await open({ dir });
		assert.equal(await db.call('DBSIZE'), 300_000);
		await db.close();
		assert.ok(!existsSync(join(log(dir), '.lock')));
	});
});

describe('a process', () => {
	it('ends by itself when its stores are closed', async () => {
		const child = start('end', directory());
		assert.deepEqual(await child.ended, [0, null]);
	});

	// always: what was answered is synced. A killed process proves less, that it was written before the answer; what a power cut takes is
	// simulated by tests/crash, on the same engine.
	it(`that is killed leaves all that was answered (seed ${SEED})`, async () => {
		const dir = directory();
		let answered = 0; // of all lives
		for (let life = 1; life <= KILLS; life++) {
			const child = start('write', dir);
			let settled = answered;
			child.on('message', (n) => {
				settled = n;
			});
			await firstWord(child);
			await sleep((SEED * life * 7919) % 300);
			await kill(child);
			const db = await open({ dir });
			const list = await db.call('LRANGE', 'list', 0, -1);
			assert.deepEqual(list, list.map((_, i) => String(i + 1)), 'each once, in order');
			assert.ok(list.length >= settled, `${settled} were answered, ${list.length} are there`);
			assert.equal(await db.call('GET', 'count'), String(list.length));
			await db.close();
			answered = list.length;
		}
		assert.ok(answered > KILLS);
	});
});

describe('an engine that dies', () => {
	it('is replaced from its log, and what was under way is told to be unknown', async () => {
		const wasmUrl = join(root, 'small.wasm');
		writeFileSync(wasmUrl, withMemoryLimit(readFileSync(join(DIST, 'tabdis-node.wasm')), 192));
		const db = await open({ dir: directory(), wasmUrl, appendfsync: 'always' });
		await Promise.all([db.call('SET', 'k', 'v'), db.call('SET', 'big', 'x'.repeat(8 << 20))]);
		const settled = await Promise.allSettled(Array.from({ length: 64 }, () => db.call('GET', 'big')));
		assert.ok(settled.every((s) => s.reason instanceof OutcomeUnknownError));
		assert.equal(await db.call('GET', 'k'), 'v');
		assert.equal(db.store.restarts, 1);
		await db.close();
	});

	it('and a log of numbered requests opens again in another process', async () => {
		const dir = directory();
		const child = start('hold', dir);
		await firstWord(child);
		await kill(child);
		for (let life = 0; life < 2; life++) {
			const db = await open({ dir });
			assert.equal(await db.call('INCR', 'lives'), life + 1);
			await db.close();
		}
	});
});

describe('a store', () => {
	it('is removed by destroy(), and nothing else is', async () => {
		const dir = directory();
		let db = await open({ dir });
		await db.call('SET', 'k', 'v');
		writeFileSync(join(dir, 'mine.txt'), '');
		await db.destroy();
		assert.deepEqual(readdirSync(dir), ['mine.txt']);
		db = await open({ dir });
		assert.equal(await db.call('GET', 'k'), null);
		rmSync(join(dir, 'mine.txt'));
		await db.destroy();
		assert.ok(!existsSync(dir));
	});

	it('gives sessions, streams and status as in a page', async () => {
		const db = await open({ dir: directory() });
		const session = db.session();
		const popped = session.call('BLPOP', 'list', 0);
		await db.call('RPUSH', 'list', 'x');
		assert.deepEqual(await popped, ['list', 'x']);
		await session.close();
		const stream = db.stream();
		const answered = new Promise((resolve) => (stream.onData = (bytes) => resolve(new TextDecoder().decode(bytes))));
		stream.write(new TextEncoder().encode('PING\r\n'));
		assert.equal(await answered, '+PONG\r\n');
		stream.end();
		await db.durable();
		assert.equal((await db.status()).backend ?? db.store.backend, 'files');
		assert.equal(db.store.role, 'leader');
		await db.close();
	});
});
