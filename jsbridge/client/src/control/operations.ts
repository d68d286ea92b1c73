/** What an open store does beside its commands. Few pages need it, so that it is loaded when it is first used. */

export { durable, rewrite } from "./durability.js";
export { exportTo } from "./export.js";
export { log } from "./log.js";
export { watchLog } from "./persistence.js";
export { status } from "./status.js";
export { destroy, estimate, persist } from "./storage.js";
