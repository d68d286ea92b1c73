// Runs a Go wasm binary in this Node process, with the host functions over real files.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { createHost } from '../../jsbridge/client/src/host/host.mjs';
import * as node from '../../jsbridge/client/src/host/nodefile.mjs';
import { testEnv } from './env.mjs';

/** The path of Go's wasm_exec.js. */
export function wasmExec() {
	return path.join(execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim(), 'lib/wasm/wasm_exec.js');
}

/** Runs args[0] with args; the process ends with its exit code. With TABDIS_INDEXEDDB=fake there is an IndexedDB in memory. */
export async function runInNode({ args, timeout }) {
	watchdog(timeout);
	globalThis.fs = { ...fs, write };
	globalThis.path = path;
	createRequire(import.meta.url)(wasmExec());
	if (process.env.TABDIS_INDEXEDDB === 'fake') {
		await import('../../jsbridge/client/node_modules/fake-indexeddb/auto/index.mjs');
	}
	const host = createHost({ node });
	const go = new Go();
	go.argv = args;
	go.env = testEnv();
	go.importObject.tabdis = host.imports;
	go.exit = process.exit; // at once: a panic ends the instance in the middle of whatever called it
	const { instance } = await WebAssembly.instantiate(fs.readFileSync(args[0]), go.importObject);
	host.attach(instance, go);
	process.once('beforeExit', () => {
		if (!go.exited) {
			// Nothing can happen any more: let Go say so, with its stacks.
			go._pendingEvent = { id: 0 };
			go._resume();
		}
	});
	await go.run(instance);
	return 0;
}

// Another thread, since an endless loop in wasm never gives this one back.
function watchdog(seconds) {
	const source = `setTimeout(() => {
		require('node:fs').writeSync(2, 'exec.mjs: timeout after ${seconds} s\\n');
		process.kill(process.pid, 'SIGKILL');
	}, ${seconds} * 1000)`;
	new Worker(source, { eval: true }).unref();
}

// Output is written in the call: a panic inside an event cannot wait for one.
function write(fd, bytes, offset, length, position, callback) {
	if (fd !== 1 && fd !== 2) {
		fs.write(fd, bytes, offset, length, position, callback);
		return;
	}
	let done = 0;
	while (done < length) {
		try {
			done += fs.writeSync(fd, bytes, offset + done, length - done);
		} catch (error) {
			if (error.code !== 'EAGAIN') {
				callback(error);
				return;
			}
		}
	}
	callback(null, length);
}
