export type { Session } from "./api.js";
export { Client, RESP_TYPES, View, type BatchResults, type IteratorOptions } from "./client.js";
export { MultiErrorReply, WatchError } from "./errors.js";
export type { Aliases, Methods } from "./methods.js";
export type { Multi } from "./multi.js";
export type * from "./options.js";
export { SharedClient, type PubSubListener } from "./shared.js";
