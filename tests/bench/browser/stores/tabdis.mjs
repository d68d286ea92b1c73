// tabdis as a page uses it: the package's files as they are, on OPFS or, with ?idb, on IndexedDB.
import { open as openStore } from '/client/index.js';

const backend = location.search === '?idb' ? 'idb' : 'opfs';
const CHUNK = 1000;

export async function open(name, relaxed) {
	// A rewrite of the log begins by size, so it would fall into one row or another by chance.
	const config = { 'auto-aof-rewrite-percentage': 0 };
	const db = await openStore({ name, backend, appendfsync: relaxed ? 'everysec' : 'always', config });
	let cache;
	return {
		set: (key, value) => db.set(key, value),
		get: (key) => db.get(key),
		together: (pairs) => db.mSet(pairs),
		async load(pairs) {
			const calls = [];
			for (let from = 0; from < pairs.length; from += CHUNK) calls.push(db.mSet(pairs.slice(from, from + CHUNK)));
			await Promise.all(calls);
		},
		count: () => db.dbSize(),
		live(key, listener) {
			const query = db.live([], (q) => q.get(key), listener);
			return () => query.stop();
		},
		cached: (key) => (cache ??= db.cache()).get(key),
		leads: () => db.store.role === 'leader',
		close: () => db.close(),
	};
}
