// A real redis-server beside a test, asked through redis-cli.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** How long a server may take to load and answer, in ms. */
const PATIENCE = 20_000;

async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

export class RedisServer {
	/** Starts one on a free port of the loopback address, in a directory of its own unless `args` name one. */
	static async start(args = []) {
		const server = new RedisServer();
		server.port = await freePort();
		server.home = mkdtempSync(join(tmpdir(), 'tabdis-redis-'));
		server.process = spawn('redis-server', ['--port', server.port, '--bind', '127.0.0.1', '--save', '', '--dir', server.home, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
		let said = '';
		server.process.stdout.on('data', (text) => (said += text));
		server.ended = once(server.process, 'exit');
		for (const end = Date.now() + PATIENCE; ; await sleep(20)) {
			if (await server.call('PING').then((reply) => reply === 'PONG', () => false)) {
				return server;
			}
			if (server.process.exitCode !== null || Date.now() > end) {
				await server.stop();
				throw new Error(`redis-server does not start:\n${said}`);
			}
		}
	}

	/** One command, its reply as redis-cli prints it. */
	async call(...words) {
		const { stdout } = await promisify(execFile)('redis-cli', ['-h', '127.0.0.1', '-p', this.port, ...words]);
		return stdout.trimEnd();
	}

	async stop() {
		this.process.kill('SIGKILL');
		await this.ended;
		rmSync(this.home, { recursive: true, force: true });
	}
}
