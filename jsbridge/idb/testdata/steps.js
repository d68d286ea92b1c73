// An opener of IndexedDB that falls asleep at any one of its operations. The text is the body of a function of `control`, and gives one
// that takes it off again.
//
// While control.stepped is true, connections are opened whose operations are steps, counted by control.steps:
//
//	transaction    it is made
//	put, get …     a request is made
//	success        a request is heard to have succeeded
//	complete       a transaction is heard to have completed, or abort
//	told           whoever waited for that goes on
//
// Before step control.at it falls asleep, as a Worker does that the system does not let run: control.asleep is true, and nothing of it happens
// until control.wake(). What the browser does goes on: other connections work, and a transaction of the sleeper stays as it is, in the way
// of all that come behind, control.pending of them. control.abort() ends those, as a browser may do.
//
// control.dump(name) gives a promise of all that a database holds, as text.
const Tx = IDBDatabase.prototype, Factory = IDBFactory.prototype;
const real = { transaction: Tx.transaction, open: Factory.open };
const stepped = new WeakSet(); // connections
const kept = new Set(); // transactions of the sleeper that are not over
let waiting = []; // what the sleeper has not done: {tx, run}

function step(what, tx, run) {
	if (!control.asleep && control.steps++ === control.at) {
		control.asleep = true;
		control.where = what;
	}
	if (!control.asleep) {
		run();
		return;
	}
	waiting.push({ tx, run });
	if (tx.real !== undefined && !tx.over && !kept.has(tx)) {
		kept.add(tx);
		control.pending = kept.size;
		keep(tx);
	}
}

// A transaction completes when nothing is asked of it, and takes requests only while it tells of one.
function keep(tx) {
	tx.real.objectStore('meta').get('epoch').onsuccess = () => {
		if (tx.awake === undefined) {
			keep(tx);
			return;
		}
		kept.delete(tx);
		control.pending = kept.size;
		tx.awake.forEach((run) => run());
	};
}

control.wake = () => {
	control.asleep = false;
	for (const { tx, run } of waiting.splice(0)) {
		if (kept.has(tx)) {
			(tx.awake ??= []).push(run);
		} else {
			run();
		}
	}
};

control.abort = () => {
	for (const tx of [...kept].filter((tx) => !tx.aborted)) {
		tx.aborted = true;
		tx.real.abort();
	}
};

Factory.open = function (...args) {
	const request = real.open.apply(this, args);
	if (control.stepped) {
		request.addEventListener('success', () => stepped.add(request.result));
	}
	return request;
};

function ended(tx, event) {
	tx.over = true;
	tx.error = tx.real.error;
	kept.delete(tx);
	control.pending = kept.size;
	step(event, tx, () => {
		tx[`on${event}`]?.();
		step('told', tx, () => {});
	});
}

function objectStore(tx, name) {
	return new Proxy({}, {
		get: (_, method) => (...args) => {
			const request = { result: undefined, onsuccess: null };
			step(method, tx, () => {
				if (tx.over) {
					return; // its end is heard of next
				}
				const asked = tx.real.objectStore(name)[method](...args);
				asked.onsuccess = () => step('success', tx, () => {
					request.result = asked.result;
					if (!tx.over) {
						request.onsuccess?.();
					}
				});
			});
			return request;
		},
	});
}

Tx.transaction = function (...args) {
	if (!stepped.has(this)) {
		return real.transaction.apply(this, args);
	}
	const tx = { real: undefined, over: false, awake: undefined, error: null, oncomplete: null, onabort: null };
	tx.objectStore = (name) => objectStore(tx, name);
	tx.abort = () => tx.real.abort();
	step('transaction', tx, () => {
		tx.real = real.transaction.apply(this, args);
		tx.real.addEventListener('complete', () => ended(tx, 'complete'));
		tx.real.addEventListener('abort', () => ended(tx, 'abort'));
	});
	return tx;
};

const asked = (request) => new Promise((resolve, reject) => {
	request.onsuccess = () => resolve(request.result);
	request.onerror = () => reject(request.error);
});

const sum = (bytes) => `${bytes.length}:${bytes.reduce((h, b) => Math.imul(h ^ b, 0x01000193), 0x811c9dc5)}`; // FNV-1a

control.dump = async (name) => {
	const db = await asked(real.open.call(indexedDB, name));
	const tx = real.transaction.call(db, ['meta', 'names', 'chunks']);
	const stores = ['meta', 'names', 'chunks'].map((store) => tx.objectStore(store));
	const read = stores.flatMap((store) => [asked(store.getAllKeys()), asked(store.getAll())]);
	const text = (await Promise.all(read)).map((list) => JSON.stringify(list, (_, v) => (v instanceof Uint8Array ? sum(v) : v)));
	db.close();
	return text.join('\n');
};

return () => {
	Tx.transaction = real.transaction;
	Factory.open = real.open;
};
