// A real Chromium is killed under load, again and again, on one profile: the tab is closed, its renderer or the whole browser gets
// SIGKILL, at any moment, rewrites included. What was acknowledged is kept on this side, as the page hears it. After each kill the
// stores must open with no damage, and hold what the first units sent make of them, all those that were acknowledged among them.
//
// TABDIS_KILLS is how often (6: a sample); `make kill-browser` does it 200 times. TABDIS_SEED repeats a run, as far as chance
// allows; TABDIS_BACKENDS (opfs,idb) limits it. After a failure the profile is kept.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chromium } from './cdp.mjs';
import { Site } from './harness.mjs';
import { digest, Model, unit } from './kill-work.mjs';

const KILLS = Number(process.env.TABDIS_KILLS ?? 6);
const SEED = Number(process.env.TABDIS_SEED ?? Date.now() % 1_000_000);

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis kills</title><script type="module">
import * as tabdis from './client/index.js';
import * as work from './kill-work.js';
Object.assign(globalThis, { tabdis, work });
say('ready');
</script>`;

const BACKENDS = (process.env.TABDIS_BACKENDS ?? 'opfs,idb').split(',');
const POLICIES = ['always', 'everysec'];
const WAYS = {
	'tab closed': ({ tab }) => tab.close(),
	'renderer killed': ({ tab }) => tab.killRenderer(),
	'browser killed': ({ browser }) => browser.kill(),
};

/** The n-th kill's way, backend and policy: any twelve in a row are all there are. */
function classOf(n) {
	const ways = Object.keys(WAYS);
	return { way: ways[n % 3], backend: BACKENDS[((n % 3) + Math.floor(n / 3)) % BACKENDS.length], policy: POLICIES[(n + Math.floor(n / 6)) % 2] };
}

/** Numbers of one seed, below 1. */
function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}

/** One store, and what is known of it. */
class Store {
	model = new Model();
	at = 0; // units that it held when it was last opened
	acked = 0;

	constructor(backend, policy, seed) {
		Object.assign(this, { backend, policy, seed, name: `kill-${policy}` });
	}

	/** Opens it in a tab; gives how it was loaded, and the unit up to which it holds all. */
	async open(tab) {
		const { name, backend, policy } = this;
		return tab.run(async (name, backend, appendfsync) => {
			const began = performance.now();
			const config = { 'auto-aof-rewrite-min-size': '512kb', 'aof-timestamp-enabled': 'yes' };
			globalThis.logged = [];
			globalThis.db = await tabdis.open({ name, backend, appendfsync, config, onLog: (_, line) => logged.push(line) });
			const ms = performance.now() - began;
			const at = Number(await db.call('GET', 'at'));
			globalThis.lines = await work.linesOf(db);
			return { at, ms, load: db.store.load, digest: await work.digest(lines) };
		}, name, backend, policy);
	}

	/** Compares what it holds with what the first units make: `at` says how many. */
	async check(found, tab) {
		assert.ok(!found.load.created || this.at + this.acked === 0, `the store of ${this.at} units, ${this.acked} acknowledged, is a new one`);
		assert.ok(found.at >= this.at, `units ${found.at + 1} to ${this.at} were there when it was last opened`);
		assert.ok(found.at >= this.acked, `units ${found.at + 1} to ${this.acked} were acknowledged and are lost`);
		for (let i = this.at + 1; i <= found.at; i++) {
			for (const words of unit(this.seed, i)) {
				this.model.apply(words);
			}
		}
		this.at = found.at;
		const lines = this.model.lines();
		if (found.digest !== (await digest(lines))) {
			const there = await tab.run(() => lines);
			const wrong = lines.findIndex((line, i) => line !== there[i]);
			assert.equal(there[wrong], lines[wrong], `at unit ${this.at}`);
			assert.equal(there.length, lines.length);
		}
	}
}

describe(`Chromium killed ${KILLS} times, seed ${SEED}`, () => {
	let site, browser;
	before(async () => {
		site = await new Site().start();
		site.files.set('kill.html', PAGE);
		site.files.set('kill-work.js', readFileSync(new URL('kill-work.mjs', import.meta.url)));
		browser = new Chromium();
	});
	let failed = true;
	after(async () => {
		await (failed ? browser.kill() : browser.dispose());
		site.stop();
	});

	it('loses nothing that was acknowledged', async (t) => {
		const chance = random(SEED);
		const below = (n) => Math.floor(chance() * n);
		const stores = new Map();
		const sums = new Map();
		for (let n = 0; n < KILLS; n++) {
			const { way, backend, policy } = classOf(n);
			const key = `${backend} ${policy}`;
			if (!stores.has(key)) {
				stores.set(key, new Store(backend, policy, SEED + stores.size));
			}
			const store = stores.get(key);
			const sum = sums.get(`${way}, ${key}`) ?? { kills: 0, opening: 0, rewriting: 0, acknowledged: 0, unheard: 0, torn: 0, slowest: 0 };
			sums.set(`${way}, ${key}`, sum);
			const told = await killOnce(store, way, below).catch((error) => {
				error.message = `kill ${n} (${way}, ${key}), profile ${browser.profile}: ${error.message}`;
				throw error;
			});
			if (n % 12 === 11) {
				process.stderr.write(`seed ${SEED}: ${n + 1} kills\n`); // a long run says that it goes on
			}
			for (const [name, value] of Object.entries(told)) {
				sum[name] = name === 'slowest' ? Math.max(sum[name], value) : sum[name] + value;
			}
		}
		failed = false;
		t.diagnostic(`seed ${SEED}, ${browser.starts} starts of the browser`);
		for (const [name, sum] of [...sums].sort()) {
			t.diagnostic(
				`${name}: ${sum.kills} kills, ${sum.rewriting} in a rewrite, and ${sum.opening} of the next opening; ${sum.acknowledged} units acknowledged, 0 lost; ` +
					`${sum.unheard} more were there; ${sum.torn} torn tails; slowest opening ${Math.round(sum.slowest)} ms`,
			);
		}
	});

	/** Opens a store, writes, kills, maybe kills the next opening as well, opens it and compares. */
	async function killOnce(store, way, below) {
		let rewriting = false;
		let wake = () => {};
		const errors = [];
		let tab = await open((value) => {
			if (value.error !== undefined) {
				errors.push(value.error);
			}
			store.acked = Math.max(store.acked, value.acked ?? 0);
			rewriting = value.rewriting ?? rewriting;
			wake();
		});
		await tab.findRenderer();
		let found = await store.open(tab);
		await store.check(found, tab);
		const from = store.at + 1;
		store.acked = store.at;
		const pace = { seed: store.seed, from, window: [1, 4, 32, 200][below(4)], rewriteEach: [10, 50, 200][below(3)] };
		await tab.run((pace) => work.writeForEver(db, say, pace), pace);
		await until(() => store.acked > store.at || errors.length > 0, (f) => (wake = f));
		const inRewrite = below(2) === 0;
		await sleep(below(300));
		if (inRewrite) {
			await until(() => rewriting || errors.length > 0, (f) => (wake = f)).catch(async (error) => {
				error.message += `: no rewrite begins\n${await tab.run(() => db.call('INFO', 'persistence'))}\n${await tab.run(() => logged.join('\n'))}`;
				throw error;
			});
			await sleep(below(15));
		}
		const during = rewriting;
		await WAYS[way]({ tab, browser });
		assert.deepEqual(errors, [], 'while it wrote');
		let opening = 0;
		if (below(3) === 0) {
			tab = await open();
			await tab.findRenderer();
			const opened = store.open(tab).catch(() => {}); // its end is not heard of
			await sleep(below(150));
			await WAYS[way]({ tab, browser });
			await opened;
			opening = 1;
		}
		tab = await open();
		const { acked } = store;
		found = await store.open(tab);
		await store.check(found, tab);
		if (below(2) === 0) {
			await tab.run(() => db.close());
		}
		await tab.close();
		return {
			kills: 1,
			opening,
			rewriting: during ? 1 : 0,
			acknowledged: acked - from + 1,
			unheard: found.at - acked,
			torn: found.load.truncated === undefined ? 0 : 1,
			slowest: found.ms,
		};
	}

	const open = (said = () => {}) => browser.open(`${site.url}kill.html`, said);
});

/** Waits until what is said makes done() true. */
async function until(done, onwake) {
	const end = Date.now() + 120_000;
	while (!done()) {
		assert.ok(Date.now() < end, 'the page says nothing');
		await Promise.race([new Promise(onwake), sleep(1000)]);
	}
}
