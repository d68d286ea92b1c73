// NodeFile: a file descriptor with the methods of a FileSystemSyncAccessHandle, for the host functions under Node, and what else
// jsbridge/nodefs needs of Node.
import * as fs from 'node:fs';
import { dirname } from 'node:path';

export { fs };
export { giveUpLock, giveUpLocks, takeLock } from './nodelock.mjs';

/** Makes the names in a directory durable. Windows gives no way to, and its file systems keep a journal of names. */
export function syncDirectory(path) {
	if (process.platform === 'win32') {
		return;
	}
	const fd = fs.openSync(path, 'r');
	try {
		fs.fsyncSync(fd);
	} finally {
		fs.closeSync(fd);
	}
}

/** Makes a directory and its parents, and the names of those it made durable. */
export function makeDirectory(path) {
	if (fs.existsSync(path)) {
		return;
	}
	const parent = dirname(path);
	makeDirectory(parent);
	try {
		fs.mkdirSync(path);
	} catch (e) {
		if (e.code !== 'EEXIST') { // another process may make it too
			throw e;
		}
	}
	syncDirectory(parent);
}

export class NodeFile {
	/** Opens path with Node's flags: 'wx+' makes a new file, 'r+' opens one that exists. */
	constructor(path, flags) {
		this.fd = fs.openSync(path, flags, 0o644);
		// The kernel tells of a lost page once for each time a file was opened. Of two syncs at once over one descriptor, in the call and on
		// the thread, one would succeed although what it covers is lost: so the thread has its own, and makes one sync after the other.
		try {
			this.later = fs.openSync(path, 'r+');
		} catch (e) {
			fs.closeSync(this.fd);
			throw e;
		}
		this.waiting = []; // for the thread's next sync
		this.syncing = false;
		this.failed = null; // a sync: the next would lie
		this.closed = false;
	}

	write(bytes, { at }) {
		return this.#whole(fs.writeSync, bytes, at);
	}

	read(bytes, { at }) {
		return this.#whole(fs.readSync, bytes, at);
	}

	// The system may move fewer bytes than asked; only when it moves none there are no more to move.
	#whole(move, bytes, at) {
		let done = 0;
		while (done < bytes.length) {
			const n = move(this.fd, bytes, done, bytes.length - done, at + done);
			if (n === 0) {
				break;
			}
			done += n;
		}
		return done;
	}

	flush() {
		if (this.failed !== null) {
			throw this.failed;
		}
		try {
			fs.fdatasyncSync(this.fd);
		} catch (e) {
			throw (this.failed ??= e);
		}
	}

	/** Syncs on another thread; done takes null or the error. */
	flushLater(done) {
		this.waiting.push(done);
		if (!this.syncing) {
			this.#sync();
		}
	}

	// One sync serves all who asked before it began.
	#sync() {
		const asked = this.waiting;
		this.waiting = [];
		this.syncing = true;
		const ended = (error) => {
			this.syncing = false;
			this.failed ??= error;
			for (const done of asked) {
				done(this.failed);
			}
			if (this.waiting.length > 0 && !this.syncing) {
				this.#sync();
			}
			this.#release();
		};
		if (this.failed === null) {
			fs.fdatasync(this.later, ended);
		} else {
			setImmediate(ended, null);
		}
	}

	truncate(size) {
		fs.ftruncateSync(this.fd, size);
	}

	getSize() {
		return fs.fstatSync(this.fd).size;
	}

	// A descriptor that is being synced must not be given to another file meanwhile.
	close() {
		this.closed = true;
		this.#release();
	}

	#release() {
		if (this.closed && !this.syncing && this.fd >= 0) {
			fs.closeSync(this.later);
			fs.closeSync(this.fd);
			this.fd = -1;
		}
	}
}
