// The daemon: one browser for all test binaries of a target, on a persistent profile in a temp directory (a private window's OPFS
// syncs nothing). It listens on 127.0.0.1 only, under a path with a random token, and ends, browser and profile with it, when it is
// told to, when the browser ends, or when nothing has run for a while. lifeline.mjs sees to that even when the daemon is killed.
//
//	exec.mjs  → POST /run {args, env, cwd, timeout}   answered by lines {out|err: base64} … {exit}
//	page      → POST /next                            waits for {start: job} or {end: job}
//	page      → POST /job/<id>/events [{out|err|exit}]
//	Worker    → POST /job/<id>/fs?op=…&args=…         a call of Node's fs, synchronous on the Worker's side
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as fs from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { browsers } from './browsers.mjs';
import { stateFile } from './connect.mjs';
import { JobFiles } from './files.mjs';
import { wasmExec } from './node.mjs';

const IDLE = 60_000; // ms
const target = process.argv[2];
const token = randomBytes(16).toString('hex');
const root = fileURLToPath(new URL('../..', import.meta.url));
const profile = mkdtempSync(join(tmpdir(), `tabdis-runner-${target}-`));
const jobs = new Map();
const commands = []; // for the page
let waiting = null; // the page's open request for the next command
let ready = false;
let lastJob = 0;
let idle = null;
let browser = null;

function rest() {
	clearTimeout(idle);
	idle = jobs.size === 0 ? setTimeout(() => stop('idle'), IDLE) : null;
}

let stopping = false;
function stop(why, code = 0) {
	if (stopping) {
		return;
	}
	stopping = true;
	console.log(`stopping: ${why}`);
	for (const job of jobs.values()) {
		finish(job, 1, `${why}\n`);
	}
	rmSync(stateFile(target), { force: true });
	if (browser === null || browser.exitCode !== null) {
		process.exit(code);
	}
	browser.removeAllListeners('exit');
	browser.once('exit', () => process.exit(code));
	browser.stdin.end();
}

function command(c) {
	commands.push(c);
	deliver();
}

function deliver() {
	if (waiting !== null && commands.length > 0) {
		waiting.end(JSON.stringify(commands.splice(0)));
		waiting = null;
	}
}

function finish(job, exit, message) {
	if (!jobs.delete(job.id)) {
		return;
	}
	clearTimeout(job.timer);
	job.files.close();
	if (message) {
		job.response.write(`${JSON.stringify({ err: Buffer.from(`exec.mjs: ${message}`).toString('base64') })}\n`);
	}
	job.response.end(`${JSON.stringify({ exit })}\n`);
	command({ end: job.id });
	rest();
}

function run(request, response, { args, env, cwd, timeout }) {
	const id = String(++lastJob);
	const job = { id, response, wasm: args[0], files: new JobFiles() };
	job.timer = setTimeout(() => finish(job, 1, `timeout after ${timeout} s`), timeout * 1000);
	jobs.set(id, job);
	rest();
	response.on('close', () => finish(job, 1, ''));
	response.flushHeaders();
	command({ start: { id, args, env, cwd, constants: fs.constants } });
}

function events(job, list) {
	for (const { out, err, exit } of list) {
		if (exit !== undefined) {
			finish(job, exit, '');
			return;
		}
		job.response.write(`${JSON.stringify(out !== undefined ? { out } : { err })}\n`);
	}
}

const TYPES = { '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm' };

function send(response, path, type = TYPES[extname(path)] ?? 'application/octet-stream') {
	const file = createReadStream(path);
	file.once('error', () => response.writeHead(404).end());
	file.once('open', () => {
		response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
		file.pipe(response);
	});
}

async function body(request) {
	const chunks = [];
	for await (const chunk of request) {
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

async function serve(request, response) {
	const url = new URL(request.url, 'http://127.0.0.1');
	const [, key, first, id, what] = url.pathname.split('/');
	if (key !== token) {
		response.writeHead(404).end();
		return;
	}
	if (first === 'job') {
		const job = jobs.get(id);
		if (job === undefined) {
			response.writeHead(410).end();
		} else if (what === 'binary.wasm') {
			send(response, job.wasm, TYPES['.wasm']);
		} else if (what === 'events') {
			events(job, JSON.parse(await body(request)));
			response.end();
		} else if (what === 'fs') {
			job.files.serve(url.searchParams.get('op'), JSON.parse(url.searchParams.get('args')), await body(request), response);
		}
	} else if (first === 'alive') {
		response.writeHead(ready && !stopping ? 200 : 503).end();
	} else if (first === 'stop') {
		response.end();
		stop('told to');
	} else if (first === 'run') {
		run(request, response, JSON.parse(await body(request)));
	} else if (first === 'next') {
		if (!ready) {
			ready = true;
			rest();
		}
		waiting = response;
		deliver();
	} else if (first === 'wasm_exec.js') {
		send(response, wasmExec());
	} else {
		const path = normalize(join(root, url.pathname.slice(token.length + 1)));
		send(response, path.startsWith(root) ? path : root);
	}
}

// Whatever goes wrong here, the browser must not stay behind.
process.on('uncaughtException', (error) => {
	console.log(error);
	stop(error.message, 1);
});

const server = createServer((request, response) => {
	serve(request, response).catch((error) => {
		console.log(error);
		response.destroy();
	});
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => {
	const url = `http://127.0.0.1:${server.address().port}/${token}`;
	const { program, args } = browsers[target](profile, `${url}/tests/browser/page.html`);
	const lifeline = fileURLToPath(new URL('lifeline.mjs', import.meta.url));
	browser = spawn(process.execPath, [lifeline, profile, program, ...args], {
		detached: true, // a signal to the daemon's group is the daemon's to handle
		stdio: ['pipe', 'inherit', 'inherit'],
		env: { ...process.env, HOME: profile },
	});
	browser.once('exit', () => stop('the browser ended', 1));
	const state = stateFile(target);
	writeFileSync(`${state}.new`, JSON.stringify({ url, pid: process.pid }), { mode: 0o600 });
	renameSync(`${state}.new`, state);
	idle = setTimeout(() => stop('the browser did not open the page', 1), IDLE);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
	process.on(signal, () => stop(signal));
}
