// Logging in, to a store in Node and to a redis-server beside it: AUTH and HELLO are answered by the same bytes, and a store that asks for a
// password lets those in who have it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DIST } from '../browser/client/harness.mjs';
import { RedisServer } from './redis.mjs';

const { open } = await import(join(DIST, 'node.js'));

/** Whether this is a whole reply: a status, an error, a bulk string, a null, or HELLO's map. */
const ends = (text) => (text[0] === '%' ? text.endsWith('modules\r\n*0\r\n') : text[0] === '$' ? text.split('\r\n').length === 3 : text.endsWith('\r\n'));

/** One connection to the server; a command's reply as it came. */
function connect(port) {
	const socket = createConnection(port, '127.0.0.1').setEncoding('latin1');
	return {
		async call(...words) {
			socket.write(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
			let reply = '';
			while (!ends(reply)) {
				reply += (await once(socket, 'data'))[0];
			}
			return reply;
		},
		close: () => socket.destroy(),
	};
}

/** Without what tells one server from another. */
const plain = (reply) => reply.replace(/(version\r\n)\$\d+\r\n[\d.]+/, '$1…').replace(/(id\r\n):\d+/, '$1…');

describe('logging in', () => {
	let redis, connection, db;
	before(async () => {
		redis = await RedisServer.start();
	});
	after(() => redis.stop());

	const both = async (session, ...commands) => {
		for (const words of commands) {
			const ours = Buffer.from(await session.raw.call(...words)).toString('latin1');
			assert.equal(plain(ours), plain(await connection.call(...words)), words.join(' '));
		}
	};

	it('without a password, with one, and as a user: what is answered is what a redis-server answers', async (t) => {
		db = await open({ backend: 'memory' });
		connection = connect(redis.port);
		t.after(() => (connection.close(), db.close()));
		await connection.call('HELLO', '3');
		const session = db.session();
		await both(session,
			['AUTH', 'x'], ['AUTH', ''], ['AUTH', 'default', 'x'], ['AUTH', 'nobody', 'x'], ['AUTH'], ['AUTH', 'a', 'b', 'c'],
			['HELLO', '3', 'AUTH', 'default', 'x'], ['HELLO', '3', 'AUTH', 'nobody', 'x'], ['HELLO', '3', 'AUTH', 'default'], ['HELLO', '3', 'AUTH'],
			['HELLO', '3', 'AUTH', 'nobody', 'x', 'SETNAME', 'n'], ['CLIENT', 'GETNAME'], ['HELLO', '3', 'AUTH', 'default', 'x', 'SETNAME', 'n'],
			['CLIENT', 'GETNAME'], ['HELLO', '3', 'AUTH', 'default', 'x', 'SETNAME', 'a b'], ['HELLO', '3', 'NONSENSE'],
			['CONFIG', 'SET', 'requirepass', 'secret'], ['AUTH', 'wrong'], ['ACL', 'WHOAMI'], ['HELLO', '3', 'AUTH', 'default', 'wrong'],
			['AUTH', 'secret'], ['AUTH', 'default', 'secret'], ['RESET'], ['PING'], ['HELLO', '3', 'AUTH', 'default', 'wrong'],
			['HELLO', '3', 'AUTH', 'default', 'secret'], ['PING'], ['ACL', 'SETUSER', 'alice', 'on', '>pw', '~*', '+@all'],
			['AUTH', 'alice', 'no'], ['ACL', 'WHOAMI'], ['AUTH', 'alice', 'pw'], ['ACL', 'WHOAMI']);
	});

	it('with a password that the store was opened with: nothing runs before, and all is RESP3 behind it', async (t) => {
		db = await open({ backend: 'memory', config: { requirepass: 'secret' } });
		t.after(() => db.close());
		const noauth = { name: 'ReplyError', code: 'NOAUTH', message: 'NOAUTH Authentication required.' };
		await assert.rejects(db.call('HSET', 'h', 'f', 'v'), noauth);
		await assert.rejects(db.call('AUTH', 'wrong'), { code: 'WRONGPASS' });
		await assert.rejects(db.call('PING'), noauth);
		// Together, so that no reply has come yet that could tell how the engine speaks.
		const fields = { f: 'v' };
		const session = db.session();
		for (const [who, login] of [[db, ['AUTH', 'secret']], [session, ['HELLO', 3, 'AUTH', 'default', 'secret']], [db.session(), ['AUTH', 'default', 'secret']]]) {
			const [, , found] = await Promise.all([who.call(...login), who.call('HSET', 'h', 'f', 'v'), who.call('HGETALL', 'h')]);
			assert.deepEqual({ ...found }, fields);
		}
		assert.equal(await session.call('RESET'), 'RESET');
		await assert.rejects(session.call('GET', 'k'), noauth);
		assert.deepEqual({ ...(await Promise.all([session.call('AUTH', 'secret'), session.call('HGETALL', 'h')]))[1] }, fields);
		// A transaction is answered by what was queued in it, and by nothing more.
		const calls = [['MULTI'], ['AUTH', 'secret'], ['HGETALL', 'h'], ['EXEC']].map((words) => session.call(...words));
		assert.deepEqual(JSON.parse(JSON.stringify(await Promise.all(calls))), ['OK', 'QUEUED', 'QUEUED', ['OK', fields]]);
		await assert.rejects(db.session().call('DBSIZE'), noauth, 'each session by itself');
	});
});
