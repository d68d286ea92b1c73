// Runs one test binary in a dedicated Worker: Go's wasm_exec.js, the host functions, and a file system over synchronous requests.
//
// A test can start its own binary again in a Worker of its own, to end it as a closing tab would:
// tabdisTest.spawn(args, env, onoutput) gives that Worker.
import { createHost } from '../../jsbridge/client/src/host/host.mjs';
import { installOPFSFaults } from './opfsfaults.mjs';
import { installFS } from './workerfs.mjs';

/** The syncers of this Worker, and what becomes of their next requests: '' (they are served), 'silent', 'dead', or 'held' until release(). */
const syncers = {
	mode: '',
	started: 0,
	held: [],
	release() {
		this.held.splice(0).forEach((post) => post());
	},
};

function syncer() {
	const worker = new Worker(new URL('./syncer.mjs', import.meta.url), { type: 'module' });
	const post = worker.postMessage.bind(worker);
	syncers.started++;
	worker.postMessage = (request) => {
		switch (syncers.mode) {
			case 'dead':
				worker.terminate();
				break;
			case 'held':
				syncers.held.push(() => post(request));
				break;
			case '':
				post(request);
		}
	};
	return worker;
}

async function run(job) {
	installFS(job, (fd, bytes) => postMessage(fd === 1 ? { out: bytes } : { err: bytes }));
	await import(new URL('wasm_exec.js', job.base).href);
	const host = createHost({ syncer });
	let faults;
	globalThis.tabdisTest = {
		syncers,
		/** Faults of OPFS, from the first call on: opfsfaults.mjs. */
		opfsFaults: () => (faults ??= installOPFSFaults()),
		spawn(args, env, onoutput) {
			const child = new Worker(import.meta.url, { type: 'module' });
			const decoder = new TextDecoder();
			child.onmessage = ({ data: { out, err, exit } }) => onoutput(exit === undefined ? decoder.decode(out ?? err) : `exit ${exit}\n`);
			child.onerror = (event) => onoutput(`worker: ${event.message}\n`);
			child.postMessage({ ...job, args: [job.args[0], ...args], env: { ...job.env, ...env } });
			return child;
		},
	};
	const go = new globalThis.Go();
	go.argv = job.args;
	go.env = job.env;
	go.importObject.tabdis = host.imports;
	const { instance } = await WebAssembly.instantiateStreaming(fetch(new URL(`job/${job.id}/binary.wasm`, job.base)), go.importObject);
	host.attach(instance, go);
	// Said at once, not when run() ends: a panic ends the instance in the middle of whatever called it.
	go.exit = (exit) => {
		host.close();
		postMessage({ exit });
	};
	await go.run(instance);
}

onmessage = ({ data }) => {
	run(data).catch((error) => {
		postMessage({ err: new TextEncoder().encode(`worker: ${error?.stack ?? error}\n`) });
		postMessage({ exit: 2 });
	});
};
