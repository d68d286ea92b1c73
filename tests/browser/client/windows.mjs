// Tabs of any browser, with what cdp.mjs has for Chromium's: pages that one page opens, each with a WebSocket by which it is told what to
// run, and says what came of it. A tab's process is found by the work that its page does, to be killed or to stand still.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browsers } from '../browsers.mjs';
import { Chromium } from './cdp.mjs';
import { DIST } from './harness.mjs';
import { targetOf } from './targets.mjs';

const { WebSocketServer } = createRequire(new URL('../package.json', `file://${DIST}`))('ws');

/** How long a call may take, in ms. */
const PATIENCE = 120_000;

// What stands before a page: it says and does what it is told by the one that opened it, under the name in its address.
const agent = (port) => `<!doctype html><meta charset="utf-8"><script>{
	const unsent = [];
	const socket = new WebSocket('ws://127.0.0.1:${port}/' + location.search);
	const send = (message) => (socket.readyState === 1 ? socket.send(JSON.stringify(message)) : unsent.push(message));
	socket.onopen = () => unsent.splice(0).forEach(send);
	socket.onmessage = async ({ data }) => {
		const { id, source, args } = JSON.parse(data);
		try {
			send({ id, value: await (0, eval)('(' + source + ')')(...args) });
		} catch (error) {
			send({ id, error: String(error?.message ?? error), stack: error?.stack });
		}
	};
	globalThis.say = (value) => send({ said: value });
}</script>`;

/** The browser of a target, with tabs that can be closed, reloaded, crashed and stopped. */
export const browserOf = (target, site) => (target === 'chromium' ? new Chromium() : new Windows(target, site));

/** A browser of a target. It is started by the first tab, and again by the first one after it was killed. */
class Windows {
	#process = null;
	#server;
	#port;
	#tabs = new Map(); // name → Tab
	#opener;
	#names = 0;

	constructor(target, site) {
		this.target = target;
		this.site = site;
		this.profile = mkdtempSync(join(tmpdir(), `tabdis-${target}-`));
	}

	async #listen() {
		this.#server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(agent(this.#port)));
		await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		this.#port = this.#server.address().port;
		this.site.prelude = agent(this.#port);
		const sockets = new WebSocketServer({ server: this.#server, maxPayload: 1 << 28 });
		sockets.on('connection', (socket, request) => this.#tabs.get(request.url.split('?')[1])?.connected(socket));
	}

	#tab(said) {
		const name = `window-${++this.#names}`;
		const tab = new Tab(this, said);
		this.#tabs.set(name, tab);
		return [tab, name];
	}

	async #start() {
		if (this.#server === undefined) {
			await this.#listen();
		}
		const [tab, name] = this.#tab(() => {});
		// Of another site than the tabs: Firefox would keep them all in this page's process.
		const { program, args } = browsers[this.target](this.profile, `http://localhost:${this.#port}/?${name}`);
		const url = args.pop();
		this.#process = spawn(program, [...args, ...targetOf(this.target).flags, url], { stdio: 'ignore', detached: true });
		this.#opener = tab;
		await tab.there();
	}

	/** Opens a tab; said(value) gets what its page gives to globalThis.say(value), as it comes. The page begins by saying "ready". */
	async open(url, said) {
		if (this.#process === null) {
			await this.#start();
		}
		const [tab, name] = this.#tab(said);
		const ready = tab.ready();
		// Without an opener it may have a process of its own.
		await this.#opener.run((url) => void window.open(url, '_blank', 'noopener'), `${url}?${name}`);
		await ready;
		return tab;
	}

	/** The processes below the browser's, each with the time that its main thread has worked, in ticks of the clock. */
	work() {
		const parents = new Map();
		const times = new Map();
		for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)) {
			try {
				const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
				parents.set(pid, Number(fields[1]));
				times.set(pid, Number(fields[11]) + Number(fields[12]));
			} catch {
				// it has ended meanwhile
			}
		}
		const below = (pid) => pid === this.#process.pid || (parents.has(pid) && below(parents.get(pid)));
		return new Map([...times].filter(([pid]) => below(pid)));
	}

	/** Ends all its processes with SIGKILL. */
	async kill() {
		if (this.#process === null) {
			return;
		}
		const ended = new Promise((resolve) => this.#process.once('exit', resolve));
		process.kill(-this.#process.pid, 'SIGKILL');
		await ended;
		this.#process = null;
		this.#tabs.clear();
	}

	async dispose() {
		await this.kill();
		this.#server?.closeAllConnections();
		this.#server?.close();
		rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
	}
}

/** One tab. */
class Tab {
	#browser;
	#said;
	#socket = null;
	#arrivals = []; // those who wait for its page
	#leaves = []; // and for its end
	#calls = new Map(); // id → settle(message)
	#last = 0;
	#process;
	#readied = () => {};

	constructor(browser, said) {
		this.#browser = browser;
		this.#said = said;
	}

	connected(socket) {
		this.#left(this.#socket); // the end of the page before may be told later
		this.#socket = socket;
		socket.on('message', (text) => this.#take(JSON.parse(text)));
		socket.on('close', () => this.#left(socket));
		this.#arrivals.splice(0).forEach((resolve) => resolve());
	}

	#take({ said, id, ...outcome }) {
		if (id !== undefined) {
			this.#calls.get(id)?.(outcome);
		} else if (said === 'ready') {
			this.#readied();
		} else {
			this.#said(said);
		}
	}

	#left(socket) {
		if (socket === null || socket !== this.#socket) {
			return;
		}
		this.#socket = null;
		this.#leaves.splice(0).forEach((resolve) => resolve());
		for (const settle of [...this.#calls.values()]) {
			settle({ error: 'the tab has ended' });
		}
	}

	/** Settles when its page says that it is ready. */
	ready() {
		return within(new Promise((resolve) => (this.#readied = resolve)), 'the page does not become ready');
	}

	/** Settles when its page is there. */
	there() {
		return this.#socket !== null ? Promise.resolve() : within(new Promise((resolve) => this.#arrivals.push(resolve)), 'the page does not come');
	}

	#gone() {
		return this.#socket === null ? Promise.resolve() : within(new Promise((resolve) => this.#leaves.push(resolve)), 'the page goes on');
	}

	/** Runs a function of JSON arguments in the tab, and gives what it (or its promise) gives. */
	async run(fn, ...args) {
		await this.there();
		const id = ++this.#last;
		const answer = new Promise((resolve) => this.#calls.set(id, resolve));
		this.#socket.send(JSON.stringify({ id, source: String(fn), args }));
		const { value, error, stack } = await within(answer, `no answer to ${String(fn).slice(0, 80)}`).finally(() => this.#calls.delete(id));
		if (error !== undefined) {
			throw Object.assign(new Error(error), { inPage: stack });
		}
		return value;
	}

	// Runs what ends the page, which does not answer then.
	async #ends(fn) {
		await this.there();
		const gone = this.#gone();
		this.run(fn).catch(() => {});
		await gone;
	}

	/** Finds the process of its page and Workers: the one whose main thread works when the page does. */
	async findRenderer() {
		const before = this.#browser.work();
		for (;;) {
			await this.run(() => {
				for (const end = performance.now() + 200; performance.now() < end; );
			});
			const worked = [...this.#browser.work()].map(([pid, time]) => [pid, time - (before.get(pid) ?? 0)]).sort((a, b) => b[1] - a[1]);
			if (worked[0][1] > 2 * (worked[1]?.[1] ?? 0) + 5) {
				this.#process = worked[0][0];
				return;
			}
		}
	}

	/** Ends that process with SIGKILL. */
	async crash() {
		if (this.#process === undefined) {
			await this.findRenderer();
		}
		const gone = this.#gone();
		process.kill(this.#process, 'SIGKILL');
		await gone;
	}

	killRenderer() {
		return this.crash();
	}

	/** Lets that process stand still, and go on. */
	stop() {
		process.kill(this.#process, 'SIGSTOP');
	}

	continue() {
		process.kill(this.#process, 'SIGCONT');
	}

	/** Loads its page anew; what the page had is gone. */
	async reload() {
		await this.#ends(() => location.reload());
	}

	/** Closes it as its user would. */
	async close() {
		await this.#ends(() => window.close());
	}
}

function within(promise, what) {
	let timer;
	const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(what)), PATIENCE)));
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
