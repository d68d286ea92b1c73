// The syncer: a Worker beside the engine's that flushes files with handles of its own, so that everysec never stops the engine.
// It needs handles that can be shared ({mode: 'readwrite-unsafe'}), and never writes.

/**
 * Serves sync requests {ticket, handle, path} with {ticket, error}; {closed} is a handle that is needed no more. It ends by terminate(),
 * which releases its handles.
 */
export function runSyncer(scope = globalThis) {
	const opened = new Map(); // handle → promise of a sync access handle
	scope.onmessage = async ({ data }) => {
		const { ticket, handle, path, closed } = data;
		if (closed !== undefined) {
			const access = opened.get(closed);
			opened.delete(closed);
			(await access?.catch(() => null))?.close();
			return;
		}
		let error = null;
		try {
			if (!opened.has(handle)) {
				opened.set(handle, open(path));
			}
			(await opened.get(handle)).flush();
		} catch (e) {
			opened.delete(handle);
			error = { name: e.name, message: e.message };
		}
		scope.postMessage({ ticket, error });
	};
}

async function open(path) {
	let directory = await navigator.storage.getDirectory();
	for (const name of path.slice(0, -1)) {
		directory = await directory.getDirectoryHandle(name);
	}
	const file = await directory.getFileHandle(path.at(-1));
	return file.createSyncAccessHandle({ mode: 'readwrite-unsafe' });
}
