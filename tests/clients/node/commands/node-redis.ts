// The package's methods under the names that a program imports from node-redis, over TCP.
import type { NodeClient } from "../../../../jsbridge/client/src/commands/node.js";
import { createTcpClient, type TcpOptions } from "./tcp.js";

export { MultiErrorReply, WatchError } from "../../../../jsbridge/client/src/commands/errors.js";

type Options = Omit<TcpOptions, "port"> & { socket: { port: number } };

export const createClient = ({ socket, ...options }: Options): NodeClient<TcpOptions> => createTcpClient({ ...options, port: socket.port });

/** A store needs no pool: its calls wait for no others, and what may wait has a session of its own. */
export const createClientPool = createClient;
