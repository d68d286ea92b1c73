// Chromium over its DevTools pipe: tabs that are opened and closed, functions that run in them, what they say, and the processes behind
// them, to be killed. The profile is kept until dispose.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { browsers } from '../browsers.mjs';

/** How long a call may take, in ms. */
const PATIENCE = 120_000;

/** A Chromium. It is started by the first tab, and again by the first one after it was killed. */
export class Chromium {
	#process = null;
	#exited = null;
	profile = mkdtempSync(join(tmpdir(), 'tabdis-kill-'));
	#calls = new Map(); // id → {resolve, reject, sessionId}
	#listeners = new Map(); // session → (method, params)
	#crashes = new Map(); // target → resolve
	#last = 0;

	/** How often it was started. */
	starts = 0;

	#start() {
		const { program, args } = browsers.chromium(this.profile, 'about:blank');
		this.#process = spawn(program, ['--remote-debugging-pipe', ...args], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true });
		this.starts++;
		this.#exited = new Promise((resolve) => this.#process.once('exit', resolve));
		this.#process.stdio[3].on('error', () => {}); // it was killed; the calls under way are told by its exit
		let rest = Buffer.alloc(0);
		this.#process.stdio[4].on('data', (chunk) => {
			rest = Buffer.concat([rest, chunk]);
			for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
				this.#take(JSON.parse(rest.subarray(0, end)));
			}
		});
		this.#exited.then(() => {
			for (const { reject } of this.#calls.values()) {
				reject(new Error('the browser has ended'));
			}
		});
	}

	#take({ id, result, error, method, params, sessionId }) {
		if (method === 'Target.targetCrashed') {
			this.#crashes.get(params.targetId)?.();
		} else if (id === undefined) {
			this.#listeners.get(sessionId)?.(method, params);
		} else if (error === undefined) {
			this.#calls.get(id)?.resolve(result);
		} else {
			this.#calls.get(id)?.reject(new Error(error.message));
		}
	}

	call(method, params = {}, sessionId = undefined) {
		return new Promise((resolve, reject) => {
			const id = ++this.#last;
			const settle = (f) => (value) => {
				clearTimeout(timer);
				this.#calls.delete(id);
				f(value);
			};
			const timer = setTimeout(() => this.#calls.get(id)?.reject(new Error(`${method}: no answer`)), PATIENCE);
			this.#calls.set(id, { resolve: settle(resolve), reject: settle(reject), sessionId });
			this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
		});
	}

	/** Opens a tab; said(value) gets what its page gives to globalThis.say(value), as it comes. The page begins by saying "ready". */
	async open(url, said) {
		if (this.#process === null) {
			this.#start();
			await this.call('Target.setDiscoverTargets', { discover: true });
		}
		const { targetId } = await this.call('Target.createTarget', { url: 'about:blank' });
		const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
		const ready = new Promise((resolve) => {
			this.#listeners.set(sessionId, (method, params) => {
				if (method === 'Runtime.bindingCalled') {
					const value = JSON.parse(params.payload);
					if (value === 'ready') {
						resolve();
					} else {
						said(value);
					}
				} else if (method === 'Target.attachedToTarget') {
					said({ attached: params });
				}
			});
		});
		await this.call('Page.enable', {}, sessionId);
		await this.call('Runtime.enable', {}, sessionId);
		await this.call('Runtime.addBinding', { name: 'bound' }, sessionId);
		await this.call('Page.addScriptToEvaluateOnNewDocument', { source: 'globalThis.say = (value) => bound(JSON.stringify(value))' }, sessionId);
		await this.call('Page.navigate', { url }, sessionId);
		await Promise.race([ready, late(`${url} does not become ready`)]);
		return new Tab(this, targetId, sessionId);
	}

	/** Gives up the calls under way in a tab that is no more: Chromium does not answer those whose process has died. */
	forget(session) {
		this.#listeners.delete(session);
		for (const { reject, sessionId } of [...this.#calls.values()]) {
			if (sessionId === session) {
				reject(new Error('the tab has ended'));
			}
		}
	}

	/** Settles when the tab's page has lost its process. */
	crashed(target) {
		return new Promise((resolve) => this.#crashes.set(target, resolve));
	}

	/** Ends all its processes with SIGKILL. */
	async kill() {
		if (this.#process === null) {
			return;
		}
		process.kill(-this.#process.pid, 'SIGKILL');
		await this.#exited;
		this.#process = null;
		this.#listeners.clear();
	}

	/** Ends it as its user would: what it has still to write is written. */
	async quit() {
		this.call('Browser.close').catch(() => {}); // its end may come before its answer
		await this.#exited;
		this.#process = null;
		this.#listeners.clear();
	}

	async dispose() {
		await this.kill();
		rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
	}
}

async function late(what) {
	await sleep(PATIENCE, undefined, { ref: false });
	throw new Error(what);
}

/** Workers that are started to know a process by: more than other tabs begin meanwhile. */
const MARKS = 10;

/** What a file holds, or a folder's names; nothing if it is gone. */
function look(read, path) {
	try {
		return read(path, 'utf8');
	} catch {
		return '';
	}
}

/** How many dedicated Workers a process runs. */
const workersOf = (pid) =>
	[...look(readdirSync, `/proc/${pid}/task`)].filter((task) => look(readFileSync, `/proc/${pid}/task/${task}/comm`).startsWith('DedicatedWorker')).length;

/** One tab. */
class Tab {
	#browser;
	#target;
	session;
	#renderer;

	constructor(browser, target, session) {
		this.#browser = browser;
		this.#target = target;
		this.session = session;
	}

	/** Runs a function of JSON arguments in the tab, and gives what it (or its promise) gives. */
	async run(fn, ...args) {
		const expression = `(${fn})(...${JSON.stringify(args)})`;
		const options = { expression, awaitPromise: true, returnByValue: true };
		const { result, exceptionDetails } = await this.#browser.call('Runtime.evaluate', options, this.session);
		if (exceptionDetails !== undefined) {
			throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
		}
		return result.value;
	}

	/** Finds the process of its page and Workers, which the protocol does not tell: the one whose Workers become so many more when the page starts some. */
	async findRenderer() {
		const threads = async () => {
			const { processInfo } = await this.#browser.call('SystemInfo.getProcessInfo');
			return new Map(processInfo.filter((p) => p.type === 'renderer').map((p) => [p.id, workersOf(p.id)]));
		};
		const before = await threads();
		await this.run(async (many) => {
			const url = URL.createObjectURL(new Blob(['postMessage(0)']));
			globalThis.marks = Array.from({ length: many }, () => new Worker(url));
			await Promise.all(marks.map((worker) => new Promise((resolve) => (worker.onmessage = resolve))));
		}, MARKS);
		const more = [...(await threads())].map(([id, count]) => [id, count - (before.get(id) ?? 0)]).sort((a, b) => b[1] - a[1]);
		await this.run(() => marks.forEach((worker) => worker.terminate()));
		if (more[0][1] < MARKS || more[1]?.[1] >= MARKS) {
			throw new Error(`which process is it? Workers more: ${JSON.stringify(more)}`);
		}
		this.#renderer = more[0][0];
	}

	/** The id of that process. */
	get renderer() {
		return this.#renderer;
	}

	/** Ends that process with SIGKILL. */
	async killRenderer() {
		const crashed = this.#browser.crashed(this.#target);
		process.kill(this.#renderer, 'SIGKILL');
		await Promise.race([crashed, late('the page goes on without its process')]);
		await this.close();
	}

	/** Lets that process stand still, and go on. */
	stop() {
		process.kill(this.#renderer, 'SIGSTOP');
	}

	continue() {
		process.kill(this.#renderer, 'SIGCONT');
	}

	/** Crashes that process: it ends at once, as with SIGKILL, and needs not be found. */
	async crash() {
		const crashed = this.#browser.crashed(this.#target);
		this.#browser.call('Page.crash', {}, this.session).catch(() => {}); // nobody is left to answer
		await Promise.race([crashed, late('the page goes on without its process')]);
		await this.close();
	}

	/** Loads its page anew; what the page had is gone. */
	async reload() {
		await this.#browser.call('Page.reload', {}, this.session);
	}

	/** Closes it as its user would. */
	async close() {
		await this.#browser.call('Target.closeTarget', { targetId: this.#target });
		this.#browser.forget(this.session);
	}
}
