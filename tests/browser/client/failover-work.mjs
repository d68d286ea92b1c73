// What a tab does in the fail-over torture, and the page and scripts that it does it with. The functions run in the page: they say what they
// are about to call, and how each call was settled.

const PAGE = `<!doctype html><meta charset="utf-8"><title>tabdis fail-over</title><script type="module">
import * as tabdis from './client/index.js';
import * as tools from './client/tools.js';
Object.assign(globalThis, { tabdis, tools });
say('ready');
</script>`;

/**
 * Pages that link by ports and pages that link over BroadcastChannels, and the Worker's script with replies that leave late: what was executed
 * and written is not answered for a while, and a leader that ends then leaves requests that must not be executed again.
 */
export const FILES = {
	'ports.html': PAGE,
	'channels.html': PAGE.replace('import *', 'delete globalThis.SharedWorker;\nimport *'),
	'client/late.js': "import './delay.js'; import './worker.js';",
	'client/delay.js': `for (const { prototype } of [MessagePort, BroadcastChannel]) {
	const post = prototype.postMessage;
	const close = prototype.close;
	prototype.close = function () {
		this.closed = true; // a port that is closed lets nothing through, a channel would throw
		close.call(this);
	};
	prototype.postMessage = function (message, transfer) {
		if (message instanceof Uint8Array) setTimeout(() => this.closed || post.call(this, message, transfer), 30);
		else post.call(this, message, transfer);
	};
}`,
};

/** Begins to work: single calls and transactions on the main session, transactions under WATCH and pops that wait on sessions of their own. */
export async function work(name, backend, writer, unresponsive) {
	const config = { 'enable-debug-command': 'yes' };
	globalThis.db = await tabdis.open({ name, backend, unresponsive, workerUrl: new URL('./client/late.js', location), config });
	globalThis.working = true;
	// Timers of pages that are hidden wait for the next second; those of their Workers don't.
	const clock = new Worker(URL.createObjectURL(new Blob(['onmessage = ({ data }) => setTimeout(postMessage, data.ms, data.id)'])));
	const pauses = new Map();
	clock.onmessage = ({ data }) => (pauses.get(data)(), pauses.delete(data));
	let last = 0;
	const pause = (ms) => new Promise((resolve) => (pauses.set(++last, resolve), clock.postMessage({ ms, id: last })));
	const failed = ({ code, message }) => ({ code: code ?? 'BUG', message });

	// Counters, lists, streams and jobs: calls that follow one another, waited for or not.
	const write = async () => {
		for (let n = 0; working; n++) {
			const id = `${writer}:${n}`;
			const kind = ['incr', 'push', 'add', 'multi', 'job'][n % 5];
			say({ writer, kind, id });
			const call = {
				incr: () => db.call('INCR', `counter:${writer}`),
				push: () => db.call('RPUSH', `list:${writer}`, id),
				add: () => db.call('XADD', 'stream', '*', 'id', id),
				multi: () => Promise.all([db.call('MULTI'), db.call('INCR', `counter:${writer}`), db.call('RPUSH', `list:${writer}`, id), db.call('EXEC')]).then((r) => r[3][0]),
				job: () => db.call('RPUSH', 'jobs', id),
			}[kind];
			const settled = call().then(
				(reply) => say({ writer, id, reply }),
				(e) => (say({ writer, id, ...failed(e) }), pause(50)),
			);
			if (n % 3 > 0) {
				await settled;
				await pause(n % 7);
			}
		}
		await db.call('PING').catch(() => {});
	};

	// Each takes one of the jobs of all, once.
	const pop = async () => {
		const session = db.session();
		for (let n = 0; working; n++) {
			const id = `${writer}:pop:${n}`;
			say({ writer, kind: 'pop', id });
			const outcome = await session.call('BLPOP', 'nothing', 'jobs', 2).then((reply) => ({ reply: reply?.[1] ?? null }), failed);
			say({ writer, id, ...outcome });
			await pause(outcome.code === undefined ? 5 : 50);
		}
		await session.close();
	};

	// The value of `watched` is the length of the list `transactions`, if no transaction ever ran on what it had not read.
	const watch = async () => {
		const session = db.session();
		for (let n = 0; working; n++) {
			const id = `${writer}:tx:${n}`;
			say({ writer, kind: 'tx', id });
			let outcome;
			try {
				await session.call('WATCH', 'watched');
				const next = Number(await session.call('GET', 'watched')) + 1;
				await pause(n % 4);
				const calls = [['MULTI'], ['SET', 'watched', next], ['RPUSH', 'transactions', `${id}=${next}`], ['EXEC']].map((words) => session.call(...words));
				const exec = (await Promise.allSettled(calls))[3];
				outcome = exec.status === 'fulfilled' ? { reply: exec.value === null ? null : 'ran' } : failed(exec.reason);
			} catch (e) {
				outcome = { ...failed(e), before: true }; // no EXEC was sent
				await session.call('UNWATCH').catch(() => {});
			}
			say({ writer, id, ...outcome });
			await pause(outcome.code === undefined ? 10 + (n % 5) : 50);
		}
		await session.close();
	};

	globalThis.done = Promise.all([write(), pop(), watch()]);
}

/** Ends the work when all calls are settled, and the tab is not refused by a leader that has just begun to answer again. */
export async function rest() {
	globalThis.working = false;
	await globalThis.done;
	while ((await db.call('PING').catch((e) => e.code)) !== 'PONG') await new Promise((resolve) => setTimeout(resolve, 100));
}

/** All that the store holds of the work. */
export async function holdings(writers) {
	const numbers = Array.from({ length: writers }, (_, i) => i + 1);
	return {
		lists: await Promise.all(numbers.map((n) => db.call('LRANGE', `list:${n}`, 0, -1))),
		counters: (await Promise.all(numbers.map((n) => db.call('GET', `counter:${n}`)))).map(Number),
		stream: (await db.call('XRANGE', 'stream', '-', '+')).map(([, [, id]]) => id),
		jobs: await db.call('LRANGE', 'jobs', 0, -1),
		transactions: await db.call('LRANGE', 'transactions', 0, -1),
		watched: Number(await db.call('GET', 'watched')),
		digest: await db.call('DEBUG', 'DIGEST'),
	};
}
