// Stores of Node that are opened and closed, and calls of all kinds, leave nothing behind: no thread, no handle, nothing in a Map, a Set or an Array,
// no memory. TABDIS_OPENS is how often a store is opened, in memory three times of four, else over files; TABDIS_CALLS how many calls are made (a
// sample); TABDIS_PARTS may leave it out.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { census, more } from '../browser/client/census.mjs';
import { DIST } from '../browser/client/harness.mjs';

const OPENS = Number(process.env.TABDIS_OPENS ?? 24);
const CALLS = Number(process.env.TABDIS_CALLS ?? 20_000);
const skip = process.env.TABDIS_PARTS?.split(',').includes('node') === false && 'node is not among the PARTS';

/** What may remain of each, in bytes, and what is noise. */
const EACH = 200;
const NOISE = 2 << 20;

/** So many objects more, or entries of Maps, Sets and Arrays, are noise: of what is called or opened so rarely there is more in the whole. */
const FEW = 32;

/** How often the progress of a part is told, in ms. */
const TOLD = 60_000;

const { open } = await import(join(DIST, 'node.js'));
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const root = mkdtempSync(join(tmpdir(), 'tabdis-leaks-'));
after(() => rmSync(root, { recursive: true }));

async function alive() {
	for (let i = 0; i < 4; i++) {
		await new Promise((resolve) => setTimeout(resolve, 20));
		collect();
	}
	return process.memoryUsage().heapUsed;
}

const inspector = new Session();
inspector.connect();
/** Counts what lives in this thread, and whether its calls are settled. */
const count = (classes) => census((method, params) => inspector.post(method, params), classes);

/** Tells now and then how far it is. */
function progress(what, times) {
	const began = Date.now();
	let told = began;
	return (done) => {
		if (Date.now() - told > TOLD) {
			told = Date.now();
			console.log(`${what}: ${done} of ${times} in ${Math.round((told - began) / 1000)} s`);
		}
	};
}

const resources = () => process.getActiveResourcesInfo().filter((name) => name === 'Worker' || name === 'MessagePort').length;

for (const [backend, options, times] of [['memory', { backend: 'memory' }, Math.ceil((3 * OPENS) / 4)], ['files', { dir: join(root, 'store') }, Math.ceil(OPENS / 4)]]) {
	it(`${backend}: stores that are opened and closed`, { skip }, async (t) => {
		const run = async (n) => {
			const tell = progress(`Node, ${backend}`, n);
			for (let i = 0; i < n; i++) {
				const db = await open(options);
				await Promise.all([db.call('INCR', 'n'), db.session().call('PING'), db.subscribe('c', () => {})]);
				await db.close();
				tell(i + 1);
			}
		};
		await run(Math.ceil(times / 10) + 3);
		const [heap, had, counted] = [await alive(), resources(), await count()];
		const began = Date.now();
		await run(times);
		const seconds = (Date.now() - began) / 1000;
		const [grown, has] = [(await alive()) - heap, resources()];
		const left = more(counted, await count());
		t.diagnostic(`${backend}: opened ${times} times in ${seconds} s: ${grown} bytes, ${has - had} threads and ports more, ${JSON.stringify(left)}`);
		assert.ok(grown < NOISE + times * EACH, `${grown} bytes`);
		assert.ok(has <= had, `${has - had} threads and ports`);
		assert.deepEqual(more({}, left, FEW), {}, 'objects, and entries of Maps, Sets and Arrays');
	});
}

it('calls of all kinds are all settled and leave nothing', { skip }, async (t) => {
	const db = await open({ backend: 'memory' });
	await db.call('SET', 's', 'x');
	const kinds = [
		(i) => db.call('SET', `k${i % 100}`, i),
		() => db.incr('n'),
		() => db.call('LPUSH', 's', 'x'), // WRONGTYPE
		(i) => db.withAbortSignal(i % 2 ? AbortSignal.abort() : new AbortController().signal).get('s'),
		(i) => (i % 100 === 4 ? db.blPop('nothing', 0.001) : db.multi().incr('m').exec()),
	];
	const session = db.session();
	globalThis.tabdisSession = session.constructor; // for the census
	await session.close();
	const classes = { Session: 'globalThis.tabdisSession' };
	const run = async (n) => {
		const tell = progress('Node, calls', n);
		let settled = 0;
		for (let made = 0; made < n; ) {
			const calls = [];
			for (const end = Math.min(n, made + 1000); made < end; made++) {
				calls.push(kinds[made % kinds.length](made).then(() => settled++, () => settled++));
			}
			await Promise.all(calls);
			tell(made);
		}
		return settled;
	};
	await run(10_000); // it is warm
	const [heap, counted] = [await alive(), await count(classes)];
	assert.equal(await run(CALLS), CALLS);
	const grown = (await alive()) - heap;
	const left = more(counted, await count(classes));
	t.diagnostic(`${CALLS} calls: ${grown} bytes more, ${JSON.stringify(left)}`);
	assert.ok(grown < NOISE, `${grown} bytes`);
	assert.deepEqual(more({}, left, FEW), {}, 'objects, and entries of Maps, Sets and Arrays');
	await db.close();
});
