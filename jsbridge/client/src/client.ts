/**
 * node-redis's `createClient` over a store in the browser, for programs that were written for node-redis: they change their import.
 *
 * @module client
 */

import { clientsOf } from "./commands/node.js";
import { open } from "./open.js";

/**
 * Makes a client as node-redis does: `connect()` opens the store, `close()` closes it. It takes the options of {@link open} in place of an
 * address.
 *
 * ```ts
 * import { createClient } from "tabdis/client";
 *
 * const client = createClient({ name: "shop" });
 * await client.connect();
 * await client.set("greeting", "hello");
 * ```
 */
export const createClient = clientsOf(open);
