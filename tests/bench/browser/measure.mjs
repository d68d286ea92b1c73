// What is asked of every store, in its page. `db` is the store that open() of stores/*.mjs gives.

const key = (i) => `key:${String(i).padStart(6, '0')}`;
const value = (i) => `value ${i} `.padEnd(32, 'x');

/** Keys that the rows of small stores use. */
const SMALL = 1000;

/** ms after which a row has enough figures, if it has one. */
const ENOUGH = 3000;

let db;
let written; // how the values of the small keys differ from row to row

/** ms that opening may take: PGlite makes a thousand files the first time. */
const PATIENCE = 60_000;

export async function open(name, relaxed = false) {
	db = await soon(globalThis.openStore(name, relaxed), 'the open store', PATIENCE);
	written = 0;
}

export const close = () => db.close();

async function verify(i, expected) {
	const found = await db.get(key(i));
	if (found !== expected) throw new Error(`${key(i)} is ${found}, and should be ${expected}`);
}

/** The small keys are all there, with the values of the last round. */
async function verifySmall() {
	for (let i = 0; i < SMALL; i += 97) await verify(i, value(written + i));
}

const small = () => Array.from({ length: SMALL }, (_, i) => [key(i), value(written + i)]);

export async function fill() {
	written += SMALL;
	await db.together(small());
	await verifySmall();
}

/** What `once(i)` gives, n times; what it gave `before` that does not count, since the browser was still compiling. */
async function repeat(n, before, once) {
	const figures = [];
	let end = performance.now() + ENOUGH;
	for (let i = 0; i < before && performance.now() < end; i++) await once(i);
	end = performance.now() + ENOUGH;
	for (let i = 0; i < n && (i === 0 || performance.now() < end); i++) figures.push(await once(i));
	return figures;
}

/** µs of each of n calls, one after another. */
function oneByOne(n, before, call) {
	return repeat(n, before, async (i) => {
		const t = performance.now();
		await call(i % SMALL);
		return 1000 * (performance.now() - t);
	});
}

// Each value is another one: SQLite writes nothing, and flushes nothing, when a row is to be what it is.
export async function sets(n, before) {
	let last = written + SMALL;
	const times = await oneByOne(n, before, (i) => db.set(key(i), value(++last)));
	written = last;
	await fill();
	return times;
}

export const gets = (n, before) => oneByOne(n, before, (i) => db.get(key(i)));

/** µs for each of the keys that `calls` is given: all small ones, or the first of them. */
function atOnce(n, before, calls, crowd = SMALL) {
	return repeat(n, before, async () => {
		written += SMALL;
		const pairs = small();
		const t = performance.now();
		await calls(pairs.slice(0, crowd));
		const took = performance.now() - t;
		if (crowd < SMALL) await db.together(pairs.slice(crowd));
		await verifySmall();
		return (1000 * took) / crowd;
	});
}

/** Calls at once, each a write of its own. */
export const concurrentSets = (n, before, crowd) => atOnce(n, before, (pairs) => Promise.all(pairs.map(([k, v]) => db.set(k, v))), crowd);

/** 1,000 keys in one transaction. */
export const together = (n, before) => atOnce(n, before, (pairs) => db.together(pairs));

export function concurrentGets(n, before, crowd = SMALL) {
	const keys = Array.from({ length: crowd }, (_, i) => key(i));
	return repeat(n, before, async () => {
		const t = performance.now();
		const values = await Promise.all(keys.map((k) => db.get(k)));
		const took = performance.now() - t;
		if (values.some((v, i) => v !== value(written + i))) throw new Error('a get found another value');
		return (1000 * took) / crowd;
	});
}

/** Ends with an error what never comes. */
function soon(promise, what, patience = 30_000) {
	let timer;
	const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`${what} has not come`)), patience)));
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** µs from a change's acknowledgement to the callback of a live query that reads its key; below 0 when the callback comes first. */
export async function live(n, before) {
	let expected, heard;
	const next = (v) => {
		expected = v;
		return soon(new Promise((resolve) => (heard = resolve)), `the callback of ${v}`);
	};
	const k = key(7);
	const first = next(value(written + 7));
	const stop = await db.live(k, (v) => v === expected && heard(performance.now()));
	await first;
	let changes = 1e9;
	const times = await repeat(n, before, async () => {
		const v = value(changes++);
		const called = next(v);
		await db.set(k, v);
		const acknowledged = performance.now();
		return 1000 * ((await called) - acknowledged);
	});
	stop();
	await fill();
	return times;
}

/** µs of a synchronous read from the cache. */
export async function cached(n) {
	const keys = Array.from({ length: SMALL }, (_, i) => key(i));
	for (const k of keys) db.cached(k);
	for (let tries = 0; keys.some((k) => db.cached(k) === undefined); tries++) {
		if (tries === 100) throw new Error('the cache does not fill');
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	const each = [];
	for (let round = -2; round < n; round++) {
		let length = 0;
		const t = performance.now();
		for (let i = 0; i < 1000; i++) for (let j = 0; j < SMALL; j++) length += db.cached(keys[j]).length;
		if (round >= 0) each.push((performance.now() - t) / SMALL); // ms for 1,000 × 1,000 are µs × 1,000
		if (length !== 1000 * SMALL * 32) throw new Error('the cache holds something else');
	}
	return each;
}

/** ms in which n keys are written and durable. */
export async function bulk(n) {
	const pairs = Array.from({ length: n }, (_, i) => [key(i), value(i)]);
	const t = performance.now();
	await db.load(pairs);
	const took = performance.now() - t;
	await verifyBulk(n);
	return took;
}

/** All n keys are there, and a sample has its values. */
export async function verifyBulk(n) {
	const count = await db.count();
	if (count !== n) throw new Error(`the store has ${count} keys of ${n}`);
	for (let i = 0; i < n; i += Math.ceil(n / 200)) await verify(i, value(i));
}

/** ms from the call to the first answered get, of a store with n keys. */
export async function coldOpen(name, n) {
	const t = performance.now();
	await open(name);
	const found = await db.get(key(n >> 1));
	const took = performance.now() - t;
	if (found !== value(n >> 1)) throw new Error(`the store was opened, and ${key(n >> 1)} is ${found}`);
	return took;
}

/** ms after which nobody waits for a hand-over any more. */
const GIVEN_UP = 10_000;

/** When this tab, which follows, has its first reply after it took over: Date.now(). Null when none comes. */
export function takeOver(i, expected = value(i)) {
	const late = new Promise((resolve) => setTimeout(resolve, GIVEN_UP, null));
	return Promise.race([firstReply(i, expected), late]);
}

async function firstReply(i, expected) {
	for (;;) {
		let found;
		try {
			found = await db.get(key(i));
		} catch {
			await new Promise((resolve) => setTimeout(resolve, 1)); // a rival's calls fail meanwhile
			continue;
		}
		if (!db.leads()) continue;
		if (found !== expected) throw new Error(`${key(i)} is ${found} after the hand-over`);
		return Date.now();
	}
}

export const leads = () => db.leads();

/** The value of the small key after fill() in whichever tab. */
export const smallValue = (i) => value(written + i);

/** A follower goes on where the leader's page stands. */
export const follow = (from) => void (written = from);
export const standing = () => written;
