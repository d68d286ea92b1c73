// The file system that a test binary in a browser sees: Node's, one call a request. (testdata, t.TempDir, coverage profiles.)
import * as fs from 'node:fs';

const CALLS = new Set([
	'chmod', 'chown', 'fchmod', 'fchown', 'fstat', 'fsync', 'ftruncate', 'lchown', 'link', 'lstat', 'mkdir', 'readdir', 'readlink',
	'rename', 'rmdir', 'stat', 'symlink', 'truncate', 'unlink', 'utimes',
]);
const STAT = ['dev', 'ino', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'size', 'blksize', 'blocks', 'atimeMs', 'mtimeMs', 'ctimeMs'];

/** The files that one binary has open. */
export class JobFiles {
	#open = new Set();

	/** Answers one call: JSON, or the bytes of a read; 400 with {code, message} when it failed. */
	serve(op, args, body, response) {
		try {
			const result = this.#call(op, args, body);
			response.writeHead(200, { 'content-type': Buffer.isBuffer(result) ? 'application/octet-stream' : 'application/json' });
			response.end(Buffer.isBuffer(result) ? result : JSON.stringify(result ?? null));
		} catch (error) {
			response.writeHead(400).end(JSON.stringify({ code: error.code ?? 'EIO', message: error.message }));
		}
	}

	#call(op, args, body) {
		switch (op) {
			case 'open': {
				const fd = fs.openSync(...args);
				this.#open.add(fd);
				return fd;
			}
			case 'close':
				this.#open.delete(this.#mine(args[0]));
				return fs.closeSync(args[0]);
			case 'read': {
				const [fd, length, position] = args;
				const bytes = Buffer.alloc(length);
				return bytes.subarray(0, fs.readSync(this.#mine(fd), bytes, 0, length, position));
			}
			case 'write': {
				const [fd, position] = args;
				return fs.writeSync(this.#mine(fd), body, 0, body.length, position);
			}
		}
		if (!CALLS.has(op)) {
			throw Object.assign(new Error(`no such call: ${op}`), { code: 'ENOSYS' });
		}
		if (op === 'fstat' || op === 'fsync' || op === 'ftruncate' || op === 'fchmod' || op === 'fchown') {
			this.#mine(args[0]);
		}
		const result = fs[`${op}Sync`](...args);
		if (result instanceof fs.Stats) {
			return { ...Object.fromEntries(STAT.map((name) => [name, result[name]])), directory: result.isDirectory() };
		}
		return result;
	}

	#mine(fd) {
		if (!this.#open.has(fd)) {
			throw Object.assign(new Error('bad file descriptor'), { code: 'EBADF' });
		}
		return fd;
	}

	/** Closes what the binary left open. */
	close() {
		for (const fd of this.#open) {
			fs.closeSync(fd);
		}
		this.#open.clear();
	}
}
