// The rows that every store has a cell of: what is done in which tabs. Each function measures one store in one round.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

/** Calls of a row, and those that go before. */
const CALLS = [300, 100];

/** id → what the table says of it. `of`: which of the runs below measures it. `aim` is tabdis's. */
export const rows = {
	set: { what: 'awaited durable set', unit: 'µs', of: 'small' },
	relaxed: { what: 'awaited relaxed set (everysec)', unit: 'µs', of: 'relaxed' },
	sets: { what: '1,000 concurrent durable sets, each', unit: 'µs', of: 'small' },
	together: { what: '1,000 sets in one transaction, each', unit: 'µs', of: 'small' },
	get: { what: 'awaited get', unit: 'µs', of: 'small' },
	gets: { what: '1,000 concurrent gets, each', unit: 'µs', of: 'small' },
	cache: { what: 'cache.get', unit: 'µs', of: 'small', aim: '≤ 0.2', needs: 'cache' },
	live: { what: 'live query: from the reply to the callback', unit: 'µs', of: 'small', aim: '≤ 1000', needs: 'live' },
	'tab-set': { what: 'second tab: awaited durable set', unit: 'µs', of: 'small', aim: '≤ 2 × first', needs: 'tabs' },
	'tab-get': { what: 'second tab: awaited get', unit: 'µs', of: 'small', aim: '≤ 2 × first', needs: 'tabs' },
	'tab-live': { what: 'second tab: live query', unit: 'µs', of: 'small', aim: '≤ 1000', needs: 'live' },
	'closed-small': { what: 'leader closed, 1,000 keys: to the first reply', unit: 'ms', of: 'small', aim: '≤ 100', needs: 'elects' },
	bulk: { what: 'bulk load of KEYS keys, durable', unit: 'ms', of: 'large' },
	open: { what: 'cold open with KEYS keys, to the first get', unit: 'ms', of: 'large', aim: '≤ 150' },
	closed: { what: 'leader closed, KEYS keys: to the first reply', unit: 'ms', of: 'large', needs: 'elects' },
	crashed: { what: 'leader crashed, KEYS keys: to the first reply', unit: 'ms', of: 'large', aim: '≤ 500 + load', needs: 'elects' },
	memory: { what: 'memory of the tab with KEYS keys', unit: 'MB', of: 'large' },
};

/** Which rows a store can have. */
export const has = (store, id) => rows[id].needs === undefined || store[rows[id].needs] === true;

/** One store in one round. `wants(id)` says which rows are measured, `cell(id, value)` takes them. */
export class Round {
	constructor(bench, store, round, keys, wants, cell) {
		Object.assign(this, { bench, store, keys, cell });
		this.small = `small-${store.id}`;
		this.large = `large-${store.id}-${round}`;
		this.wants = (...ids) => ids.some((id) => wants(id) && has(store, id));
	}

	/** Measures a row whose calls give a list of figures. */
	async row(id, tab, fn, ...args) {
		if (this.wants(id)) this.cell(id, median(await tab.measure(fn, ...args)));
	}

	async run() {
		const of = (run) => this.wants(...Object.keys(rows).filter((id) => rows[id].of === run));
		if (of('small')) await this.oneTab();
		if (of('relaxed')) await this.relaxed();
		if (of('large')) await this.many();
	}

	async oneTab() {
		const { bench, store, small } = this;
		const [tab] = await bench.opened(store, 'open', small);
		await tab.measure('fill');
		await this.row('set', tab, 'sets', ...CALLS);
		await this.row('sets', tab, 'concurrentSets', 3, 1, store.crowd ?? 1000);
		await this.row('together', tab, 'together', 5, 2);
		await this.row('get', tab, 'gets', ...CALLS);
		await this.row('gets', tab, 'concurrentGets', 5, 2, store.crowd ?? 1000);
		await this.row('live', tab, 'live', 100, 30);
		await this.row('cache', tab, 'cached', 5);
		if (!this.wants('tab-set', 'tab-get', 'tab-live', 'closed-small')) return tab.close();
		const [second] = await bench.opened(store, 'open', small);
		await second.measure('follow', await tab.measure('standing'));
		await this.row('tab-set', second, 'sets', ...CALLS);
		await this.row('tab-get', second, 'gets', ...CALLS);
		await this.row('tab-live', second, 'live', 100, 30);
		if (this.wants('closed-small')) await this.handOver('closed-small', tab, second, await second.measure('smallValue', 1));
		else await tab.close();
		await second.close();
	}

	async relaxed() {
		const [tab] = await this.bench.opened(this.store, 'open', this.small, true);
		await tab.measure('fill');
		await this.row('relaxed', tab, 'sets', ...CALLS);
		await tab.close();
	}

	async many() {
		const { bench, store, large, keys } = this;
		let [tab] = await bench.opened(store, 'open', large);
		const took = await tab.measure('bulk', keys);
		if (this.wants('bulk')) this.cell('bulk', took);
		await tab.measure('close');
		await tab.close();
		if (this.wants('memory')) await this.memory();
		if (!this.wants('open', 'closed', 'crashed')) return;
		let ms;
		[tab, ms] = await bench.opened(store, 'coldOpen', large, keys);
		if (this.wants('open')) this.cell('open', ms);
		await tab.measure('verifyBulk', keys);
		for (const id of ['closed', 'crashed'].filter((id) => this.wants(id))) {
			const [second] = await bench.opened(store, 'open', large);
			await second.measure('verifyBulk', keys);
			const took = await this.handOver(id, tab, second);
			tab = second;
			if (!took) break;
			await tab.measure('verifyBulk', keys);
		}
		await tab.close();
	}

	/** From the order to close or crash the leader's tab to the first reply that the follower has by itself; false when it has none. */
	async handOver(id, leader, follower, expected) {
		if (await follower.measure('leads')) throw new Error(`${this.store.title}: the second tab leads already`);
		const replied = follower.measure('takeOver', 1, ...(expected === undefined ? [] : [expected]));
		await sleep(2000); // as if it had not been opened just now: it has prepared for this
		const from = Date.now();
		const ended = id === 'crashed' ? leader.crash() : leader.close();
		const at = await replied;
		this.cell(id, at === null ? Infinity : at - from);
		await ended;
		return at !== null;
	}

	/** What the tab's process has for itself, more than that of an empty page. */
	async memory() {
		const { bench, store, large, keys } = this;
		const empty = await bench.empty();
		await sleep(store.rest ?? 0);
		const tab = await bench.tab(store);
		await tab.findRenderer();
		await tab.measure('open', large);
		await tab.measure('verifyBulk', keys);
		this.cell('memory', (await settled(bench, tab)) - empty);
		await tab.measure('close');
		await tab.close();
	}
}

/** MB that are private to a tab's process, when it has come to rest. */
export async function settled(bench, tab) {
	await sleep(1000);
	await bench.browser.call('HeapProfiler.collectGarbage', {}, tab.session);
	await sleep(500);
	const lines = readFileSync(`/proc/${tab.renderer}/smaps_rollup`, 'utf8');
	const kB = [...lines.matchAll(/^Private_(?:Clean|Dirty): *(\d+) kB$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
	return (kB * 1024) / 1e6;
}
