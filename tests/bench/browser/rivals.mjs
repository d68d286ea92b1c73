// The stores that are measured side by side, and what an awaited write survives in each. What they have decides which rows they get: `tabs`
// that share a store, of which one is elected to lead (`elects`), live queries, a cache. `crowd`: how many calls are made at once. `rest`:
// ms that it is left alone before it is opened, since it fails, or never ends, when a tab that was closed has its files still.

export const stores = [
	{
		id: 'tabdis',
		page: 'tabdis.html?opfs',
		module: 'tabdis',
		title: 'tabdis OPFS',
		tabs: true,
		elects: true,
		live: true,
		cache: true,
		note: `appendfsync always: a reply leaves when its block is written to the log and flushed (fdatasync), so an awaited write survives a power cut;
calls that wait at the same time share one flush. Relaxed is everysec, the default: written before the reply, flushed within a second; an
awaited write survives the end of tab and browser, and a power cut but for the last two seconds. Its bulk load is MSETs of 1,000 keys.`,
	},
	{
		id: 'tabdis-idb',
		page: 'tabdis.html?idb',
		module: 'tabdis',
		title: 'tabdis IDB',
		tabs: true,
		elects: true,
		live: true,
		cache: true,
		note: 'the same, with a strict IndexedDB transaction for each block; relaxed: a relaxed transaction, put again in a strict one within a second.',
	},
	{
		id: 'idb',
		page: 'idb.html',
		module: 'idb',
		title: 'idb',
		tabs: true,
		note: `IndexedDB with durability "strict": an awaited transaction survives a power cut. Relaxed, Chromium's default: it survives the end of
tab and browser, and a power cut once the system has written it by itself. Each call is a transaction of its own, as the API gives it. Every
tab opens the database itself, so nobody leads. No live queries.`,
	},
	{
		id: 'dexie',
		page: 'dexie.html',
		module: 'dexie',
		title: 'Dexie',
		tabs: true,
		live: true,
		note: 'as idb: chromeTransactionDurability "strict", which is not its default, and "relaxed". Live queries are its liveQuery.',
	},
	{
		id: 'sqlite',
		page: 'sqlite.html',
		module: 'sqlite',
		title: 'SQLite',
		rest: 500,
		note: `opfs-sahpool in a Worker, journal_mode WAL (locking_mode EXCLUSIVE, which WAL needs there), synchronous FULL: a commit flushes the log, and
an awaited write survives a power cut. Relaxed is synchronous NORMAL: it flushes at checkpoints only; a power cut loses what came since, the
end of tab and browser nothing. Each call is a transaction of its own. One tab at a time has the database: no second tab; no live queries.`,
	},
	{
		id: 'pglite',
		page: 'pglite.html',
		module: 'pglite',
		title: 'PGlite',
		crowd: 100,
		rest: 1000,
		tabs: true,
		elects: true,
		live: true,
		note: `opfs-ahp in its Worker for many tabs. Postgres runs with fsync off; after each query PGlite flushes the files of the write-ahead log that
were written, so an awaited write is in a flushed log. Data files are not flushed at a checkpoint, so behind one a power cut is not covered.
Relaxed is relaxedDurability: no flush. A follower's calls under way when the leader ends are rejected, and made again here. What its
Worker is asked costs more the more calls wait: so 100 at once here, not 1,000.`,
	},
];
