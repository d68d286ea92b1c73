// A fresh app that has installed the packed package.
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CLIENT = fileURLToPath(new URL('../../jsbridge/client/', import.meta.url));
const { version } = JSON.parse(readFileSync(join(CLIENT, 'package.json'), 'utf8'));

/** What `make package` has packed. */
export const TARBALL = join(CLIENT, `tabdis-${version}.tgz`);

/** How long a command may take, in ms. */
const PATIENCE = 300_000;

export class App {
	constructor(name) {
		this.dir = fileURLToPath(new URL(`apps/${name}`, import.meta.url));
	}

	/** Runs a program in the app's folder and gives what it prints. */
	async run(program, ...args) {
		try {
			const { stdout } = await promisify(execFile)(program, args, { cwd: this.dir, timeout: PATIENCE, maxBuffer: 1 << 24 });
			return stdout;
		} catch (error) {
			throw new Error(`${program} ${args.join(' ')}: ${error.message}\n${error.stdout ?? ''}`);
		}
	}

	/** Installs what its lock file names, unless that is there, and the tarball, always. */
	async install() {
		const lock = join(this.dir, 'package-lock.json');
		const installed = join(this.dir, 'node_modules/.package-lock.json');
		if (existsSync(lock) && !(existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs)) {
			await this.run('npm', 'ci', '--no-audit', '--no-fund');
		}
		rmSync(join(this.dir, 'node_modules/tabdis'), { recursive: true, force: true });
		await this.run('npm', 'install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', TARBALL);
		for (const made of ['dist', 'build', 'data', 'node_modules/.vite']) {
			rmSync(join(this.dir, made), { recursive: true, force: true });
		}
	}

	/** Builds it, and puts its page beside what was built. */
	async build() {
		await this.run('npm', 'run', 'build');
		if (!existsSync(join(this.dir, 'dist/index.html')) && existsSync(join(this.dir, 'index.html'))) {
			copyFileSync(join(this.dir, 'index.html'), join(this.dir, 'dist/index.html'));
		}
	}

	/** Starts a program of the app that serves it; resolves with its address and how to stop it. */
	serve(program, ...args) {
		const server = spawn(join(this.dir, 'node_modules/.bin', program), args, { cwd: this.dir, stdio: ['ignore', 'pipe', 'inherit'] });
		return new Promise((resolve, reject) => {
			let said = '';
			createInterface(server.stdout).on('line', (line) => {
				said += `${line}\n`;
				const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(line.replace(/\x1b\[\d+m/g, ''))?.[0];
				if (url !== undefined) {
					resolve({ url, stop: () => server.kill() });
				}
			});
			server.once('exit', () => reject(new Error(`${program} has ended:\n${said}`)));
		});
	}
}
