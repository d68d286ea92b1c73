import type { Database } from "tabdis";
import { type Console, element } from "./console";

const POLL = 1000; // ms

/** What INFO and CONFIG tell of the store, beside the console. */
export class Panel {
  private readonly persistence = element("persistence");
  private readonly data = element("data");
  private readonly progress = element<HTMLProgressElement>("rewrite-progress");
  private readonly rewrite = element<HTMLButtonElement>("rewrite");
  private polling = false;

  constructor(
    private readonly db: Database,
    private readonly terminal: Console,
  ) {
    this.rewrite.addEventListener("click", () => void this.startRewrite());
    this.rewrite.disabled = false;
    setInterval(() => document.visibilityState === "visible" && void this.refresh(), POLL);
    void this.refresh();
  }

  /** Asks the engine and shows what it says. */
  async refresh(): Promise<void> {
    if (this.polling || this.terminal.inTransaction) return;
    this.polling = true;
    try {
      const [info, policy] = await Promise.all([this.db.call("INFO", "everything"), this.db.call("CONFIG", "GET", "appendfsync")]);
      this.show(parseInfo(String(info)), (policy as { appendfsync?: string }).appendfsync ?? "");
    } catch {
      this.rewrite.disabled = true; // the store is gone: the console says so with the next command
    } finally {
      this.polling = false;
    }
  }

  private show(info: Map<string, string>, policy: string): void {
    if (info.size === 0) return;
    const at = (name: string): number => Number(info.get(name) ?? 0);
    const wrong = info.get("aof_last_write_status") === "err";
    const rows: [term: string, value: string, bad?: boolean][] = [["Kept in", BACKENDS[this.db.store.backend]]];
    if (this.db.store.backend !== "memory") {
      rows.push(
        ["Sync policy", policy],
        ["Log size", bytes(at("aof_current_size"))],
        ["After last rewrite", bytes(at("aof_base_size"))],
        ["Last sync", ago(at("aof_last_fsync_ms"), at("server_time_usec") / 1000)],
        ["Last write", wrong ? "failed" : "ok", wrong],
      );
    }
    list(this.persistence, rows);
    list(this.data, [
      ["Keys", keys(info).toLocaleString("en")],
      ["Memory", bytes(at("used_memory"))],
      ["Commands", at("total_commands_processed").toLocaleString("en")],
      ["Expired", at("expired_keys").toLocaleString("en")],
    ]);
    const rewriting = at("aof_rewrite_in_progress") === 1;
    this.progress.hidden = !rewriting;
    const done = info.get("aof_rewrite_perc");
    if (done === undefined) this.progress.removeAttribute("value");
    else this.progress.value = Number(done);
    this.rewrite.disabled = rewriting || this.db.store.backend === "memory";
    this.rewrite.textContent = rewriting ? "Rewriting …" : "Rewrite the log";
  }

  private async startRewrite(): Promise<void> {
    const before = await this.size();
    try {
      await this.db.call("BGREWRITEAOF");
    } catch (error) {
      this.terminal.note(error instanceof Error ? error.message : String(error));
      return;
    }
    this.rewrite.disabled = true;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await this.refresh();
      const info = parseInfo(String(await this.db.call("INFO", "persistence")));
      if (info.get("aof_rewrite_in_progress") === "1" || info.get("aof_rewrite_scheduled") === "1") continue;
      const ok = info.get("aof_last_bgrewrite_status") === "ok";
      this.terminal.note(ok ? `Log rewritten: ${bytes(before)} → ${bytes(Number(info.get("aof_current_size")))}` : "The rewrite failed.");
      return this.refresh();
    }
  }

  private async size(): Promise<number> {
    return Number(parseInfo(String(await this.db.call("INFO", "persistence"))).get("aof_current_size"));
  }
}

const BACKENDS = { opfs: "OPFS", idb: "IndexedDB", files: "files", memory: "memory only" } as const;

function parseInfo(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

function keys(info: Map<string, string>): number {
  let total = 0;
  for (const [name, value] of info) {
    if (/^db\d+$/.test(name)) total += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0);
  }
  return total;
}

function list(into: HTMLElement, rows: readonly [term: string, value: string, bad?: boolean][]): void {
  into.replaceChildren(
    ...rows.flatMap(([term, value, bad]) => {
      const dt = document.createElement("dt");
      const dd = document.createElement("dd");
      dt.textContent = term;
      dd.textContent = value;
      if (bad) dd.className = "bad";
      return [dt, dd];
    }),
  );
}

function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const [unit, size] = n < 1024 ** 2 ? ["KiB", n / 1024] : n < 1024 ** 3 ? ["MiB", n / 1024 ** 2] : ["GiB", n / 1024 ** 3];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

function ago(then: number, now: number): string {
  if (then === 0) return "–";
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}
