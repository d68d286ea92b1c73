// A real redis-server beside a test, in a directory of its own.
import { spawn } from 'node:child_process';
import { createConnection, createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A new directory for a server; `dispose` of the server removes it. */
export const newDirectory = () => mkdtempSync(join(tmpdir(), 'tabdis-redis-'));

export class Redis {
	#process;

	constructor(dir) {
		this.dir = dir;
	}

	/** Starts one that loads what is in the directory, if anything. */
	static async start(dir, ...flags) {
		const redis = new Redis(dir);
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		redis.port = server.address().port;
		server.close();
		await once(server, 'close');
		const args = ['--port', redis.port, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--enable-debug-command', 'yes', ...flags];
		redis.#process = spawn('redis-server', args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
		let said = '';
		redis.#process.stdout.on('data', (text) => (said += text));
		for (let tries = 0; ; tries++) {
			const answer = await redis.call('PING').catch((e) => e);
			if (answer === 'PONG') {
				return redis;
			}
			if (redis.#process.exitCode !== null || tries > 500) {
				throw new Error(`redis-server does not answer (${answer}):\n${said}`);
			}
			await sleep(20);
		}
	}

	/** Runs one command on a connection of its own; gives a status or a bulk string, other replies as they came. */
	call(...words) {
		return new Promise((resolve, reject) => {
			const socket = createConnection(this.port, '127.0.0.1');
			let reply = Buffer.alloc(0);
			const settle = () => {
				socket.destroy();
				const text = reply.toString();
				const end = text.indexOf('\r\n');
				if (text[0] === '-') {
					reject(new Error(text.slice(1, end)));
				} else {
					resolve(text[0] === '+' ? text.slice(1, end) : text[0] === '$' ? text.slice(end + 2, -2) : text.trimEnd());
				}
			};
			socket.on('error', reject);
			socket.on('data', (piece) => {
				reply = Buffer.concat([reply, piece]);
				const end = reply.indexOf('\r\n');
				if (end < 0) {
					return;
				}
				const size = reply[0] === 0x24 ? end + 4 + Number(reply.subarray(1, end)) : 0;
				if (reply.subarray(-2).toString() === '\r\n' && reply.length >= size) {
					settle();
				}
			});
			socket.on('close', () => reject(new Error('the connection was closed')));
			const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
			socket.write(`*${words.length}\r\n${parts.join('')}`);
		});
	}

	async stop() {
		if (this.#process.exitCode === null) {
			this.#process.kill('SIGTERM');
			await once(this.#process, 'exit');
		}
	}

	async dispose() {
		await this.stop();
		rmSync(this.dir, { recursive: true, force: true });
	}
}

/** Commands that make data of all types, in two databases, with an expiry, large values and bytes that are no text. */
export const DATA = [
	['SET', 'string', 'value'],
	['SET', 'expires', 'later', 'PXAT', '4000000000000'],
	['SET', 'escapes', 'é😀\r\n\0'],
	['SETRANGE', 'large', '1200000', 'end'],
	...Array.from({ length: 40 }, (_, i) => ['RPUSH', 'list', ...Array.from({ length: 50 }, (_, k) => `element ${i} ${k}`)]),
	...Array.from({ length: 20 }, (_, i) => ['HSET', 'hash', ...Array.from({ length: 50 }, (_, k) => [`field${i}.${k}`, `value ${k}`]).flat()]),
	['HSET', 'small', 'a', '1', 'b', '2'],
	['SADD', 'integers', '1', '2', '3'],
	...Array.from({ length: 20 }, (_, i) => ['SADD', 'set', ...Array.from({ length: 50 }, (_, k) => `member${i}.${k}`)]),
	...Array.from({ length: 20 }, (_, i) => ['ZADD', 'zset', ...Array.from({ length: 50 }, (_, k) => [`${i * k}.25`, `m${i}.${k}`]).flat()]),
	['XADD', 'stream', '5-1', 'field', 'value'],
	['XADD', 'stream', '5-2', 'field', 'other'],
	['XGROUP', 'CREATE', 'stream', 'group', '0'],
	['XREADGROUP', 'GROUP', 'group', 'consumer', 'COUNT', '1', 'STREAMS', 'stream', '>'],
	['SELECT', '3'],
	['SET', 'elsewhere', 'too'],
	['SELECT', '0'],
];
