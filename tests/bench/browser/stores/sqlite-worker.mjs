import sqlite3InitModule from '@sqlite.org/sqlite-wasm';

let db, set, get;

// The write-ahead log, which this VFS can only have without other connections, is its fastest durable way: with FULL a commit is one
// write and one flush. NORMAL flushes at checkpoints only.
const SCHEMA = `PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS kv (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID;`;

function run(statement, values) {
	statement.bind(values);
	statement.stepReset();
}

const actions = {
	async open(name, relaxed) {
		const sqlite3 = await sqlite3InitModule();
		const pool = await sqlite3.installOpfsSAHPoolVfs({ name: `pool-${name}`, directory: `/sqlite-${name}` });
		db = new pool.OpfsSAHPoolDb('/kv.db');
		db.exec(SCHEMA);
		db.exec(`PRAGMA synchronous = ${relaxed ? 'NORMAL' : 'FULL'}`);
		if (db.selectValue('PRAGMA journal_mode') !== 'wal') throw new Error('SQLite has no write-ahead log here');
		set = db.prepare('INSERT INTO kv VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v');
		get = db.prepare('SELECT v FROM kv WHERE k = ?');
	},
	set: (key, value) => run(set, [key, value]),
	get(key) {
		const value = get.bind([key]).step() ? get.get(0) : undefined;
		get.reset();
		return value;
	},
	write: (pairs) => void db.transaction(() => pairs.forEach((pair) => run(set, pair))),
	count: () => db.selectValue('SELECT count(*) FROM kv'),
	close() {
		set.finalize();
		get.finalize();
		db.close();
	},
};

onmessage = async ({ data: { id, what, args } }) => {
	try {
		const value = await actions[what](...args);
		postMessage({ id, value });
	} catch (error) {
		postMessage({ id, error: String(error?.message ?? error) });
	}
};
