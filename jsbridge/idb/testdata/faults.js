// What can happen to a transaction, made to happen. The text is the body of a function of `control`, and gives one that takes it off again.
//
// The transactions control.at … at + count - 1, of those that write, meet with control.kind:
//
//	abort:NAME     every request succeeds, then the transaction aborts with this error; without a name, without one
//	doubt:NAME     it commits, and is told to have aborted
//	put:NAME       a put of a chunk throws
//	closed         the connection is closed before
//	dropped        the browser closes the connection, and aborts it
//	committed      the same, but it had committed
//	silent         it aborts, and nobody is told; aborting it does nothing
//	mute           it commits, and nobody is told
//	stolen         another one commits its epoch before
//	deleted        another tab deletes the database before
//	crash          it aborts, and from then on there is nothing any more
//	crashed        it commits, then the same
//
// All others that put chunks into the database control.limited abort for want of room when they and what is there are more than
// control.limit bytes, what they overwrite counted twice.
//
// control.seen counts them, control.fired those that met with something. control.journal has what has committed: {name, durability, ops}.
const Tx = IDBDatabase.prototype, Store = IDBObjectStore.prototype;
const real = { transaction: Tx.transaction, close: Tx.close, put: Store.put, delete: Store.delete };
const records = new WeakMap(); // transaction → what is noted of it

const exception = (name, message = 'made by the test') => new DOMException(message, name);

// gate takes what the transaction tells, and tells what it is to tell.
function gate(tx, tell) {
	const handlers = {};
	for (const event of ['complete', 'abort']) {
		Object.defineProperty(tx, `on${event}`, { configurable: true, get: () => null, set: (f) => { handlers[event] = f; } });
		tx.addEventListener(event, (e) => tell(event, (as, error) => {
			Object.defineProperty(tx, 'error', { configurable: true, get: () => error });
			handlers[as]?.call(tx, e);
		}));
	}
}

// after lets the last of its requests succeed, then aborts the transaction.
function abortAtEnd(tx, record, when = () => true) {
	record.request = (request) => {
		record.open = (record.open ?? 0) + 1;
		queueMicrotask(() => request.addEventListener('success', () => queueMicrotask(() => {
			if (--record.open === 0 && when()) {
				abort(tx);
			}
		})));
	};
}

function abort(tx) {
	try {
		IDBTransaction.prototype.abort.call(tx);
	} catch (e) {
		if (e.name !== 'InvalidStateError') {
			throw e;
		}
	}
}

// chunks are the sizes of what a database holds, by key: [file, offset, bytes].
const chunks = new Map();

function applied(record) {
	for (const [store, method, args] of record.ops) {
		const there = chunks.get(record.name) ?? [];
		if (store === 'chunks') {
			const key = method === 'put' ? IDBKeyRange.only(args[1]) : args[0] instanceof IDBKeyRange ? args[0] : IDBKeyRange.only(args[0]);
			const left = there.filter(([file, offset]) => !key.includes([file, offset]));
			chunks.set(record.name, method === 'put' ? [...left, [...args[1], args[0].length]] : left);
		}
	}
}

const used = (name) => (chunks.get(name) ?? []).reduce((sum, [, , n]) => sum + n, 0);

function limited(tx, record) {
	let full = false;
	abortAtEnd(tx, record, () => {
		const puts = record.ops.filter(([store, method]) => store === 'chunks' && method === 'put').reduce((sum, [, , [data]]) => sum + data.length, 0);
		full = puts > 0 && used(record.name) + puts > control.limit;
		control.fired += full ? 1 : 0;
		control.refused += full ? 1 : 0;
		return full;
	});
	gate(tx, (event, tell) => tell(event, full ? exception('QuotaExceededError', 'no room') : null));
}

function closing(db) {
	real.close.call(db);
	db.onclose?.(new Event('close'));
}

const kinds = {
	abort(tx, record, name) {
		abortAtEnd(tx, record);
		gate(tx, (event, tell) => tell(event, name ? exception(name) : null));
	},
	doubt(tx, record, name) {
		gate(tx, (event, tell) => tell('abort', name ? exception(name) : null));
	},
	put(tx, record, name) {
		record.put = () => {
			throw exception(name);
		};
	},
	dropped(tx, record) {
		abortAtEnd(tx, record);
		gate(tx, (event, tell) => {
			tell('abort', null);
			closing(tx.db);
		});
	},
	committed(tx) {
		gate(tx, (event, tell) => {
			tell('abort', null);
			closing(tx.db);
		});
	},
	silent(tx, record) {
		abortAtEnd(tx, record);
		Object.defineProperty(tx, 'abort', { value() {} });
		gate(tx, () => {});
	},
	mute(tx) {
		gate(tx, () => {});
	},
	crash(tx, record) {
		control.crashed = true;
		abortAtEnd(tx, record);
		gate(tx, (event, tell) => tell('abort', exception('UnknownError', 'crashed')));
	},
	crashed(tx) {
		control.crashed = true;
		gate(tx, (event, tell) => tell('abort', exception('UnknownError', 'crashed')));
	},
	stolen() {},
	deleted() {},
};

Tx.transaction = function (stores, mode, options) {
	if (control.crashed && mode !== 'versionchange') {
		throw exception('UnknownError', 'crashed');
	}
	if (mode !== 'readwrite') {
		return real.transaction.call(this, stores, mode, options);
	}
	const n = control.seen++;
	const hit = n >= control.at && n < control.at + control.count;
	const [kind, name] = hit ? control.kind.split(':') : ['', ''];
	if (hit) {
		control.fired++;
	}
	if (kind === 'closed') {
		real.close.call(this);
	} else if (kind === 'stolen') {
		const thief = real.transaction.call(this, ['meta'], 'readwrite').objectStore('meta');
		thief.get('epoch').onsuccess = ({ target }) => real.put.call(thief, target.result + 1, 'epoch');
	} else if (kind === 'deleted') {
		indexedDB.deleteDatabase(this.name);
		this.onversionchange?.(Object.assign(new Event('versionchange'), { newVersion: null })); // as it will soon say itself
	}
	const tx = real.transaction.call(this, stores, mode, options);
	const record = { name: this.name, durability: options?.durability ?? '', ops: [] };
	records.set(tx, record);
	tx.addEventListener('complete', () => {
		control.journal.push(record);
		applied(record);
	});
	if (kind !== '') {
		kinds[kind](tx, record, name);
	} else if (control.limited === this.name && control.limit > 0) {
		limited(tx, record);
	}
	return tx;
};

for (const method of ['put', 'delete', 'get', 'count']) {
	const call = Store[method];
	real[method] = call;
	Store[method] = function (...args) {
		const record = records.get(this.transaction);
		if (method === 'put' && this.name === 'chunks') {
			record?.put?.();
		}
		const request = call.apply(this, args);
		if (method === 'put' || method === 'delete') {
			record?.ops.push([this.name, method, args]);
		}
		record?.request?.(request);
		return request;
	};
}

// replay makes a database from the part of the journal that is kept: what another process finds after a crash.
control.replay = async (name, keep) => {
	const db = await new Promise((resolve, reject) => {
		const request = indexedDB.open(name, 1);
		request.onupgradeneeded = () => ['meta', 'names', 'chunks'].forEach((store) => request.result.createObjectStore(store));
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
	await new Promise((resolve, reject) => {
		const tx = real.transaction.call(db, ['meta', 'names', 'chunks'], 'readwrite', { durability: 'relaxed' });
		tx.oncomplete = resolve;
		tx.onabort = () => reject(tx.error);
		control.journal.forEach((record, i) => {
			if (keep[i]) {
				record.ops.forEach(([store, method, args]) => real[method].apply(tx.objectStore(store), args));
			}
		});
	});
	real.close.call(db);
};

// How much room there is: a browser tells of its own disk, and in Node nobody does.
const untold = globalThis.navigator?.storage === undefined;
const estimate = async () => ({ usage: used(control.limited), quota: control.limit || 1e9 });
if (untold) {
	Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { storage: { estimate } } });
} else {
	Object.defineProperty(navigator.storage, 'estimate', { configurable: true, value: estimate });
}

return () => {
	if (untold) {
		delete globalThis.navigator;
	} else {
		delete navigator.storage.estimate;
	}
	Tx.transaction = real.transaction;
	for (const method of ['put', 'delete', 'get', 'count']) {
		Store[method] = real[method];
	}
};
