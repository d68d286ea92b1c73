export { open } from "./open.js";
export { Database, type DatabaseEvents } from "./database.js";
export { Session } from "./session.js";
export type { ByteStream } from "./stream.js";
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
