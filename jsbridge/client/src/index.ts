export { open, Database, type Caller } from "./client.js";
export { destroy, persist, type Estimate, type Persistence } from "./control/storage.js";
export type { RewriteOptions, RewriteProgress, WaitOptions } from "./control/durability.js";
export type { ExportOptions, ExportProgress, ExportReport } from "./control/export.js";
export type { LogBegins, LogBlock, LogDurable, LogEvent, LogMissed, LogOptions } from "./control/log.js";
export type { LogStatus, MemoryStatus, Status } from "./control/status.js";
export {
  ClosedError,
  CorruptLogError,
  LockedError,
  NotDurableError,
  OutcomeUnknownError,
  QuotaError,
  ReplyError,
  StoreError,
  TabdisError,
} from "./errors.js";
export type {
  Argument,
  Backend,
  LoadProgress,
  LoadReport,
  OpenOptions,
  Reply,
  StoreInfo,
  SyncPolicy,
} from "./types.js";
