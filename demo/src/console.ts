import { TabdisError, type Database } from "tabdis";
import { formatReply } from "./format";
import { History } from "./history";
import { splitWords } from "./words";

const MOST_ENTRIES = 1000;
const MOST_TEXT = 200_000;

/** The transcript and the line below it. */
export class Console {
  private readonly history = new History();
  private readonly transcript: HTMLElement;
  private readonly form: HTMLFormElement;
  private readonly line: HTMLInputElement;
  private readonly mark: HTMLElement;
  private db: Database | undefined;
  private commands: string[] = [];
  private database = 0;
  private inMulti = false;

  /** @param onRan called when a command has been answered. */
  constructor(private readonly onRan: () => void) {
    this.transcript = element("transcript");
    this.form = element("prompt");
    this.line = element("line");
    this.mark = element("prompt-mark");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.line.addEventListener("keydown", (event) => this.key(event));
    this.transcript.addEventListener("click", () => {
      if (getSelection()?.isCollapsed !== false) this.line.focus();
    });
  }

  /** Whether a transaction is open: nothing else should use the session then. */
  get inTransaction(): boolean {
    return this.inMulti;
  }

  /** From now on commands run. */
  async attach(db: Database): Promise<void> {
    this.db = db;
    this.line.disabled = false;
    this.line.focus();
    const list = await db.call("COMMAND", "LIST");
    if (Array.isArray(list)) this.commands = list.map((name) => String(name).toUpperCase()).sort();
  }

  note(text: string): void {
    this.add("note", text);
  }

  fail(text: string): void {
    this.add("reply error", text);
  }

  private async submit(): Promise<void> {
    const text = this.line.value.trim();
    if (text === "" || this.db === undefined) return;
    this.line.value = "";
    this.history.add(text);
    if (text.toLowerCase() === "clear") return this.transcript.replaceChildren();
    this.add("command", text).dataset["mark"] = this.mark.textContent ?? "";
    const words = splitWords(text);
    if (words === null) return this.fail("Invalid argument(s)");
    await this.run(this.db, words);
  }

  private async run(db: Database, words: Uint8Array[]): Promise<void> {
    const started = performance.now();
    const { inMulti } = this;
    // From here on, not from its reply: whatever is called meanwhile would be queued in the transaction.
    if (new TextDecoder().decode(words[0]).toUpperCase() === "MULTI") this.inMulti = true;
    try {
      const reply = await db.raw.call(...words);
      const took = performance.now() - started;
      this.follow(words, reply, inMulti);
      let text = formatReply(reply);
      if (text.length > MOST_TEXT) text = `${text.slice(0, MOST_TEXT)}\n… ${text.length - MOST_TEXT} more characters\n`;
      const entry = this.add(reply[0] === 0x2d ? "reply error" : "reply", text.replace(/\n$/, ""));
      if (took > 500) entry.append(note(`\n(${(took / 1000).toFixed(2)}s)`));
    } catch (error) {
      this.fail(error instanceof TabdisError ? `${error.name}: ${error.message}` : String(error));
    }
    this.onRan();
  }

  // What redis-cli's prompt tells: the database, and whether a transaction is open.
  private follow(words: Uint8Array[], reply: Uint8Array, inMulti: boolean): void {
    const [name = "", argument = ""] = words.map((word) => new TextDecoder().decode(word));
    const command = name.toUpperCase();
    const failed = reply[0] === 0x2d;
    if (command === "SELECT" && !failed && !this.inMulti) this.database = Number(argument);
    if (command === "RESET") this.database = 0;
    if (command === "MULTI" && failed) this.inMulti = inMulti;
    if (["EXEC", "DISCARD", "RESET"].includes(command)) this.inMulti = false;
    const database = this.database === 0 ? "" : `[${this.database}]`;
    this.mark.textContent = `tabdis${database}${this.inMulti ? "(TX)" : ""}>`;
  }

  private key(event: KeyboardEvent): void {
    const { line } = this;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      line.value = event.key === "ArrowUp" ? this.history.up(line.value) : this.history.down(line.value);
      line.setSelectionRange(line.value.length, line.value.length);
    } else if (event.key === "Tab" && !event.shiftKey && line.value !== "" && !line.value.includes(" ")) {
      event.preventDefault();
      this.complete();
    } else if (event.key.toLowerCase() === "l" && event.ctrlKey) {
      event.preventDefault();
      this.transcript.replaceChildren();
    }
  }

  // Each Tab offers the next command that starts with what was typed.
  private complete(): void {
    const typed = this.line.dataset["typed"] ?? this.line.value;
    const fitting = this.commands.filter((name) => name.startsWith(typed.toUpperCase()));
    const next = fitting[(fitting.indexOf(this.line.value.toUpperCase()) + 1) % fitting.length];
    if (next === undefined) return;
    this.line.value = next;
    this.line.dataset["typed"] = typed;
    this.line.addEventListener("input", () => delete this.line.dataset["typed"], { once: true });
  }

  private add(kind: string, text: string): HTMLElement {
    const { transcript } = this;
    const entry = document.createElement("div");
    entry.className = kind;
    entry.textContent = text;
    transcript.append(entry);
    while (transcript.childElementCount > MOST_ENTRIES) transcript.firstElementChild?.remove();
    transcript.scrollTop = transcript.scrollHeight;
    return entry;
  }
}

function note(text: string): HTMLElement {
  const span = document.createElement("span");
  span.className = "took";
  span.textContent = text;
  return span;
}

/** The element of this id, which the page has. */
export function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}
