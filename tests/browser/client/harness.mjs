// Runs functions in pages of real browsers, with the built package at hand. No driver protocol: a page asks its server for the next
// function to run and posts back what came of it, so Chromium and Firefox are driven alike, and a browser can be killed at any point.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browsers } from '../browsers.mjs';
import { targetOf } from './targets.mjs';

/** The built package. */
export const DIST = fileURLToPath(new URL('../../../jsbridge/client/dist/', import.meta.url));
const TYPES = { js: 'text/javascript', wasm: 'application/wasm', html: 'text/html', map: 'application/json' };

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis tests</title><script type="module">
import * as tabdis from './client/index.js';
const post = (path, value) => fetch(path + location.search, { method: 'POST', body: JSON.stringify(value ?? null) });
for (;;) {
	const { source, args } = await (await post('next')).json();
	let outcome;
	try {
		outcome = { value: await (0, eval)('(' + source + ')')(tabdis, ...args) };
	} catch (e) {
		outcome = { error: { name: e?.name, code: e?.code, message: String(e?.message ?? e), stack: e?.stack } };
	}
	await post('result', outcome);
}
</script>`;

/** An HTTP server on 127.0.0.1 with the page and the package. Its origin outlives the browsers that visit it. */
export class Site {
	/** Files beside those of the package: path → bytes. */
	files = new Map();
	/** Stands before each page that is asked for under a name: windows.mjs. */
	prelude = '';
	/** Isolated pages have clocks of 5 µs instead of 100. */
	isolated = false;
	/** Browsers may keep its files, and with them what they have compiled. */
	cached = false;
	/** Files that were asked for. */
	asked = new Set();
	#agents = new Map();
	#server = createServer((request, response) => this.#serve(request, response));

	async start() {
		await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		this.url = `http://127.0.0.1:${this.#server.address().port}/`;
		return this;
	}

	stop() {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	/** The page of this name: it may be there already or come. */
	page(name) {
		if (!this.#agents.has(name)) {
			this.#agents.set(name, new Page(`${this.url}?${name}`));
		}
		return this.#agents.get(name);
	}

	async #serve(request, response) {
		const { pathname, search } = new URL(request.url, this.url);
		const agent = this.page(search.slice(1));
		if (this.isolated) {
			response.setHeader('Cross-Origin-Opener-Policy', 'same-origin').setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
		}
		if (pathname === '/next') {
			agent.waits(response);
		} else if (pathname === '/result') {
			const chunks = [];
			for await (const chunk of request) {
				chunks.push(chunk);
			}
			agent.settles(JSON.parse(Buffer.concat(chunks)));
			response.end();
		} else if (pathname === '/') {
			response.setHeader('Content-Type', 'text/html').end(PAGE);
		} else {
			this.#file(pathname.slice(1), search, response);
		}
	}

	#file(path, search, response) {
		if (this.cached) {
			response.setHeader('Cache-Control', 'max-age=86400');
		}
		const bytes = this.files.get(path) ?? read(join(DIST, path.replace(/^client\//, '')));
		response.statusCode = bytes === null ? 404 : 200;
		if (bytes !== null) {
			this.asked.add(path);
		}
		response.setHeader('Content-Type', TYPES[path.split('.').at(-1)] ?? 'application/octet-stream');
		response.end(path.endsWith('.html') && search !== '' ? this.prelude + bytes : bytes);
	}
}

function read(path) {
	try {
		return readFileSync(path);
	} catch {
		return null; // 404
	}
}

/** How long a function may run, in ms. */
const PATIENCE = 60_000;

/** One page, across reloads and browsers. */
class Page {
	#idle = null; // the response that waits for a function
	#queue = [];
	#current = null;

	constructor(url) {
		this.url = url;
	}

	/** Runs a function of (tabdis, ...args) in the page; what it gives must go through JSON. */
	run(fn, ...args) {
		return new Promise((settle, refuse) => {
			const timer = setTimeout(() => refuse(new Error('the page has not answered')), PATIENCE);
			const resolve = (value) => (clearTimeout(timer), settle(value));
			const reject = (error) => (clearTimeout(timer), refuse(error));
			this.#queue.push({ body: JSON.stringify({ source: String(fn), args }), resolve, reject });
			this.#next();
		});
	}

	/** Loads the page anew; everything it had is gone. */
	reload() {
		return this.run(function reload() {
			location.reload();
			return new Promise(() => {}); // the new page's first question is the answer
		});
	}

	/** What ran will not come to an end: its browser was killed. */
	forget() {
		this.#current?.reject(new Error('the browser was killed'));
		this.#current = null;
		this.#idle = null;
	}

	waits(response) {
		if (this.#current !== null) {
			this.settles({}); // the page that ran it was left
		}
		this.#idle = response;
		response.on('close', () => {
			if (this.#idle === response) {
				this.#idle = null;
			}
		});
		this.#next();
	}

	settles({ value, error }) {
		const current = this.#current;
		this.#current = null;
		if (error === undefined) {
			current?.resolve(value);
		} else {
			current?.reject(Object.assign(new Error(error.message), error));
		}
	}

	#next() {
		if (this.#idle === null || this.#current !== null || this.#queue.length === 0) {
			return;
		}
		this.#current = this.#queue.shift();
		const response = this.#idle;
		this.#idle = null;
		response.end(this.#current.body);
	}
}

/** A browser on a profile that is kept until dispose. */
export class Browser {
	#process = null;
	#profile;

	constructor(target, site) {
		this.target = target;
		this.site = site;
		this.#profile = mkdtempSync(join(tmpdir(), `tabdis-${target}-`));
	}

	/** Starts the browser on the page of this name. */
	start(name = 'main') {
		const page = this.site.page(name);
		const { program, args } = browsers[this.target](this.#profile, page.url);
		const url = args.pop();
		this.#process = spawn(program, [...args, ...targetOf(this.target).flags, url], { stdio: 'ignore', detached: true });
		return page;
	}

	/** Ends the browser and all its processes with SIGKILL. */
	async kill() {
		const ended = new Promise((resolve) => this.#process.once('exit', resolve));
		process.kill(-this.#process.pid, 'SIGKILL');
		await ended;
		this.#process = null;
	}

	async dispose() {
		if (this.#process !== null) {
			await this.kill();
		}
		rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
	}
}
