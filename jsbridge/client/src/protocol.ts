/**
 * What tabs and the leader's Worker tell each other. Three kinds of channels:
 *
 * - **Notices** on the BroadcastChannel `tabdis:<store>`: who leads, who seeks the leader, who does not answer.
 * - **Links**, one for each tab, to the leader's Worker: the Worker itself for the leader's own page, else a MessagePort that a SharedWorker
 *   brokered, else a BroadcastChannel.
 * - **Sessions**, one port for each session of the engine: RESP in batches, whole commands to the Worker and whole replies back.
 */

import type { Backend, LoadProgress, LoadReport } from "./types.js";

/** Changes with every change of these messages that an older build would misread. Builds of different numbers do not link. */
export const PROTOCOL = 1;

/** Hex digits of a tab's id, with which those of its sessions begin. */
export const TAB_DIGITS = 12;

/** A channel with another end, as MessagePort, Worker and BroadcastChannel are. */
export interface Port {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close?(): void;
}

/** Names of this store's locks and channels. `tabdis:<store>` as a lock is the storage's own. */
export const names = {
  notices: (store: string): string => `tabdis:${store}`,
  leader: (store: string): string => `tabdis:${store}:leader`,
  standby: (store: string): string => `tabdis:${store}:standby`,
  tab: (store: string, tab: string): string => `tabdis:${store}:tab:${tab}`,
};

/** The names of the SharedWorker that hands ports on, and of the Workers that only sync or rehearse: the one script in other roles. */
export const BROKER = "tabdis-broker";
export const SYNCER = "tabdis-syncer";
export const REHEARSAL = "tabdis-rehearsal";

/* Notices */

/** A tab looks for the leader, who answers with `leader`. */
export interface SeekNotice {
  type: "seek";
  tab: string;
  protocol: number;
}

/** This tab's Worker leads, and sessions may be opened. Also the answer to `seek`. */
export interface LeaderNotice {
  type: "leader";
  tab: string;
  /** Random, of this Worker: a tab may lead again. */
  term: string;
  protocol: number;
  backend: Backend;
  /** The id of its broker, "" without one: a port can be handed on where both tabs have the same. */
  broker: string;
}

/** How far the leader has loaded the log. */
export interface LoadingNotice {
  type: "loading";
  progress: LoadProgress;
}

/** The leader's Worker does not answer this tab: its page looks, and ends it. */
export interface HungNotice {
  type: "hung";
  leader: string;
}

/** A tab without a broker links over this BroadcastChannel, on which it listens already. */
export interface LinkNotice {
  type: "link";
  leader: string;
  tab: string;
  channel: string;
}

export type Notice = SeekNotice | LeaderNotice | LoadingNotice | HungNotice | LinkNotice;

/* To and from the broker */

/** The leader's page: ports for this tab's Worker go to the port that comes along. */
export interface ServeMessage {
  type: "serve";
  leader: string;
  /** The lock of that tab: when it can be had, the tab is gone. */
  lock?: string;
}

/** A follower: the port that comes along is to be handed to this leader. */
export interface ConnectMessage {
  type: "connect";
  leader: string;
  tab: string;
}

/** The broker knows no such leader. */
export interface UnknownMessage {
  type: "unknown";
  leader: string;
}

/* A page to its own Worker */

/** Waits until it is this tab's turn to lead, and opens the store: the first message. */
export interface OpenMessage {
  type: "open";
  name: string;
  /** This tab's id: 12 hex digits. */
  tab: string;
  backend: "auto" | Backend;
  /** Where the origin remembers a store of this name. */
  known: Backend[];
  /** Parameters and their values in turn. */
  config: string[];
  wasmUrl: string;
  /** The store is this page's alone (memory): no election. */
  alone: boolean;
  /** The storage fails when told to. */
  lab: boolean;
}

/** The port from the broker comes along, and that broker's id. */
export interface BrokerMessage {
  type: "broker";
  id: string;
}

/** Closes the store; `closed` follows. */
export interface CloseMessage {
  type: "close";
}

/* Over a link, to the leader's Worker */

/** Opens a session over the port that comes along, or over this BroadcastChannel. */
export interface SessionMessage {
  type: "session";
  /** Of a numbered session: 16 hex digits, the tab's id first; and the lowest number whose reply has not come. */
  id?: string;
  next?: number;
  channel?: string;
}

/** Begins an operation beside the sessions (control/control.ts), on the port that comes along, or over this BroadcastChannel. */
export interface ControlMessage {
  type: "control";
  op: string;
  args: Record<string, unknown>;
  channel?: string;
}

/** Answered by `pong`. */
export interface PingMessage {
  type: "ping";
}

export type ToWorker = OpenMessage | BrokerMessage | CloseMessage | SessionMessage | ControlMessage | PingMessage;

/* Over a link, from the leader's Worker */

/** This Worker leads now: it begins to open the store. */
export interface LeadingMessage {
  type: "leading";
}

/** Sessions may be opened: when the link is made, and again after the engine was replaced. */
export interface ReadyMessage {
  type: "ready";
  backend: Backend;
  why: string;
  load: LoadReport;
  restarts: number;
}

/** The engine died; `ready` or `failed` follows. */
export interface DiedMessage {
  type: "died";
  cause: string;
}

/** Another Worker has taken the store over from this one, which is to be ended. */
export interface FencedMessage {
  type: "fenced";
  cause: string;
}

/** Opening failed, at first or after the engine died. Nothing follows. */
export interface FailedMessage {
  type: "failed";
  code: string;
  message: string;
}

export interface ProgressMessage {
  type: "progress";
  progress: LoadProgress;
}

export interface LogMessage {
  type: "log";
  level: number;
  line: string;
}

export interface PongMessage {
  type: "pong";
}

/** The store is closed and its handles are released; with a code, not all was flushed. */
export interface ClosedMessage {
  type: "closed";
  code: string;
  message: string;
}

export type ToPage =
  | LeadingMessage
  | ReadyMessage
  | DiedMessage
  | FencedMessage
  | FailedMessage
  | ProgressMessage
  | LogMessage
  | PongMessage
  | ClosedMessage;

/* Over a session's port */

/** Of a numbered session: up to this number every reply has come. */
export interface NumberedBatch {
  acked: number;
  /** The number of the first command, in the first batch of a session. */
  first?: number;
  batch: Uint8Array<ArrayBuffer>;
}

/** The client closes the session. */
export interface EndMessage {
  type: "end";
}

/** To the Worker. The buffer of a plain batch is transferred; replies come back in it where they fit. */
export type ToSession = Uint8Array<ArrayBuffer> | NumberedBatch | EndMessage;

/** The session is there. The first bytes of a numbered one tell what the log knows of it. */
export interface SessionOpenMessage {
  type: "open";
}

/** The engine has ended the session (QUIT, a protocol error). */
export interface EndedMessage {
  type: "ended";
}

/** The session ended with the engine. */
export interface LostMessage {
  type: "lost";
  cause: string;
}

export type FromSession = Uint8Array<ArrayBuffer> | SessionOpenMessage | EndedMessage | LostMessage;
