// SQLite in a Worker of its own, as its opfs-sahpool VFS demands; the few messages that a page needs.
export async function open(name, relaxed) {
	const worker = new Worker('/stores/sqlite-worker.js', { type: 'module' });
	const waiting = new Map();
	let last = 0;
	worker.onerror = (event) => waiting.forEach(({ reject }) => reject(new Error(event.message)));
	worker.onmessage = ({ data: { id, value, error } }) => {
		const { resolve, reject } = waiting.get(id);
		waiting.delete(id);
		if (error === undefined) resolve(value);
		else reject(new Error(error));
	};
	const ask = (what, ...args) =>
		new Promise((resolve, reject) => {
			waiting.set(++last, { resolve, reject });
			worker.postMessage({ id: last, what, args });
		});
	await ask('open', name, relaxed === true);
	return {
		set: (key, value) => ask('set', key, value),
		get: (key) => ask('get', key),
		together: (pairs) => ask('write', pairs),
		load: (pairs) => ask('write', pairs),
		count: () => ask('count'),
		async close() {
			await ask('close');
			worker.terminate();
		},
	};
}
