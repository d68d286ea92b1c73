// The lock of a directory under Node, which has no advisory locks: a file that is made exclusively, names its owner, and counts while
// that lives. core/storage/osfs writes the same into the file that it locks, so that neither takes what the other has.
//
//	<pid> <start> <thread> <inode>
//
// `start` is that of the process in ticks since boot, where /proc tells, since numbers come again; `thread` the thread's number in it, for
// a thread may end before its process; `inode` that of the lock file, so that the copy of a directory is not locked.
import * as fs from 'node:fs';
import { threadId } from 'node:worker_threads';

/** The locks that this thread has: path → content. */
const held = new Map();

/** Takes the lock, from an owner that is dead if need be; throws a LockedError while somebody has it. */
export function takeLock(path) {
	while (!create(path)) {
		const found = look(path);
		if (found === null) {
			continue; // given up just now
		}
		if (alive(found)) {
			throw Object.assign(new Error(`process ${parse(found.text).pid} has it`), { name: 'LockedError' });
		}
		steal(path, found.text);
	}
}

export function giveUpLock(path) {
	held.delete(path);
	fs.unlinkSync(path);
}

/** Gives up what an instance that has died had locked: nothing of it runs any more that could write. */
export function giveUpLocks() {
	for (const [path, content] of held) {
		giveUp(path, (text) => text === content);
	}
	held.clear();
}

/**
 * Gives up the lock that a thread of this process has left when it ended. It holds as long as the process lives, so nobody else takes it
 * between the look at it and its removal; and nothing of the thread runs that could write.
 */
export function giveUpLockOf(path, thread) {
	giveUp(path, (text) => {
		const owner = parse(text);
		return owner.pid === process.pid && owner.thread === String(thread);
	});
}

function giveUp(path, isOurs) {
	try {
		if (isOurs(fs.readFileSync(path, 'utf8'))) {
			fs.unlinkSync(path);
		}
	} catch {
		// it is gone, as it should be; or the next opener says what is wrong with the directory
	}
}

/** Makes the file with its content from the first moment; false if there is one. */
function create(path) {
	const temporary = `${path}-${process.pid}-${threadId}-${Math.random().toString(36).slice(2)}`;
	const fd = fs.openSync(temporary, 'wx');
	try {
		const content = `${process.pid} ${started(process.pid)} ${threadId} ${fs.fstatSync(fd, { bigint: true }).ino}\n`;
		fs.writeSync(fd, content);
		fs.linkSync(temporary, path);
		held.set(path, content);
		return true;
	} catch (e) {
		if (e.code === 'EEXIST') {
			return false;
		}
		throw e;
	} finally {
		fs.closeSync(fd);
		fs.unlinkSync(temporary);
	}
}

/** What stands in the file, and which it is; null if there is none. */
function look(path) {
	let fd;
	try {
		fd = fs.openSync(path, 'r');
	} catch (e) {
		if (e.code === 'ENOENT') {
			return null;
		}
		throw e;
	}
	try {
		return { text: fs.readFileSync(fd, 'utf8'), inode: String(fs.fstatSync(fd, { bigint: true }).ino) };
	} finally {
		fs.closeSync(fd);
	}
}

function parse(text) {
	const [pid, start = '', thread, inode] = text.trimEnd().split(' ');
	return { pid: Number(pid), start, thread, inode };
}

/** Whether this very process runs. Signal 0 asks without disturbing. */
function alive({ text, inode }) {
	const owner = parse(text);
	if (!(owner.pid > 0) || (owner.inode !== undefined && owner.inode !== inode)) {
		return false;
	}
	try {
		process.kill(owner.pid, 0);
	} catch (e) {
		if (e.code === 'ESRCH') {
			return false;
		}
	}
	const now = started(owner.pid);
	return owner.start === '' || now === '' || now === owner.start;
}

/** Field 22 of /proc/<pid>/stat; the second field is a name in parentheses that may hold anything. '' where there is no /proc. */
function started(pid) {
	try {
		const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
		return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
	} catch {
		return '';
	}
}

/** Moves a dead owner's lock away. Two may try: the one who finds that it moved another's fresh lock puts that back. */
function steal(path, dead) {
	const aside = `${path}-${process.pid}-${threadId}-dead`;
	try {
		fs.renameSync(path, aside);
	} catch (e) {
		if (e.code === 'ENOENT') {
			return;
		}
		throw e;
	}
	try {
		if (fs.readFileSync(aside, 'utf8') !== dead) {
			fs.linkSync(aside, path);
		}
	} catch (e) {
		if (e.code !== 'EEXIST') { // a third one has it
			throw e;
		}
	} finally {
		fs.unlinkSync(aside);
	}
}
