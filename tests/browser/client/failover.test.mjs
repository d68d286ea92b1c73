// Tabs that write to one store while the tab that leads is closed, crashed, killed, reloaded, frozen or stopped, or its Worker hangs, over and
// over, and followers fall asleep meanwhile: at the end every write that was acknowledged is there once, and in the order of its client; so is
// each whose reply was lost. `TABDIS_FAILOVERS` is how often, `TABDIS_SEED` repeats a run's choices, `TABDIS_FAILOVER` picks runs ("idb both").
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Writer, verify } from './failover-check.mjs';
import { FILES, holdings, rest, work } from './failover-work.mjs';
import { Site } from './harness.mjs';
import { overBackends, targets } from './targets.mjs';
import { browserOf } from './windows.mjs';

const SEED = Number(process.env.TABDIS_SEED ?? Date.now() % 1e9);
const TABS = 4;

/** How long a store may be without a leader, in ms: a stopped tab may be the next, and wakes by then. */
const LEADERLESS = 30_000;

/** A process stands still for longer than a Worker may be silent. */
const STANDSTILL = 4500;

function random(seed) {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/** Tabs at work on one store, and what may happen to them. */
class Tabs {
	writers = [];
	awake = [];
	asleep = []; // frozen, or their process is stopped
	happened = {};

	constructor(browser, choosePage, name, backend, choose) {
		Object.assign(this, { browser, choosePage, name, backend, choose });
	}

	async open() {
		const tab = await this.browser.open(this.choosePage(), (said) => said.writer && this.writers[said.writer - 1].heard(said));
		await tab.findRenderer();
		await this.begin(tab);
	}

	async begin(tab) {
		this.awake.push(tab);
		tab.writer = new Writer();
		const n = this.writers.push(tab.writer);
		await tab.run(work, this.name, this.backend, n, n % 3 === 0 ? 3000 : 0);
	}

	/** The tab that leads. */
	async leader() {
		const end = Date.now() + LEADERLESS;
		while (Date.now() < end) {
			for (const tab of this.awake) {
				if (await leads(tab)) return tab;
			}
			await sleep(20);
		}
		assert.fail('nobody leads');
	}

	/** Something happens to a tab. */
	async happens(what, tab, whom) {
		this.happened[`${whom} ${what}`] = (this.happened[`${whom} ${what}`] ?? 0) + 1;
		await this[what](tab);
	}

	async ends(tab, how) {
		this.awake.splice(this.awake.indexOf(tab), 1);
		tab.writer.ended = true;
		await how();
		await this.open();
	}

	closed = (tab) => this.ends(tab, () => tab.close());
	crashed = (tab) => this.ends(tab, () => tab.crash());
	killed = (tab) => this.ends(tab, () => tab.killRenderer());

	async left(tab) {
		await tab.run(async () => {
			working = false;
			await db.close(); // settles all
		});
		await this.ends(tab, () => tab.close());
		tab.writer.ended = false;
	}

	async reloaded(tab) {
		this.awake.splice(this.awake.indexOf(tab), 1);
		tab.writer.ended = true;
		await tab.reload();
		const anew = () => globalThis.tabdis !== undefined && globalThis.db === undefined;
		while (!(await tab.run(anew).catch(() => false))) await sleep(10); // the page that is left answers too, or nobody
		await this.begin(tab);
	}

	async hung(tab) {
		tab.run(() => void db.call('DEBUG', 'SLEEP', 60).catch(() => {}));
		for (let tries = 0; (await leads(tab)) && tries < 100; tries++) await sleep(100);
	}

	// Its page ends the Worker, so that another leads; it is woken when some have led.
	async frozen(tab) {
		this.fallsAsleep(tab);
		tab.rounds = 1 + this.choose(3);
		await this.browser.call('Page.setWebLifecycleState', { state: 'frozen' }, tab.session);
		tab.wake = () => this.browser.call('Page.setWebLifecycleState', { state: 'active' }, tab.session);
	}

	// Nobody can take over from a process that stands still, nor from one that comes next: the others wait until it goes on.
	async stopped(tab) {
		this.fallsAsleep(tab);
		tab.rounds = Infinity;
		tab.stop();
		const goesOn = sleep(STANDSTILL + this.choose(1500)).then(() => tab.continue());
		tab.wake = () => goesOn;
		goesOn.then(() => this.wakes(tab));
	}

	fallsAsleep(tab) {
		this.awake.splice(this.awake.indexOf(tab), 1);
		this.asleep.push(tab);
	}

	async wakes(tab) {
		await tab.wake();
		const at = this.asleep.indexOf(tab);
		if (at >= 0) this.awake.push(...this.asleep.splice(at, 1));
	}

	async passes() {
		for (const tab of [...this.asleep]) {
			if (--tab.rounds <= 0) await this.wakes(tab);
		}
	}

	async rest() {
		for (const tab of [...this.asleep]) await this.wakes(tab);
		await Promise.all(this.awake.map((tab) => tab.run(rest)));
		await sleep(200); // the last words
	}
}

const leads = (tab) => tab.run(() => db.store.role === 'leader');

/** What ends a leader, and what happens to followers meanwhile. Only Chromium freezes a page when told to. */
const WAYS = {
	chromium: {
		ends: ['closed', 'crashed', 'killed', 'left', 'reloaded', 'hung', 'frozen', 'frozen', 'stopped'],
		beside: ['frozen', 'stopped', 'killed', 'closed'],
		failovers: 6,
	},
	others: { ends: ['closed', 'crashed', 'left', 'reloaded', 'hung'], beside: ['closed'], failovers: 4 },
};

const LINKS = {
	ports: ['ports.html'],
	channels: ['channels.html'],
	both: ['ports.html', 'channels.html'],
};

const wanted = (backend, links) => `${backend} ${links}`.match(process.env.TABDIS_FAILOVER ?? '');

for (const target of targets) {
	overBackends(target, ['opfs', 'idb'], (_, backend) => {
		const all = target === 'chromium' ? ['ports', backend === 'opfs' ? 'channels' : 'both'] : ['ports'];
		for (const links of all.filter((links) => wanted(backend, links))) {
			describe(`linked by ${links}`, () => suite(target, backend, links));
		}
	}, `, ${TABS} tabs (seed ${SEED})`);
}

function suite(target, backend, links) {
	const pages = LINKS[links];
	const { ends, beside, failovers } = WAYS[target] ?? WAYS.others;
	const times = Number(process.env.TABDIS_FAILOVERS ?? failovers);
	let site, browser;
	before(async () => {
		site = await new Site().start();
		Object.entries(FILES).forEach(([path, text]) => site.files.set(path, text));
		browser = browserOf(target, site);
	});
	after(async () => {
		await browser.dispose();
		site.stop();
	});

	it(`executes each request once over ${times} fail-overs`, { timeout: 120_000 + times * 20_000 }, async (t) => {
		const name = `failover-${backend}-${links}`;
		const choose = random(SEED);
		const tabs = new Tabs(browser, () => site.url + pages[choose(pages.length)], name, backend, choose);
		for (let i = 0; i < TABS; i++) {
			await tabs.open();
		}
		const first = [...new Set(ends)]; // each way once, if there are so many
		for (let n = 0; n < times; n++) {
			await sleep(choose(300));
			await tabs.passes();
			const leader = await tabs.leader();
			const followers = tabs.awake.filter((tab) => tab !== leader);
			if (tabs.asleep.length === 0 && choose(4) === 0) {
				await tabs.happens(beside[choose(beside.length)], followers[choose(followers.length)], 'follower');
			}
			await tabs.happens(first.splice(choose(first.length), 1)[0] ?? ends[choose(ends.length)], leader, 'leader');
		}
		await tabs.rest();
		const held = await tabs.awake[0].run(holdings, tabs.writers.length);
		const fates = verify(held, tabs.writers);
		await loadsAgain(site, browser, name, backend, tabs.writers.length, held);
		t.diagnostic(`${JSON.stringify(tabs.happened)}: ${JSON.stringify(fates)}`);
	});
}

/** Killed with all its processes, closed, or as it was at its last lsn: the log makes the same store of it, and nothing is wrong with it. */
async function loadsAgain(site, browser, name, backend, writers, held) {
	const open = async () => {
		const tab = await browser.open(`${site.url}ports.html`, () => {});
		await tab.run(async (options) => void (globalThis.db = await tabdis.open(options)), { name, backend, config: { 'enable-debug-command': 'yes' } });
		return tab;
	};
	await browser.kill();
	const killed = await open();
	assert.deepEqual(await killed.run(holdings, writers), held, 'what the log makes of it');
	await killed.run(() => db.close());
	const { verdict, problem, lsn } = await killed.run((name) => tools.checkLog(name), name);
	assert.equal(verdict, 'clean', JSON.stringify(problem));
	const past = async (name, lsn) => {
		const past = await tools.openAt(name, lsn);
		const transactions = await past.call('LRANGE', 'transactions', 0, -1);
		await past.close();
		return transactions;
	};
	assert.deepEqual(await killed.run(past, name, lsn), held.transactions, 'what it was at its last lsn');
	await killed.close();
	const closed = await open();
	assert.equal((await closed.run(holdings, writers)).digest, held.digest, 'what is there behind a clean end');
	await closed.run(() => db.close());
}
