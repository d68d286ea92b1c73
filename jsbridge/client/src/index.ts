export { open, Database, type Caller } from "./client.js";
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
