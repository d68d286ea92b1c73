import "wasm_exec";
import type { Backend, LoadProgress, LoadReport } from "../types.js";
import { createHost, type Host } from "./host.mjs";
import { platform } from "./platform.js";

/** What the exports of jsbridge/turn_js.go and open_js.go are. */
interface Exports {
  mem: WebAssembly.Memory;
  tabdis_begin(): void;
  tabdis_reserve(size: number): number;
  tabdis_turn(now: number, size: number): number;
  tabdis_tick(now: number): number;
  tabdis_flags(): number;
  tabdis_outputs(): number;
  tabdis_output_table(): number;
  tabdis_session_open(): number;
  tabdis_session_open_numbered(high: number, low: number, next: number): number;
  tabdis_session_go_on(session: number, next: number): number;
  tabdis_acked(session: number, number: number): void;
  tabdis_forget(high: number, low: number): void;
  tabdis_clients(): number;
  tabdis_client_table(): number;
  tabdis_session_close(id: number): void;
  tabdis_close(): void;
}

const OUTPUT = 1;
const RESUME = 2;
const STOPPED = 4;
const FENCED = 8;

/** Bytes fed in one turn. More are fed in several, so that no turn, and no copy in linear memory, grows with a batch. */
export const PIECE = 1 << 20;

/** The length of a frame's header: session and length. */
const FRAME = 8;

/** uint32s of a record of the output table: session, address, length, closing. */
const RECORD = 4;

/** With work under way the cron runs at least so often, in ms: Redis's `hz 10`. */
const BUSY_TICK = 100;

/** What an instance tells its owner. */
export interface Listener {
  /** A session's replies, in linear memory: to be copied before this returns. */
  output(session: number, replies: Uint8Array<ArrayBuffer>): void;
  /** The engine has ended this session. */
  ended(session: number): void;
  /** The instance is dead: nothing it was given since the last output can be said to have happened or not. */
  died(cause: string): void;
  /** Another Worker has taken the store over. The instance is not called any more: what it has in memory may be old. */
  fenced(): void;
  progress(progress: LoadProgress): void;
  log(level: number, line: string): void;
}

/** Starts the Worker that syncs off the turn. */
export type StartSyncer = () => Worker;

/** How a store is opened. */
export interface InstanceOptions {
  name: string;
  backend: Backend;
  /** Parameters and their values in turn. */
  config: readonly string[];
  /** The storage fails when told to, in the module of the tools. */
  lab?: boolean;
}

/** Why opening or closing failed, with the code that the Go side gave. */
export class InstanceError extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
    this.name = "InstanceError";
  }
}

/**
 * Thrown out of the wasm code that has called exit: Go's runtime does not expect to go on behind that call, and would, in an endless
 * loop or with nonsense in hand. It also comes out of timers and promises of wasm_exec.js, where nobody catches it.
 */
export class InstanceExit extends Error {}

/**
 * One running instance of the engine: its memory, its turns and its ticks.
 *
 * An instance that has exited (panic, out of memory) still answers calls of its exports, with nonsense: so its death is latched, and
 * nothing is called any more.
 */
export class Instance {
  /** What loading found. */
  report!: LoadReport;

  readonly #go = new Go();
  readonly #host: Host;
  #exports!: Exports;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #dead = false;
  #serving = false;
  #waking = false;
  #tickTimer: ReturnType<typeof setTimeout> | undefined;
  #tickAt = Infinity;
  readonly #immediate = new MessageChannel();
  #around: (turn: () => void) => void = (turn) => turn();
  #onClosed: ((error: InstanceError | undefined) => void) | undefined;
  readonly #listener: Listener;
  #settleOpened!: (outcome: LoadReport | InstanceError) => void;
  readonly #opened = new Promise<LoadReport | InstanceError>((resolve) => (this.#settleOpened = resolve));

  // What Go's side calls, and where it finds the options.
  readonly #bridge = {
    options: undefined as InstanceOptions | undefined,
    opened: (report: LoadReport) => this.#settleOpened(report),
    failed: (code: string, message: string) => this.#settleOpened(new InstanceError(code, message)),
    progress: (file: string, bytes: number, totalBytes: number, commands: number) =>
      this.#listener.progress({ file, bytes, totalBytes, commands }),
    closed: (code: string, message: string) => this.#onClosed?.(code === "" ? undefined : new InstanceError(code, message)),
  };

  private constructor(listener: Listener, syncer: StartSyncer | undefined) {
    this.#listener = listener;
    this.#host = createHost(syncer === undefined ? platform : { ...platform, syncer });
    this.#immediate.port1.onmessage = () => this.#tick();
  }

  /** Starts an instance of the module and opens the store. */
  static async open(
    module: WebAssembly.Module,
    { syncer, ...options }: InstanceOptions & { syncer?: StartSyncer },
    listener: Listener,
  ): Promise<Instance> {
    const instance = await Instance.prepare(module, listener, syncer);
    await instance.open(options);
    return instance;
  }

  /** Starts an instance, in which Go waits for {@link open}. It has touched no store, and may be closed as it is. */
  static async prepare(module: WebAssembly.Module, listener: Listener, syncer?: StartSyncer): Promise<Instance> {
    const instance = new Instance(listener, syncer);
    await instance.#orBury(() => instance.#start(module));
    return instance;
  }

  /** Opens the store, once. */
  async open(options: InstanceOptions): Promise<void> {
    await this.#orBury(async () => {
      this.#bridge.options = options;
      this.#guarded(() => this.#exports.tabdis_begin());
      this.#guarded(() => this.#go._resume());
      this.report = await this.#outcome();
    });
    this.#serving = true;
    this.#go._resume();
    this.#tickIn(0); // sessions come first
  }

  async #orBury(start: () => Promise<void>): Promise<void> {
    try {
      await start();
    } catch (error) {
      this.#bury();
      throw error;
    }
  }

  async #start(module: WebAssembly.Module): Promise<void> {
    const go = this.#go;
    Object.assign(globalThis, { tabdisBridge: this.#bridge });
    go.exit = (code) => {
      const cause = `the engine exited with code ${code}`;
      this.#die(cause);
      throw new InstanceExit(cause);
    };
    const running = await WebAssembly.instantiate(module, { ...go.importObject, tabdis: this.#imports() });
    this.#exports = running.exports as unknown as Exports;
    this.#host.attach(running, go);
    go.run(running).catch((error: unknown) => this.#die(error instanceof Error ? error.message : String(error)));
    if (this.#dead) await this.#outcome();
  }

  async #outcome(): Promise<LoadReport> {
    const outcome = await this.#opened;
    if (outcome instanceof InstanceError) throw outcome;
    return outcome;
  }

  #imports(): WebAssembly.ModuleImports {
    return {
      ...this.#host.imports,
      wake: () => this.#wake(),
      log: (level: number, at: number, length: number) => {
        const line = new TextDecoder().decode(this.#memory().subarray(at >>> 0, (at >>> 0) + length));
        this.#listener.log(level, line);
      },
    };
  }

  /** Opens a session and gives its number. */
  openSession(): number {
    if (!this.#serving) return 0;
    const id = this.#guarded(() => this.#exports.tabdis_session_open()) ?? 0;
    if (id === 0) this.#die("the engine has stopped");
    return id;
  }

  /**
   * Opens the session of this id, 16 hex digits, whose commands have numbers. Its client has every reply below `next`; the first output tells
   * what the log knows of the others.
   */
  openNumbered(id: string, next: number): number {
    if (!this.#serving) return 0;
    const [high, low] = halves(id);
    const session = this.#guarded(() => this.#exports.tabdis_session_open_numbered(high, low, next)) ?? 0;
    if (session === 0) this.#die("the engine has stopped");
    return session;
  }

  /** The next command of a numbered session has this number. */
  goOn(session: number, next: number): void {
    if (this.#serving && this.#guarded(() => this.#exports.tabdis_session_go_on(session, next)) === 0) this.#die("a numbered session cannot go on");
  }

  /** The client of a numbered session has every reply up to this number. */
  acked(session: number, number: number): void {
    if (this.#serving) this.#guarded(() => this.#exports.tabdis_acked(session, number));
  }

  /** Nothing more comes from the client of this id. */
  forget(id: string): void {
    const [high, low] = halves(id);
    this.#guarded(() => this.#exports.tabdis_forget(high, low));
  }

  /** The ids of clients that the engine knows. */
  numberedClients(): string[] {
    const count = this.#guarded(() => this.#exports.tabdis_clients()) ?? 0;
    const table = this.#guarded(() => this.#exports.tabdis_client_table()) ?? 0;
    const words = new Uint32Array(this.#exports.mem.buffer, table >>> 0, 2 * count);
    return Array.from({ length: count }, (_, i) => hex(words[2 * i + 1]) + hex(words[2 * i]));
  }

  closeSession(id: number): void {
    this.#guarded(() => this.#exports.tabdis_session_close(id));
  }

  /** Feeds a session and runs a turn, or several. */
  feed(session: number, batch: Uint8Array): void {
    for (let from = 0; from < batch.length && this.#serving; from += PIECE) {
      this.#turn(session, batch.subarray(from, from + PIECE));
    }
  }

  #turn(session: number, piece?: Uint8Array): void {
    this.#around(() => this.#oneTurn(session, piece));
  }

  #oneTurn(session: number, piece?: Uint8Array): void {
    const flags = this.#guarded(() => {
      if (piece === undefined) return this.#exports.tabdis_turn(Date.now(), 0);
      const size = FRAME + piece.length;
      const at = this.#exports.tabdis_reserve(size) >>> 0;
      const memory = this.#memory();
      putUint32(memory, at, session);
      putUint32(memory, at + 4, piece.length);
      memory.set(piece, at + FRAME);
      return this.#exports.tabdis_turn(Date.now(), size);
    });
    this.#heed(flags ?? STOPPED);
    if (this.#tickAt > Date.now() + BUSY_TICK) this.#tickIn(BUSY_TICK);
  }

  #tick(): void {
    this.#around(() => this.#oneTick());
  }

  #oneTick(): void {
    if (!this.#serving) return;
    const next = this.#guarded(() => this.#exports.tabdis_tick(Date.now()));
    if (next === undefined) return;
    this.#heed((this.#guarded(() => this.#exports.tabdis_flags()) ?? STOPPED) | RESUME);
    this.#tickIn(next);
  }

  #tickIn(ms: number): void {
    clearTimeout(this.#tickTimer);
    if (!this.#serving) return;
    this.#tickAt = Date.now() + ms;
    if (ms > 0) this.#tickTimer = setTimeout(() => this.#tick(), ms);
    else this.#immediate.port2.postMessage(null); // a timer of 0 ms would wait 4
  }

  // Something was posted for the engine's turn. Outside whatever call of Go this came from.
  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      if (this.#serving) this.#turn(0);
    });
  }

  #heed(flags: number): void {
    if (this.#dead) return;
    if (flags & OUTPUT) this.#deliver();
    if (flags & FENCED) {
      this.#bury();
      this.#listener.fenced();
    } else if (flags & STOPPED) this.#die("the engine has stopped");
    else if (flags & RESUME) this.#guarded(() => this.#go._resume());
  }

  #deliver(): void {
    const count = this.#guarded(() => this.#exports.tabdis_outputs()) ?? 0;
    const table = (this.#guarded(() => this.#exports.tabdis_output_table()) ?? 0) >>> 2;
    const memory = this.#memory();
    const words = new Uint32Array(memory.buffer);
    for (let i = table; i < table + count * RECORD; i += RECORD) {
      const [session = 0, at = 0, length = 0, closing = 0] = words.subarray(i, i + RECORD);
      if (length > 0) this.#listener.output(session, memory.subarray(at, at + length));
      if (closing !== 0) this.#listener.ended(session);
    }
  }

  /** Flushes and closes the log, and releases every handle. */
  async close(): Promise<void> {
    if (this.#dead) return;
    if (this.#bridge.options === undefined) {
      Object.assign(globalThis, { tabdisBridge: undefined }); // which would keep its memory
      return this.#bury();
    }
    const closed = new Promise<InstanceError | undefined>((resolve) => (this.#onClosed = resolve));
    this.#serving = false; // what comes from now on must not be taken for the death of the engine
    this.#guarded(() => this.#exports.tabdis_close());
    this.#guarded(() => this.#go._resume());
    const error = await closed;
    this.#bury();
    if (error !== undefined) throw error;
  }

  // Calls into Go. Undefined when the instance is dead, or dies of it.
  #guarded<T>(call: () => T): T | undefined {
    if (this.#dead) return undefined;
    try {
      const result = call();
      return this.#dead ? undefined : result;
    } catch (error) {
      this.#die(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #die(cause: string): void {
    if (this.#dead) return;
    const served = this.#serving;
    this.#bury();
    // Its timers and events still come, and wasm_exec.js would make an error of the Worker's of them, beside its successor.
    this.#go._resume = () => {
      throw new InstanceExit(cause);
    };
    this.#settleOpened(new InstanceError("IO", `${cause} while it opened the store`));
    this.#onClosed?.(new InstanceError("IO", cause));
    if (served) queueMicrotask(() => this.#listener.died(cause));
  }

  #bury(): void {
    this.#dead = true;
    this.#serving = false;
    clearTimeout(this.#tickTimer);
    this.#immediate.port1.close();
    this.#host.close();
  }

  #memory(): Uint8Array<ArrayBuffer> {
    const { buffer } = this.#exports.mem;
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer as ArrayBuffer);
    return this.#bytes;
  }

  /** Runs every turn and tick from now on inside `around`, to measure them. */
  measure(around: (turn: () => void) => void): void {
    this.#around = around;
  }

  /** Bytes of linear memory. */
  get memorySize(): number {
    return this.#exports.mem.buffer.byteLength;
  }
}

const hex = (n = 0): string => n.toString(16).padStart(8, "0");

function halves(id: string): [high: number, low: number] {
  return [parseInt(id.slice(0, 8), 16), parseInt(id.slice(8), 16)];
}

function putUint32(bytes: Uint8Array, at: number, n: number): void {
  bytes[at] = n;
  bytes[at + 1] = n >>> 8;
  bytes[at + 2] = n >>> 16;
  bytes[at + 3] = n >>> 24;
}
