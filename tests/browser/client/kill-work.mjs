// What the kill suite writes. Unit i of a store, a transaction that also says i, depends on nothing but the seed and i: the page
// sends it, and the model on the suite's side repeats it. Both digest what is there in the same way.

/** A generator of numbers below n, for unit i. */
function chance(seed, i) {
	let state = (Math.imul(i, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)) >>> 0;
	return (n) => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % n;
	};
}

/** The commands of unit i. */
export function unit(seed, i) {
	const below = chance(seed, i);
	const commands = [['SET', 'at', String(i)]];
	for (let n = 1 + below(4); n > 0; n--) {
		commands.push(command(below, i));
	}
	return commands;
}

function command(below, i) {
	switch (below(12)) {
		case 0:
			return ['RPUSH', `l:${below(20)}`, String(i)];
		case 1:
			return ['LPOP', `l:${below(20)}`];
		case 2:
		case 3:
			return ['HSET', `h:${below(20)}`, `f:${below(100)}`, `${i}:${'h'.repeat(below(60))}`];
		case 4:
			return ['HDEL', `h:${below(20)}`, `f:${below(100)}`];
		case 5:
			return ['SADD', `e:${below(20)}`, `m:${below(100)}`];
		case 6:
			return ['SREM', `e:${below(20)}`, `m:${below(100)}`];
		case 7:
			return ['ZADD', `z:${below(20)}`, String(below(1000)), `m:${below(100)}`];
		case 8:
			return ['DEL', `s:${below(2000)}`];
		case 9:
			return ['INCRBY', 'n', String(below(1000))];
		default:
			return ['SET', `s:${below(2000)}`, `${i}:${'s'.repeat(below(1500))}`];
	}
}

/** What a store should hold. */
export class Model {
	keys = new Map();

	apply([name, key, ...args]) {
		const { keys } = this;
		const at = (empty) => keys.get(key) ?? keys.set(key, empty).get(key);
		switch (name) {
			case 'SET':
				keys.set(key, args[0]);
				break;
			case 'INCRBY':
				keys.set(key, String(Number(keys.get(key) ?? 0) + Number(args[0])));
				break;
			case 'DEL':
				keys.delete(key);
				break;
			case 'RPUSH':
				at([]).push(args[0]);
				break;
			case 'LPOP':
				keys.get(key)?.shift();
				break;
			case 'HSET':
				at(new Map()).set(args[0], args[1]);
				break;
			case 'ZADD':
				at(new Map()).set(args[1], Number(args[0]));
				break;
			case 'SADD':
				at(new Set()).add(args[0]);
				break;
			default: // HDEL, SREM
				keys.get(key)?.delete(args[0]);
		}
		if ((keys.get(key)?.size ?? keys.get(key)?.length) === 0) {
			keys.delete(key);
		}
	}

	/** Lines of all that is there, sorted. */
	lines() {
		return [...this.keys].map(([key, value]) => line(key, value instanceof Map || value instanceof Set ? [...value].sort() : value)).sort();
	}
}

const line = (key, value) => `${key} ${JSON.stringify(value)}`;

/** The same of a store, in the page. */
export async function linesOf(db) {
	const keys = await db.call('KEYS', '*');
	const read = {
		s: (key) => db.call('GET', key),
		l: (key) => db.call('LRANGE', key, 0, -1),
		h: async (key) => Object.entries(await db.call('HGETALL', key)).sort(),
		e: async (key) => (await db.call('SMEMBERS', key)).sort(),
		z: async (key) => (await db.call('ZRANGE', key, 0, -1, 'WITHSCORES')).sort(),
	};
	return (await Promise.all(keys.map(async (key) => line(key, await (read[key[1] === ':' ? key[0] : 's'])(key))))).sort();
}

/** SHA-256 of lines, in hex. */
export async function digest(lines) {
	const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(lines.join('\n')));
	return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/**
 * Writes unit after unit from `from` on, `window` of them under way at a time, for ever. say({acked}) as they are answered, and
 * say({rewriting}) when it looks whether a rewrite is under way, for which it asks each `rewriteEach` units.
 */
export function writeForEver(db, say, { seed, from, window, rewriteEach }) {
	let sent = from - 1;
	let acked = from - 1;
	const failed = (what) => (e) => say({ error: `${what}: ${e?.message ?? e}` });
	const settled = (i) => (replies) => {
		const bad = replies.find((r) => r instanceof Error);
		if (bad !== undefined) {
			failed(`unit ${i}`)(bad);
			return;
		}
		acked = i;
		say({ acked });
		if (sent - acked <= window / 2) {
			more();
		}
	};
	const rewrite = async () => {
		await db.call('BGREWRITEAOF').catch(() => {}); // one may be under way
		const info = await db.call('INFO', 'persistence');
		say({ rewriting: String(info).includes('aof_rewrite_in_progress:1') });
	};
	const more = () => {
		const to = acked + window;
		while (sent < to) {
			const i = ++sent;
			db.call('MULTI').catch(failed('MULTI'));
			for (const words of unit(seed, i)) {
				db.call(...words).catch(failed(words.join(' ')));
			}
			db.call('EXEC').then(settled(i), failed(`EXEC of ${i}`));
			if (i % rewriteEach === 0) {
				rewrite().catch(failed('rewrite'));
			}
		}
	};
	more();
}
