// What lives in a heap, counted over the inspector's protocol: objects of each class, and what Maps, Sets and Arrays hold together. So a test sees
// what is left behind without knowing who keeps it. Of pages and Node: in Chromium's Workers Runtime.queryObjects ends the renderer now and then.

/** Classes by the expression that gives them; what is not there has none. */
const CLASSES = ['Map', 'Set', 'Array', 'Promise', 'Function', 'WeakRef', 'ArrayBuffer', 'EventTarget', 'MessagePort', 'BroadcastChannel', 'AbortSignal', 'AbortController', 'Worker'];

/** Runs in the inspected heap, on all objects of a class: how many there are, and what they hold. */
const COUNT = `function () {
	let held = 0;
	for (const one of this) {
		const holds = one instanceof Map || one instanceof Set ? one.size : Array.isArray(one) && one !== this ? one.length : one.pending;
		if (typeof holds === 'number') held += holds;
	}
	return [this.length, held];
}`;

/**
 * Counts them: `{Map: 3, 'in Map': 17, …}`. `call(method, params)` speaks the protocol; `more` are other classes, by name and expression, of
 * whose objects `pending` is counted.
 */
export async function census(call, more = {}) {
	const counted = {};
	const classes = [...CLASSES.map((name) => [name, `globalThis.${name}`]), ...Object.entries(more)];
	for (const [name, expression] of classes) {
		const { result } = await call('Runtime.evaluate', { expression: `(${expression})?.prototype`, objectGroup: 'census' });
		if (result.objectId === undefined) {
			continue;
		}
		const { objects } = await call('Runtime.queryObjects', { prototypeObjectId: result.objectId, objectGroup: 'census' });
		const found = await call('Runtime.callFunctionOn', { functionDeclaration: COUNT, objectId: objects.objectId, returnByValue: true });
		const [count, held] = found.result.value;
		counted[name] = count;
		if (held > 0) {
			counted[`in ${name}`] = held;
		}
		await call('Runtime.releaseObjectGroup', { objectGroup: 'census' });
	}
	return counted;
}

/** What there is more of, by so many at least. */
export function more(before, after, least = 1) {
	const grown = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]);
	return Object.fromEntries(grown.filter(([, by]) => by >= least));
}
