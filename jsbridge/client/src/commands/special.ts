import type { Argument } from "../types.js";
import type { EvalOptions, Expiration, GeoBy, GeoFrom, GeoStoreOptions, MigrateOptions, SetOptions, WeightedKey, XAddOptions, ZRangeOptions } from "./options.js";
import { coded, plain } from "./shape.js";

/** Sends an option, and tells whether it was there. */
export type Taken = (out: Argument[], options: unknown) => boolean;

/** Arguments and options that no other command has. As an argument's way, what they return means nothing. */
export const ownWays: Record<string, (out: Argument[], value: never, args: readonly unknown[]) => boolean | void> = {
  expiring(out, options: { type?: string; value?: Expiration["value"] }) {
    const { type, value } = options;
    if (type === undefined) return false;
    out.push(type);
    if (value !== undefined) out.push(coded(value, type === "EXAT" ? "t" : "T"));
    return true;
  },

  expiration(out, { expiration }: SetOptions) {
    if (expiration === undefined) return false;
    return ownWays["expiring"]?.(out, (typeof expiration === "string" ? { type: expiration } : expiration) as never, []);
  },

  by(out, { BY }: ZRangeOptions) {
    if (BY) out.push("BY" + BY);
    return BY !== undefined;
  },

  count(out, { COUNT }: GeoStoreOptions) {
    if (COUNT === undefined) return false;
    if (typeof COUNT === "number") out.push("COUNT", COUNT);
    else out.push("COUNT", COUNT.value, ...(COUNT.ANY ? ["ANY"] : []));
    return true;
  },

  store(out, { STOREDIST }: GeoStoreOptions) {
    out.push(STOREDIST ? "STOREDIST" : "STORE");
  },

  trim(out, { TRIM }: XAddOptions) {
    if (TRIM === undefined) return false;
    out.push(TRIM.strategy);
    if (TRIM.strategyModifier) out.push(TRIM.strategyModifier);
    out.push(TRIM.threshold);
    if (TRIM.limit !== undefined) out.push("LIMIT", TRIM.limit);
    return true;
  },

  from(out, from: GeoFrom) {
    if (plain(from)) out.push("FROMMEMBER", from as Argument);
    else out.push("FROMLONLAT", from.longitude, from.latitude);
  },

  within(out, by: GeoBy) {
    if ("radius" in by) out.push("BYRADIUS", by.radius, by.unit);
    else out.push("BYBOX", by.width, by.height, by.unit);
  },

  weighted(out, keys: unknown) {
    const list = (Array.isArray(keys) ? keys : [keys]) as (Argument | WeightedKey)[];
    out.push(list.length);
    const weighted = list.filter((key): key is WeightedKey => !plain(key));
    for (const key of list) out.push(plain(key) ? (key as Argument) : key.key);
    if (weighted.length > 0) out.push("WEIGHTS", ...weighted.map(({ weight }) => coded(weight)));
  },

  eval(out, options: EvalOptions | undefined) {
    const { keys = [], arguments: others = [] } = options ?? {};
    out.push(keys.length, ...keys, ...others);
  },

  lolwut(out, version: Argument | undefined, args) {
    if (version !== undefined) out.push("VERSION", ...(args as Argument[]));
  },

  migrate(out, host: Argument, args) {
    const [, port, key, db, timeout, options = {}] = args as [unknown, Argument, Argument | Argument[], Argument, Argument, MigrateOptions?];
    const several = Array.isArray(key);
    out.push(host, port, several ? "" : key, db, timeout);
    if (options.COPY) out.push("COPY");
    if (options.REPLACE) out.push("REPLACE");
    const auth = options.AUTH;
    if (auth) out.push(...(auth.username === undefined ? ["AUTH"] : ["AUTH2", auth.username]), auth.password);
    if (several) out.push("KEYS", ...key);
  },
};
