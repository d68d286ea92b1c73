// Runs a Go test binary (GOOS=js GOARCH=wasm) for `go test -exec`, with tabdis's host functions:
//
//	go test -exec "$PWD/tests/browser/run.sh --target=chromium" ./jsbridge/...
//
// --target=node runs it in this process. --target=chromium, firefox or webkit runs it in a dedicated Worker of a real browser: a
// daemon (daemon.mjs) owns one browser for all packages, and this process hands it the binary and relays output and exit code.
// The daemon starts on first use and ends by itself when idle; `exec.mjs stop` ends all daemons of this repository at once.
// --timeout=SECONDS (default 300) ends a binary that hangs, even in an endless loop.
import { resolve } from 'node:path';
import { runInNode } from './node.mjs';
import { connect, stopAll } from './connect.mjs';
import { testEnv } from './env.mjs';

const DEFAULT_TIMEOUT = 300;

function parse(argv) {
	const options = { target: 'node', timeout: DEFAULT_TIMEOUT };
	let i = 0;
	for (; i < argv.length && argv[i].startsWith('--'); i++) {
		const [, name, value] = /^--(\w+)=(.+)$/.exec(argv[i]) ?? [];
		if (name === 'target' && ['node', 'chromium', 'firefox', 'webkit'].includes(value)) {
			options.target = value;
		} else if (name === 'timeout' && Number(value) > 0) {
			options.timeout = Number(value);
		} else {
			throw new Error(`unknown option ${argv[i]}`);
		}
	}
	return { ...options, args: argv.slice(i) };
}

async function runInBrowser({ target, timeout, args }) {
	const daemon = await connect(target);
	const response = await fetch(`${daemon.url}/run`, {
		method: 'POST',
		body: JSON.stringify({ args: [resolve(args[0]), ...args.slice(1)], env: testEnv(), cwd: process.cwd(), timeout }),
	});
	if (!response.ok) {
		throw new Error(`daemon: ${response.status} ${await response.text()}`);
	}
	let rest = '';
	const decoder = new TextDecoder();
	for await (const chunk of response.body) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
		rest = lines.pop();
		for (const line of lines) {
			const { out, err, exit } = JSON.parse(line);
			if (exit !== undefined) {
				return exit;
			}
			(out !== undefined ? process.stdout : process.stderr).write(Buffer.from(out ?? err, 'base64'));
		}
	}
	throw new Error('the daemon went away');
}

try {
	const argv = process.argv.slice(2);
	if (argv[0] === 'stop') {
		await stopAll();
	} else {
		const options = parse(argv);
		if (options.args.length === 0) {
			throw new Error('usage: exec.mjs [--target=node|chromium|firefox|webkit] [--timeout=SECONDS] BINARY [ARGUMENT…] | stop');
		}
		process.exitCode = await (options.target === 'node' ? runInNode(options) : runInBrowser(options));
	}
} catch (error) {
	console.error(`exec.mjs: ${error.message}`);
	process.exitCode = 1;
}
