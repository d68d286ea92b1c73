// Finds the daemon of this repository that owns a target's browser, or starts one. A state file in the temp directory names its
// address; the address holds a random token, so that no other page of this machine's browsers can use it.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT = 60_000;
const here = fileURLToPath(new URL('.', import.meta.url));

/** The file that names a target's daemon: {url, pid}. */
export function stateFile(target) {
	const id = createHash('sha256').update(`${process.getuid?.()} ${here}`).digest('hex').slice(0, 12);
	return join(tmpdir(), `tabdis-browser-${id}-${target}.json`);
}

/** Gives {url, pid} of the target's daemon, which is started if there is none. */
export async function connect(target) {
	const file = stateFile(target);
	const deadline = Date.now() + START_TIMEOUT;
	while (Date.now() < deadline) {
		const state = await alive(file);
		if (state !== null) {
			return state;
		}
		const lock = `${file}.starting`;
		if (take(lock)) {
			try {
				return await start(target, file, deadline);
			} finally {
				rmdirSync(lock);
			}
		}
		await sleep(50);
	}
	throw new Error(`no daemon for ${target} after ${START_TIMEOUT / 1000} s: see ${file}.log`);
}

async function start(target, file, deadline) {
	const running = await alive(file); // another process may have just started it
	if (running !== null) {
		return running;
	}
	rmSync(file, { force: true });
	const log = openSync(`${file}.log`, 'w');
	const daemon = spawn(process.execPath, [join(here, 'daemon.mjs'), target], { detached: true, stdio: ['ignore', log, log] });
	let exited = false;
	daemon.once('exit', () => {
		exited = true;
	});
	daemon.unref();
	while (Date.now() < deadline && !exited) {
		const state = await alive(file);
		if (state !== null) {
			return state;
		}
		await sleep(50);
	}
	throw new Error(`the daemon for ${target} did not start:\n${readFileSync(`${file}.log`, 'utf8')}`);
}

// A directory is a lock that is taken in one step; one left behind by a killed process is older than any start.
function take(lock) {
	try {
		mkdirSync(lock);
		return true;
	} catch (error) {
		if (error.code !== 'EEXIST') {
			throw error;
		}
	}
	try {
		if (Date.now() - statSync(lock).mtimeMs > START_TIMEOUT) {
			rmdirSync(lock);
		}
	} catch (error) {
		if (error.code !== 'ENOENT') {
			throw error;
		}
	}
	return false;
}

async function alive(file) {
	try {
		const state = JSON.parse(readFileSync(file, 'utf8'));
		const response = await fetch(`${state.url}/alive`);
		return response.ok ? state : null;
	} catch {
		return null; // no file, half a file, nobody there: there is no daemon yet
	}
}

/** Ends all daemons of this repository and waits until they are gone. */
export async function stopAll() {
	for (const target of ['chromium', 'firefox', 'webkit']) {
		const file = stateFile(target);
		const state = await alive(file);
		if (state !== null) {
			await fetch(`${state.url}/stop`, { method: 'POST' });
			while (runs(state.pid)) {
				await sleep(20);
			}
		}
	}
}

function runs(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
