// Tabs that write to one store while the tab that leads is closed, crashed, reloaded, or its Worker hangs, over and over: at the end every
// write that was acknowledged is there once, and in the order of its client; so is each whose reply was lost. `TABDIS_FAILOVERS` is how often,
// `TABDIS_SEED` repeats a run's choices.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Site } from './harness.mjs';
import { overBackends, targets } from './targets.mjs';
import { browserOf } from './windows.mjs';

const FAILOVERS = (target) => Number(process.env.TABDIS_FAILOVERS ?? (target === 'chromium' ? 12 : 4));
const SEED = Number(process.env.TABDIS_SEED ?? Date.now() % 1e9);
const TABS = 4;

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis fail-over</title><script type="module">
import * as tabdis from './client/index.js';
globalThis.tabdis = tabdis;
say('ready');
</script>`;

// The Worker's script, with replies that leave late: what was executed and written is not answered for a while, and a leader that ends then
// leaves requests that must not be executed again.
const LATE = {
	'client/late.js': "import './delay.js'; import './worker.js';",
	'client/delay.js': `const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (message, transfer) {
	if (message instanceof Uint8Array) setTimeout(() => post.call(this, message, transfer), 30);
	else post.call(this, message, transfer);
};`,
};

/** What a tab does: calls of all kinds, each told before it is made and when it is settled. */
async function work(name, backend, writer) {
	globalThis.db = await tabdis.open({ name, backend, workerUrl: new URL('./client/late.js', location), config: { 'enable-debug-command': 'yes' } });
	globalThis.working = true;
	globalThis.done = (async () => {
		for (let n = 0; working; n++) {
			const id = `${writer}:${n}`;
			const kind = ['incr', 'push', 'add', 'multi'][n % 4];
			say({ id, kind });
			const call = {
				incr: () => db.call('INCR', `counter:${writer}`),
				push: () => db.call('RPUSH', `list:${writer}`, id),
				add: () => db.call('XADD', 'stream', '*', 'id', id),
				multi: () => Promise.all([db.call('MULTI'), db.call('INCR', `counter:${writer}`), db.call('RPUSH', `list:${writer}`, id), db.call('EXEC')]).then((r) => r[3][0]),
			}[kind];
			const settled = call().then((reply) => say({ id, reply }), (e) => say({ id, code: e.code, message: e.message }));
			if (n % 3 > 0) {
				await settled;
				await new Promise((resolve) => setTimeout(resolve, n % 5));
			}
		}
		await db.call('PING');
	})();
}

/** Calls under way at once. What a tab says in its last moment may not be heard. */
const UNHEARD = 3;

class Writer {
	ended = false;
	calls = new Map(); // id → {kind, reply | code}

	heard(said) {
		this.calls.set(said.id, { ...this.calls.get(said.id), ...said });
	}
}

function random(seed) {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

const ENDS = ['closed', 'crashed', 'reloaded', 'hung'];

for (const target of targets) {
	const failovers = FAILOVERS(target);
	overBackends(target, ['opfs', 'idb'], (_, backend) => {
		let site, browser;
		before(async () => {
			site = await new Site().start();
			site.files.set('tab.html', PAGE);
			Object.entries(LATE).forEach(([path, text]) => site.files.set(path, text));
			browser = browserOf(target, site);
		});
		after(async () => {
			await browser.dispose();
			site.stop();
		});

		it(`executes each request once over ${failovers} fail-overs`, { timeout: 60_000 + failovers * 20_000 }, async (t) => {
			const name = `failover-${backend}`;
			const choose = random(SEED);
			const first = [...ENDS];
			const writers = [];
			const begin = async () => {
				const writer = new Writer();
				writers.push(writer);
				const tab = await browser.open(`${site.url}tab.html`, (said) => writer.heard(said));
				await tab.run(work, name, backend, writers.length);
				tab.writer = writer;
				return tab;
			};
			const tabs = [];
			for (let i = 0; i < TABS; i++) {
				tabs.push(await begin());
			}
			const leads = async (tab) => (await tab.run(() => db.store.role)) === 'leader';
			const ends = Object.fromEntries(ENDS.map((end) => [end, 0]));
			for (let n = 0; n < failovers; n++) {
				await sleep(choose(300));
				let at = -1;
				for (let tries = 0; at < 0; tries++) {
					assert.ok(tries < 200, 'nobody leads');
					for (let i = 0; i < tabs.length && at < 0; i++) {
						at = (await leads(tabs[i])) ? i : -1;
					}
					await sleep(at < 0 ? 20 : 0);
				}
				const end = first.splice(choose(first.length), 1)[0] ?? ENDS[choose(ENDS.length)]; // each way once, if there are so many
				ends[end]++;
				const [tab] = tabs.splice(at, 1);
				tab.writer.ended = end !== 'hung';
				if (end === 'closed') {
					await tab.close();
				} else if (end === 'crashed') {
					await tab.crash();
				} else if (end === 'hung') {
					tab.run(() => void db.call('DEBUG', 'SLEEP', 60).catch(() => {}));
					tabs.push(tab);
					for (let tries = 0; (await leads(tab)) && tries < 100; tries++) {
						await sleep(100);
					}
					continue;
				} else {
					await tab.reload();
					await tab.close();
				}
				tabs.push(await begin());
			}
			for (const tab of tabs) {
				await tab.run(async () => {
					working = false;
					await done;
				});
			}
			await sleep(200); // the last words
			await verify(tabs[0], writers, t, ends);
		});
	}, `, ${TABS} tabs (seed ${SEED})`);
}

async function verify(tab, writers, t, ends) {
	const lists = {};
	for (let writer = 1; writer <= writers.length; writer++) {
		lists[writer] = await tab.run((key) => db.call('LRANGE', key, 0, -1), `list:${writer}`);
	}
	const entries = await tab.run(async () => (await db.call('XRANGE', 'stream', '-', '+')).map(([, [, id]]) => id));
	const stream = new Set(entries);
	assert.equal(stream.size, entries.length, 'an entry was added twice');
	const counts = { settled: 0, lost: 0, unknown: 0, underway: 0 };
	for (const [i, writer] of writers.entries()) {
		const list = lists[i + 1];
		assert.equal(new Set(list).size, list.length, 'an element was pushed twice');
		assert.deepEqual(list, [...list].sort((a, b) => a.split(':')[1] - b.split(':')[1]), 'the order of a client');
		const pushed = new Set(list);
		let low = 0; // what the counter is at least, and at most
		let high = 0;
		for (const [id, { kind, reply, code, message }] of writer.calls) {
			const executed = reply !== undefined || code === 'REPLYLOST';
			const unknown = !executed && (code === undefined || code === 'UNKNOWN' || code === 'CLOSED');
			assert.ok(executed || unknown, `${id} ${kind}: ${code} ${message}`);
			counts[reply !== undefined ? 'settled' : code === 'REPLYLOST' ? 'lost' : code === undefined ? 'underway' : 'unknown']++;
			if (kind === 'incr' || kind === 'multi') {
				low += executed;
				high++;
				if (reply !== undefined) {
					assert.ok(reply >= low && reply <= high, `${id} was told ${reply}, executed were ${low} to ${high}`);
					low = high = reply;
				}
			}
			const there = kind === 'add' ? stream.has(id) : kind === 'incr' ? undefined : pushed.has(id);
			assert.ok(!executed || there !== false, `${id} ${kind} was executed, and is not there`);
		}
		const counter = Number(await tab.run((key) => db.call('GET', key), `counter:${i + 1}`));
		const unheard = writer.ended ? UNHEARD : 0;
		assert.ok(counter >= low && counter <= high + unheard, `counter ${i + 1} says ${counter}, executed were ${low} to ${high}`);
	}
	t.diagnostic(`${JSON.stringify(ends)}: ${JSON.stringify(counts)}`);
}
