// What tabdis is measured against: a Worker that appends a record to an OPFS file and flushes it, by hand.
const directory = await navigator.storage.getDirectory();
const file = await directory.getFileHandle('by-hand', { create: true });
const handle = await file.createSyncAccessHandle();
const values = new Map();
const encoder = new TextEncoder();
let end = handle.getSize();

onmessage = ({ data: { id, key, value, close } }) => {
	if (close) {
		handle.close();
		postMessage({ id });
		return;
	}
	const record = encoder.encode(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`);
	handle.write(record, { at: end });
	end += record.length;
	handle.flush();
	values.set(key, value);
	postMessage({ id });
};
postMessage({ ready: true });
