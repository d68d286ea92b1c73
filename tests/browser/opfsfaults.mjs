// Faults of the origin-private file system, for tests in a browser's Worker: what stands here comes between the engine's host
// functions and the browser's own handles. Nothing of the product loads it.
//
//	const faults = installOPFSFaults();
//	faults.set([{ op: 'write', file: 'pool-', from: 3, times: 1, error: 'QuotaExceededError' }]);
//
// A rule is for the operations `op` (write, read, flush, truncate, getSize, createSyncAccessHandle, getFileHandle, or several: "write flush")
// on files whose names begin with `file`; of those that follow `set` it leaves the first `from` alone, and strikes the next `times` (for
// ever, if it is missing). What it does:
//
//	error   throws a DOMException of this name (a promise is rejected with it)
//	after   it takes effect first, then throws
//	short   write: so many bytes are written, and their number is given
//	count   write: this number is given, and nothing is written (Chromium gives its errors so)
//	add     getSize: the number given is so much higher, or lower
//	wait    createSyncAccessHandle: it takes so many ms
//	lost    truncate, flush: nothing happens, and nothing is said of it

/** Puts itself between; once a Worker. */
export function installOPFSFaults() {
	let rules = [];
	const counts = new Map();

	/** The rule that strikes this call. */
	const strike = (op, file) => {
		counts.set(op, (counts.get(op) ?? 0) + 1);
		let struck = null;
		for (const rule of rules) {
			if (rule.op.split(' ').includes(op) && file.startsWith(rule.file ?? '')) {
				const n = rule.seen++ - (rule.from ?? 0);
				if (n >= 0 && n < (rule.times ?? Infinity)) {
					rule.struck++;
					struck ??= rule;
				}
			}
		}
		return struck;
	};
	const raise = (rule, op, file) => {
		throw new DOMException(`${op} of ${file}, as the test wants`, rule.error);
	};

	class Handle {
		#inner;
		#file;

		constructor(inner, file) {
			this.#inner = inner;
			this.#file = file;
			if ('mode' in inner) {
				this.mode = inner.mode;
			}
		}

		#do(op, run) {
			const rule = strike(op, this.#file);
			if (rule === null) {
				return run();
			}
			if (rule.after) {
				run();
			}
			return rule.error === undefined ? undefined : raise(rule, op, this.#file);
		}

		write(bytes, options) {
			const rule = strike('write', this.#file);
			if (rule?.short !== undefined) {
				const n = Math.min(rule.short, bytes.length);
				return this.#inner.write(bytes.subarray(0, n), options);
			}
			if (rule?.count !== undefined) {
				return rule.count;
			}
			if (rule === null || rule.after) {
				const n = this.#inner.write(bytes, options);
				if (rule === null) {
					return n;
				}
			}
			return raise(rule, 'write', this.#file);
		}

		read(bytes, options) {
			return this.#do('read', () => this.#inner.read(bytes, options));
		}

		flush() {
			this.#do('flush', () => this.#inner.flush());
		}

		truncate(size) {
			this.#do('truncate', () => this.#inner.truncate(size));
		}

		getSize() {
			const rule = strike('getSize', this.#file);
			if (rule !== null && rule.error !== undefined) {
				raise(rule, 'getSize', this.#file);
			}
			return this.#inner.getSize() + (rule?.add ?? 0);
		}

		close() {
			this.#inner.close();
		}
	}

	const access = FileSystemFileHandle.prototype.createSyncAccessHandle;
	FileSystemFileHandle.prototype.createSyncAccessHandle = async function createSyncAccessHandle(options) {
		const rule = strike('createSyncAccessHandle', this.name);
		if (rule?.wait !== undefined) {
			await new Promise((done) => setTimeout(done, rule.wait));
		} else if (rule !== null) {
			raise(rule, 'createSyncAccessHandle', this.name);
		}
		return new Handle(await access.call(this, options), this.name);
	};
	const lookUp = FileSystemDirectoryHandle.prototype.getFileHandle;
	FileSystemDirectoryHandle.prototype.getFileHandle = async function getFileHandle(name, options) {
		const rule = strike('getFileHandle', name);
		if (rule !== null) {
			raise(rule, 'getFileHandle', name);
		}
		return lookUp.call(this, name, options);
	};

	return {
		/** Makes these the rules; none: no more faults. */
		set(list) {
			rules = list.map((rule) => ({ ...rule, seen: 0, struck: 0 }));
			counts.clear();
		},
		/** How often the rules have struck. */
		struck: () => rules.reduce((sum, rule) => sum + rule.struck, 0),
		/** How many calls of an operation there were since set. */
		count: (op) => counts.get(op) ?? 0,
	};
}
