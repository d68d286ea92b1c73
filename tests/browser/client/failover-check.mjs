// What must be true of a store after the fail-over torture: every acknowledged call took effect once, in the order of its client; so did each whose
// reply was lost; one whose outcome is unknown took effect once or not at all, and nothing else did.
import assert from 'node:assert/strict';

/** Calls of a tab that are under way at once on its main session. What a tab says in its last moment may not be heard. */
const UNHEARD = 3;

/** What a tab has said of its calls. */
export class Writer {
	/** The tab has ended, and its last words may be lost. */
	ended = false;
	/** id → {kind, reply | code, message}, in the order of the calls. */
	calls = new Map();

	heard({ writer, ...said }) {
		this.calls.set(said.id, { ...this.calls.get(said.id), ...said });
	}
}

/** How a call was settled: executed once for sure, or not at all, or nobody knows. */
function fate({ kind, reply, code, message, before, id }) {
	if (kind === 'pop' && reply === null) return 'not'; // its time ran out
	if (kind === 'tx' && reply === null) return 'not'; // what it watched had changed
	if (reply !== undefined) return 'settled';
	if (code === 'REPLYLOST') return 'lost';
	if (kind === 'tx' && (before || code === 'EXECABORT')) return 'not';
	assert.ok([undefined, 'UNKNOWN', 'CLOSED', 'UNRESPONSIVE'].includes(code), `${id} ${kind}: ${code} ${message}`);
	return code === undefined ? 'underway' : 'unknown';
}

const EXECUTED = ['settled', 'lost'];

function once(ids, what) {
	const seen = new Set();
	for (const id of ids) {
		assert.ok(!seen.has(id), `${what}: ${id} is there twice`);
		seen.add(id);
	}
}

const number = (id) => Number(id.split(':').at(-1));

function inOrder(ids, what) {
	for (let i = 1; i < ids.length; i++) {
		assert.ok(number(ids[i - 1]) < number(ids[i]), `${what}: ${ids[i]} stands behind ${ids[i - 1]}`);
	}
}

/** Fails unless what the store holds is what the calls say. Gives how often calls ended in which way. */
export function verify(held, writers) {
	const fates = {};
	for (const writer of writers) {
		for (const call of writer.calls.values()) {
			call.fate = fate(call);
			const ways = (fates[call.kind] ??= {});
			ways[call.fate] = (ways[call.fate] ?? 0) + 1;
		}
	}
	const streams = bySender(held.stream);
	writers.forEach((writer, i) => verifyWriter(writer, i + 1, held.lists[i], streams.get(i + 1) ?? [], held.counters[i]));
	verifyTransactions(held, writers);
	verifyJobs(held.jobs, writers);
	return fates;
}

function bySender(ids) {
	const senders = new Map();
	for (const id of ids) {
		const sender = Number(id.split(':')[0]);
		if (!senders.has(sender)) senders.set(sender, []);
		senders.get(sender).push(id);
	}
	return senders;
}

// Its own list, counter and part of the stream.
function verifyWriter(writer, n, list, stream, counter) {
	for (const [ids, what] of [[list, `list ${n}`], [stream, `stream of ${n}`]]) {
		once(ids, what);
		inOrder(ids, what);
	}
	const there = { push: new Set(list), multi: new Set(list), add: new Set(stream) };
	let low = 0; // what the counter is at least, and at most
	let high = 0;
	for (const { id, kind, reply, fate } of writer.calls.values()) {
		const executed = EXECUTED.includes(fate);
		if (kind === 'incr' || kind === 'multi') {
			low += executed;
			high++;
			if (reply !== undefined) {
				assert.ok(reply >= low && reply <= high, `${id} was told ${reply}, executed were ${low} to ${high}`);
				low = high = reply;
			}
		}
		assert.ok(!executed || there[kind] === undefined || there[kind].has(id), `${id} ${kind} was executed, and is not there`);
	}
	assert.ok(counter >= low && counter <= high + (writer.ended ? UNHEARD : 0), `counter ${n} says ${counter}, executed were ${low} to ${high}`);
}

// Each ran on what it had read: the value that it wrote is its place in the list.
function verifyTransactions({ transactions, watched }, writers) {
	const ids = transactions.map((entry, i) => {
		const [id, value] = entry.split('=');
		assert.equal(Number(value), i + 1, `${entry} ran on what another had changed`);
		return id;
	});
	once(ids, 'transactions');
	bySender(ids).forEach((own, sender) => inOrder(own, `transactions of ${sender}`));
	assert.equal(watched, ids.length, 'half of a transaction');
	const ran = new Set(ids);
	for (const { id, kind, fate } of writers.flatMap((writer) => [...writer.calls.values()])) {
		if (kind !== 'tx') continue;
		assert.ok(!EXECUTED.includes(fate) || ran.has(id), `${id} ran, and is not there`);
		assert.ok(fate !== 'not' || !ran.has(id), `${id} was told not to have run, and is there`);
	}
}

// Each was taken once, or is there yet, or was taken by a pop of which nothing was heard.
function verifyJobs(left, writers) {
	const calls = writers.flatMap((writer) => [...writer.calls.values()]);
	const taken = calls.filter(({ kind, fate }) => kind === 'pop' && fate === 'settled').map(({ reply }) => reply);
	once([...taken, ...left], 'jobs');
	bySender(left).forEach((own, sender) => inOrder(own, `jobs of ${sender}`));
	const seen = new Set([...taken, ...left]);
	const missing = calls.filter(({ id, kind, fate }) => kind === 'job' && EXECUTED.includes(fate) && !seen.has(id)).map(({ id }) => id);
	const pops = calls.filter(({ kind, fate }) => kind === 'pop' && ['lost', 'unknown', 'underway'].includes(fate)).length;
	const unheard = writers.filter(({ ended }) => ended).length;
	assert.ok(missing.length <= pops + unheard, `${missing.length} jobs are gone, and ${pops} pops may have taken one: ${missing.slice(0, 9)}`);
}
