// globalThis.fs, process and path as Go's syscall package wants them: the daemon's files, by synchronous requests.

const RESOLVED = { rename: [0, 1], link: [0, 1], symlink: [1] }; // which arguments are paths; else the first, if it is a string

/** Installs them for this job; output takes what is written to descriptors 1 and 2. */
export function installFS(job, output) {
	let cwd = job.cwd;
	const resolve = (...parts) => {
		const names = [];
		for (const name of [cwd, ...parts].reduce((a, b) => (b.startsWith('/') ? b : `${a}/${b}`)).split('/')) {
			if (name === '..') {
				names.pop();
			} else if (name !== '' && name !== '.') {
				names.push(name);
			}
		}
		return `/${names.join('/')}`;
	};

	const call = (op, args, body = null) => {
		const url = new URL(`job/${job.id}/fs`, job.base);
		url.search = new URLSearchParams({ op, args: JSON.stringify(args) });
		const request = new XMLHttpRequest();
		request.open('POST', url, false);
		request.responseType = 'arraybuffer';
		request.send(body);
		const bytes = new Uint8Array(request.response);
		if (request.status === 200 && request.getResponseHeader('content-type') === 'application/octet-stream') {
			return bytes;
		}
		const value = JSON.parse(new TextDecoder().decode(bytes));
		if (request.status !== 200) {
			throw Object.assign(new Error(value.message), { code: value.code });
		}
		return value;
	};

	const answer = (callback, f) => {
		let result;
		try {
			result = f();
		} catch (error) {
			callback(error);
			return;
		}
		callback(null, result);
	};

	const fs = {
		constants: job.constants,
		writeSync(fd, bytes) {
			output(fd, bytes.slice());
			return bytes.length;
		},
		write(fd, bytes, offset, length, position, callback) {
			const part = bytes.slice(offset, offset + length);
			if (fd === 1 || fd === 2) {
				output(fd, part);
				callback(null, length);
				return;
			}
			answer(callback, () => call('write', [fd, position], part));
		},
		read(fd, bytes, offset, length, position, callback) {
			answer(callback, () => {
				const part = call('read', [fd, length, position]);
				bytes.set(part, offset);
				return part.length;
			});
		},
		open(path, flags, mode, callback) {
			answer(callback, () => call('open', [resolve(path), flags, mode]));
		},
		close(fd, callback) {
			answer(callback, () => call('close', [fd]));
		},
	};
	const others = [
		'chmod', 'chown', 'fchmod', 'fchown', 'fstat', 'fsync', 'ftruncate', 'lchown', 'link', 'lstat', 'mkdir', 'readdir', 'readlink',
		'rename', 'rmdir', 'stat', 'symlink', 'truncate', 'unlink', 'utimes',
	];
	for (const op of others) {
		fs[op] = (...args) => {
			const callback = args.pop();
			for (const i of RESOLVED[op] ?? [0]) {
				if (typeof args[i] === 'string') {
					args[i] = resolve(args[i]);
				}
			}
			answer(callback, () => {
				const result = call(op, args);
				return result?.directory === undefined ? result : { ...result, isDirectory: () => result.directory };
			});
		};
	}
	globalThis.fs = fs;
	globalThis.path = { resolve };
	globalThis.process = {
		pid: 1,
		ppid: 1,
		getuid: () => 0,
		getgid: () => 0,
		geteuid: () => 0,
		getegid: () => 0,
		getgroups: () => [],
		umask: () => 0o22,
		cwd: () => cwd,
		chdir: (path) => {
			cwd = resolve(path);
		},
	};
}
