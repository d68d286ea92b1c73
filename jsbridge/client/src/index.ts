export { open } from "./open.js";
export { Database, type DatabaseEvents } from "./database.js";
export { Session } from "./session.js";
export { RESP_TYPES, type BatchResults, type Client, type IteratorOptions, type View } from "./commands/client.js";
export { MultiErrorReply, WatchError } from "./commands/errors.js";
export type { Multi } from "./commands/multi.js";
export type { PubSubListener } from "./commands/shared.js";
export type * from "./commands/options.js";
export type { ByteStream } from "./stream.js";
export { Cache, type CacheOptions } from "./live/cache.js";
export type { Live, LiveListener, LiveOptions } from "./live/live.js";
export type { ReadCommand } from "./live/reads.js";
export type { LiveSource, Sessions } from "./live/sessions.js";
export { destroy, persist } from "./control/load.js";
export type { Estimate, Persistence } from "./control/storage.js";
export type { RewriteOptions, RewriteProgress, WaitOptions } from "./control/durability.js";
export type { ExportOptions, ExportProgress, ExportReport } from "./control/export.js";
export type { LogBegins, LogBlock, LogDurable, LogEvent, LogMissed, LogOptions } from "./control/log.js";
export type { LogStatus, MemoryStatus, Status } from "./control/status.js";
export {
  ClosedError,
  CorruptLogError,
  LeaderUnresponsiveError,
  LockedError,
  NotDurableError,
  OutcomeUnknownError,
  QuotaError,
  ReplyError,
  ReplyLostError,
  StoreError,
  TabdisError,
} from "./errors.js";
export type {
  Argument,
  Backend,
  Caller,
  LoadProgress,
  LoadReport,
  OpenOptions,
  Reply,
  StoreInfo,
  SyncPolicy,
} from "./types.js";
