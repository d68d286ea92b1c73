/**
 * node-redis in the page. It has no option for a transport of its own: a bundler puts this module in the place of `node:net`, and then its
 * connections end at a store of the page instead of a server. What the bundle needs is named at {@link listen}.
 */
import type { ByteStream } from "./live/sessions.js";
import type { EventListener } from "./socket/emitter.js";
import { bufferType, StreamSocket, type BufferType } from "./socket/socket.js";

/** Where connections end: hosts of the page. */
const hosts = new Map<string, { stream(): ByteStream }>();

/** What is used of the options of Node's `net.createConnection`. */
export interface ConnectionOptions {
  host?: string;
  port?: number;
}

let buffer: BufferType | undefined;

/** Options of {@link listen}. */
export interface ListenOptions {
  /** The Buffer of the bundle, if it is not global. */
  Buffer?: BufferType;
}

/**
 * Makes a store the server of a host name, whatever the port, until the function that is returned is called. Connections that are open
 * then go on.
 *
 * ```ts
 * import { createClient } from "redis"; // bundled with the alias node:net → tabdis/node-redis
 * listen("app", db);
 * const client = await createClient({ socket: { host: "app" }, maintNotifications: "disabled" }).connect();
 * ```
 *
 * When another tab comes to lead, connections end as those to a server that goes, and the client connects again.
 *
 * In the bundle `node:net` and `node:tls` are aliases of `tabdis/node-redis`. It has to give further: global `Buffer`, `process` (`env`)
 * and `setImmediate`; `node:events`, `stream` (`readable-stream`), `node:assert`, `node:url` (`URL`), `node:timers/promises`
 * (`setTimeout`), `node:crypto` (`randomBytes`), `node:perf_hooks`. `dns/promises` and `node:diagnostics_channel` may be empty; without the
 * first the client needs `maintNotifications: "disabled"`. A host for which nothing listens is refused with ECONNREFUSED: no page can
 * open a TCP connection.
 */
export function listen(host: string, db: { stream(): ByteStream }, options: ListenOptions = {}): () => void {
  buffer = bufferType(options.Buffer ?? buffer);
  hosts.set(host, db);
  return () => {
    if (hosts.get(host) === db) hosts.delete(host);
  };
}

/** Node's `net.createConnection(options, connected?)` and `net.createConnection(port, host?, connected?)`. */
export function createConnection(to: ConnectionOptions | number, ...rest: (string | EventListener | undefined)[]): StreamSocket {
  const host = (typeof to === "number" ? rest.find((word) => typeof word === "string") : to.host) ?? "localhost";
  const port = typeof to === "number" ? to : to.port;
  const socket = new StreamSocket(() => {
    const db = hosts.get(host);
    if (db === undefined) {
      const error = new Error(`connect ECONNREFUSED: no store of this page listens as ${host}`);
      throw Object.assign(error, { code: "ECONNREFUSED", syscall: "connect", address: host, port });
    }
    return db.stream();
  }, bufferType(buffer));
  const connected = rest.find((word) => typeof word === "function");
  if (connected !== undefined) socket.once("connect", connected);
  return socket;
}

/** The same under Node's other name. */
export const connect = createConnection;

/** What connections are made of. */
export const Socket = StreamSocket;

/** A host of the page is a name. */
export const isIP = (): 0 => 0;
/** As {@link isIP}. */
export const isIPv4 = (): false => false;
/** As {@link isIP}. */
export const isIPv6 = (): false => false;

/** What is imported as a whole: `import net from "node:net"`. @hidden */
export default { createConnection, connect, Socket, isIP, isIPv4, isIPv6, listen };
