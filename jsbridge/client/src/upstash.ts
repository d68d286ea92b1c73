/** @upstash/redis in the page: `new Redis(tabdisRequester(db))`. */
import { CommandEncoder } from "./encoder.js";
import type { Session, Sessions } from "./live/sessions.js";
import { ReplyReader } from "./socket/replies.js";
import type { Reply } from "./types.js";

/** What @upstash/redis asks for: a command in `body`, or with the path `pipeline` or `multi-exec` many. */
export interface UpstashRequest {
  path?: string[] | undefined;
  body?: unknown;
  headers?: Record<string, string> | undefined;
  upstashSyncToken?: string | undefined;
  /** Called with each message of a subscription, as `message,channel,text`. */
  onMessage?: ((data: string) => void) | undefined;
  isStreaming?: boolean | undefined;
  /** Ends a subscription. A command is not sent when it is aborted already. */
  signal?: AbortSignal | undefined;
}

/** One answer. For `pipeline` and `multi-exec` it is an array of these, as @upstash/redis takes it. */
export interface UpstashResponse<T> {
  result?: T;
  error?: string;
}

/** What `new Redis(…)` takes in place of an address. */
export interface UpstashRequester {
  readYourWrites: boolean;
  upstashSyncToken: string;
  /** Runs what one HTTP request of the service would carry. */
  request<T = unknown>(request: UpstashRequest): Promise<UpstashResponse<T>>;
  /** Ends its session and its subscriptions. */
  close(): Promise<void>;
}

/**
 * A requester for @upstash/redis, by which it talks to the engine instead of its service: commands, pipelines, transactions and
 * subscriptions. Commands are executed once, also when another tab comes to lead meanwhile; a subscription is made anew then, and does
 * not hear what was published in between.
 *
 * ```ts
 * const redis = new Redis(tabdisRequester(db));
 * await redis.set("user", { name: "Ada" });
 * ```
 */
export function tabdisRequester(db: Sessions): UpstashRequester {
  return new Requester(db);
}

type Answer = UpstashResponse<unknown>;

/** How long to wait before a subscription that was cut off is made anew, in ms, doubled up to the second. */
const RETRY = [50, 5000] as const;

class Requester implements UpstashRequester {
  readYourWrites = true; // there is one engine, and it does one thing after another
  upstashSyncToken = "";
  #session: Session | undefined;
  readonly #subscriptions = new Set<() => void>();
  readonly #db: Sessions;

  constructor(db: Sessions) {
    this.#db = db;
  }

  async request<T = unknown>(request: UpstashRequest): Promise<UpstashResponse<T>> {
    const { path = [], body, signal } = request;
    signal?.throwIfAborted();
    const answer = await this.#answer(path, body, request);
    return (base64Asked(request.headers) ? encoded(answer) : answer) as UpstashResponse<T>;
  }

  async close(): Promise<void> {
    for (const end of this.#subscriptions) end();
    await this.#session?.close();
    this.#session = undefined;
  }

  #answer(path: readonly string[], body: unknown, request: UpstashRequest): Promise<Answer | Answer[]> {
    switch (path[0]) {
      case "pipeline":
        return Promise.all((body as unknown[][]).map((command) => this.#run(words(command))));
      case "multi-exec":
        return this.#transaction((body as unknown[][]).map(words));
      case "subscribe":
      case "psubscribe":
        return this.#subscribe([...path], request);
      default:
        return this.#run(words([...path, ...(Array.isArray(body) ? body : body === undefined ? [] : [body])]));
    }
  }

  async #run(command: string[]): Promise<Answer> {
    this.#session ??= this.#db.session();
    try {
      return { result: plain(command, await this.#session.call(...command)) };
    } catch (error) {
      return { error: refusal(error) };
    }
  }

  // All calls are made in one turn, so that none of another request comes in between.
  async #transaction(commands: string[][]): Promise<Answer[]> {
    const session = (this.#session ??= this.#db.session());
    const [exec] = (await Promise.allSettled([["MULTI"], ...commands, ["EXEC"]].map((command) => session.call(...command)))).slice(-1);
    if (exec?.status !== "fulfilled") {
      const text = `${refusal(exec?.reason)}, command was: ${JSON.stringify(commands)}`;
      throw Object.assign(new Error(text), { name: "UpstashError" });
    }
    const replies = exec.value as Reply[];
    return replies.map((reply, i) => (reply instanceof Error ? { error: reply.message } : { result: plain(commands[i] ?? [], reply) }));
  }

  // A stream of its own, which speaks RESP2: messages are arrays.
  async #subscribe(command: string[], { onMessage, signal }: UpstashRequest): Promise<Answer> {
    let stream: ReturnType<Sessions["stream"]> | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait: number = RETRY[0];
    const open = (): void => {
      const reader = new ReplyReader();
      const encoder = new CommandEncoder(256);
      encoder.command(command);
      stream = this.#db.stream();
      stream.onData = (bytes) => {
        wait = RETRY[0];
        for (const message of reader.read(bytes)) onMessage?.(Array.isArray(message) ? message.join(",") : String(message));
      };
      stream.onEnd = () => {
        timer = setTimeout(again, wait);
        wait = Math.min(2 * wait, RETRY[1]);
      };
      stream.write(encoder.take());
    };
    const again = (): void => {
      try {
        open();
      } catch {
        end(); // the database was closed
      }
    };
    const end = (): void => {
      this.#subscriptions.delete(end);
      signal?.removeEventListener("abort", end);
      clearTimeout(timer);
      if (stream === undefined) return;
      stream.onData = stream.onEnd = undefined;
      stream.end();
    };
    open();
    this.#subscriptions.add(end);
    signal?.addEventListener("abort", end);
    return { result: 1 };
  }
}

function words(command: readonly unknown[]): string[] {
  return command.map((word) => (typeof word === "object" ? JSON.stringify(word) : String(word)));
}

/** The text of an error reply; other errors are thrown on. By name: this module and the one that makes them may be bundled apart. */
function refusal(error: unknown): string {
  if (error instanceof Error && (error.name === "ReplyError" || error.name === "NotDurableError")) return error.message;
  throw error;
}

/** Commands whose numbers are scores, texts in RESP2, and whose pairs of member and score stand flat there. */
const scored =
  /^(ZRANGE|ZREVRANGE|ZRANGEBYSCORE|ZREVRANGEBYSCORE|ZDIFF|ZINTER|ZUNION|ZPOPMIN|ZPOPMAX|ZRANDMEMBER|HRANDFIELD|ZSCORE|ZMSCORE|ZINCRBY)$/i;

/** Commands that give a map of streams, which RESP2 gives as pairs. */
const streams = /^XREAD(GROUP)?$/i;

/** A reply of RESP3 in the form of RESP2, which @upstash/redis expects. */
function plain([name = "", ...args]: readonly string[], reply: Reply): unknown {
  if (streams.test(name) && reply !== null && typeof reply === "object") return Object.entries(reply).map((pair) => flat(pair));
  if (scored.test(name) || (/^ZADD$/i.test(name) && args.some((word) => /^INCR$/i.test(word)))) {
    return Array.isArray(reply) ? reply.flat().map(text) : text(reply);
  }
  return flat(reply);
}

function text(reply: Reply): Reply {
  if (typeof reply !== "number") return reply;
  return Math.abs(reply) === Infinity ? (reply > 0 ? "inf" : "-inf") : String(reply);
}

function flat(reply: Reply): unknown {
  if (typeof reply === "bigint") return String(reply);
  if (reply === null || typeof reply !== "object" || reply instanceof Error) return reply;
  if (Array.isArray(reply)) return reply.map(flat);
  return Object.entries(reply).flatMap(([key, value]) => [key, flat(value as Reply)]);
}

function base64Asked(headers: Record<string, string> | undefined): boolean {
  return Object.entries(headers ?? {}).some(([name, value]) => name.toLowerCase() === "upstash-encoding" && value === "base64");
}

/** As the service encodes: all strings in results but a status of OK. */
function encoded(answer: Answer | Answer[]): Answer | Answer[] {
  const value = (result: unknown): unknown => {
    if (Array.isArray(result)) return result.map(value);
    if (typeof result !== "string" || result === "OK") return result;
    let bytes = "";
    for (const b of new TextEncoder().encode(result)) bytes += String.fromCharCode(b);
    return btoa(bytes);
  };
  if (Array.isArray(answer)) return answer.map((one) => encoded(one) as Answer);
  return answer.result === undefined ? answer : { result: value(answer.result) };
}
