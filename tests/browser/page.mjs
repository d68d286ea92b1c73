// The daemon's page: starts a dedicated Worker for each test binary, and forwards what it says. The Worker posts its output instead
// of sending it itself, so nothing is lost when it is ended in the middle of a loop.
const base = new URL('../../', import.meta.url);
const running = new Map(); // id → Worker

const post = (path, value) => fetch(new URL(path, base), { method: 'POST', body: JSON.stringify(value ?? null) });

function base64(bytes) {
	let s = '';
	for (let i = 0; i < bytes.length; i += 0x8000) {
		s += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
	}
	return btoa(s);
}

function start(job) {
	const worker = new Worker(new URL('worker.mjs', import.meta.url), { type: 'module' });
	running.set(job.id, worker);
	let queue = [];
	let sending = false;
	const send = async (event) => {
		queue.push(event);
		if (sending) {
			return;
		}
		sending = true;
		while (queue.length > 0) {
			const events = queue;
			queue = [];
			await post(`job/${job.id}/events`, events).catch(() => {}); // the job has ended
		}
		sending = false;
	};
	worker.onmessage = ({ data: { out, err, exit } }) => {
		if (exit !== undefined) {
			send({ exit });
		} else {
			send(out !== undefined ? { out: base64(out) } : { err: base64(err) });
		}
	};
	worker.onerror = (event) => {
		send({ err: base64(new TextEncoder().encode(`worker: ${event.message ?? 'does not start'}\n`)) });
		send({ exit: 2 });
	};
	worker.postMessage({ ...job, base: base.href });
}

for (;;) {
	const commands = await (await post('next')).json();
	for (const command of commands) {
		if (command.start !== undefined) {
			start(command.start);
		} else {
			running.get(command.end)?.terminate();
			running.delete(command.end);
		}
	}
}
