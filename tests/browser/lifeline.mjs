// Starts a browser and ends it, and removes its profile, when the daemon that holds the other end of stdin is gone, however it ended.
//
//	node lifeline.mjs PROFILE PROGRAM [ARGUMENT…]
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [profile, program, ...args] = process.argv.slice(2);
const browser = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
browser.once('error', (error) => {
	console.log(`cannot start ${program}: ${error.message}`);
	process.exit(1);
});
browser.once('exit', (code, signal) => {
	console.log(`the browser ended (${signal ?? code})`);
	rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
	process.exit(code ?? 1);
});
process.stdin.resume();
process.stdin.once('end', () => {
	browser.kill('SIGTERM');
	setTimeout(() => browser.kill('SIGKILL'), 3000);
});
