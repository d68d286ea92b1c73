// Starts WebKitGTK's MiniBrowser on a display of its own, with all that it keeps in PROFILE, and ends both when it is told to or either ends.
// It runs without automation, whose sessions keep nothing.
//
//	node minibrowser.mjs PROFILE URL…
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { find } from './browsers.mjs';

const [profile, ...urls] = process.argv.slice(2);
const kept = { HOME: profile };
for (const folder of ['DATA_HOME', 'CACHE_HOME', 'CONFIG_HOME', 'RUNTIME_DIR']) {
	kept[`XDG_${folder}`] = join(profile, folder.toLowerCase());
	mkdirSync(kept[`XDG_${folder}`], { recursive: true, mode: 0o700 });
}

const programs = [];
function start(program, args, options) {
	const child = spawn(program, args, options);
	programs.push(child);
	child.once('error', (error) => {
		console.log(`cannot start ${program}: ${error.message}`);
		end(1);
	});
	child.once('exit', (code, signal) => {
		console.log(`${program} ended (${signal ?? code})`);
		end(code ?? 1);
	});
	return child;
}

// The browser's own processes end when it does; Xvfb takes its lock with it.
function end(code) {
	programs.forEach((program) => program.kill());
	process.exitCode = code;
}
for (const signal of ['SIGINT', 'SIGTERM']) {
	process.on(signal, () => end(0));
}

// Any free display: its number is told when it is ready.
const xvfb = start(find('XVFB', ['/usr/bin/Xvfb']), ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '1024x768x24'], {
	stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
});
xvfb.stdio[3].once('data', (number) => {
	const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec', '/usr/lib64'];
	const program = find('MINIBROWSER', libraries.map((folder) => join(folder, 'webkit2gtk-4.1/MiniBrowser')));
	// No accelerated drawing: there is no GPU to ask.
	const env = { ...process.env, ...kept, DISPLAY: `:${String(number).trim()}`, WEBKIT_DISABLE_COMPOSITING_MODE: '1', LIBGL_ALWAYS_SOFTWARE: '1' };
	start(program, ['--javascript-can-open-windows-automatically=1', ...urls], { stdio: ['ignore', 'inherit', 'inherit'], env });
});
