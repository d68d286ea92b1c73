// Stores of Node that are opened and closed, and calls of all kinds, leave nothing behind: no thread, no handle, no memory. TABDIS_OPENS is how
// often a store is opened, TABDIS_CALLS how many calls are made (a sample).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DIST } from '../browser/client/harness.mjs';

const OPENS = Number(process.env.TABDIS_OPENS ?? 24);
const CALLS = Number(process.env.TABDIS_CALLS ?? 20_000);

/** What may remain of each, in bytes, and what is noise. */
const EACH = 200;
const NOISE = 2 << 20;

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

const resources = () => process.getActiveResourcesInfo().filter((name) => name === 'Worker' || name === 'MessagePort').length;

for (const [backend, options, times] of [['memory', { backend: 'memory' }, OPENS], ['files', { dir: join(root, 'store') }, Math.ceil(OPENS / 4)]]) {
	it(`${backend}: stores that are opened and closed`, async (t) => {
		const run = async (n) => {
			for (let i = 0; i < n; i++) {
				const db = await open(options);
				await Promise.all([db.call('INCR', 'n'), db.session().call('PING'), db.subscribe('c', () => {})]);
				await db.close();
			}
		};
		await run(Math.ceil(times / 10) + 3);
		const [heap, had] = [await alive(), resources()];
		await run(times);
		const [grown, has] = [(await alive()) - heap, resources()];
		t.diagnostic(`${backend}: opened ${times} times: ${grown} bytes, ${has - had} threads and ports more`);
		assert.ok(grown < NOISE + times * EACH, `${grown} bytes`);
		assert.ok(has <= had, `${has - had} threads and ports`);
	});
}

it('calls of all kinds are all settled and leave nothing', async (t) => {
	const db = await open({ backend: 'memory' });
	await db.call('SET', 's', 'x');
	const kinds = [
		(i) => db.call('SET', `k${i % 100}`, i),
		() => db.incr('n'),
		() => db.call('LPUSH', 's', 'x'), // WRONGTYPE
		(i) => db.withAbortSignal(i % 2 ? AbortSignal.abort() : new AbortController().signal).get('s'),
		(i) => (i % 100 === 4 ? db.blPop('nothing', 0.001) : db.multi().incr('m').exec()),
	];
	const run = async (n) => {
		let settled = 0;
		for (let made = 0; made < n; ) {
			const calls = [];
			for (const end = Math.min(n, made + 1000); made < end; made++) {
				calls.push(kinds[made % kinds.length](made).then(() => settled++, () => settled++));
			}
			await Promise.all(calls);
		}
		return settled;
	};
	await run(Math.ceil(CALLS / 10));
	const heap = await alive();
	assert.equal(await run(CALLS), CALLS);
	const grown = (await alive()) - heap;
	t.diagnostic(`${CALLS} calls: ${grown} bytes more`);
	assert.ok(grown < NOISE, `${grown} bytes`);
	await db.close();
});
