import type { HostOptions } from "./host.mjs";

/** What the host functions need of a platform that is no browser; node/scope.ts sets it before the Worker's code runs. */
export const platform: Pick<HostOptions, "node"> = {};
