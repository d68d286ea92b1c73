import { LockedError, open, TabdisError, type Database } from "tabdis";
import { Console, element } from "./console";
import { Panel } from "./panel";
import { loadSample } from "./sample";

const status = element<HTMLOutputElement>("status");
const sample = element<HTMLButtonElement>("sample");
let panel: Panel | undefined;
const terminal = new Console(() => void panel?.refresh());

function show(text: string, kind: "good" | "bad" | "" = ""): void {
  status.textContent = text;
  status.className = `badge ${kind}`;
}

async function start(): Promise<void> {
  const db = await open({
    name: "demo",
    onProgress: ({ bytes, totalBytes }) => show(`loading ${totalBytes === 0 ? 0 : Math.floor((100 * bytes) / totalBytes)} %`),
  });
  tell(db);
  db.on("leader", () => tell(db));
  db.on("follower", () => tell(db));
  greet(db);
  panel = new Panel(db, terminal);
  sample.disabled = false;
  sample.addEventListener("click", () => void fill(db));
  await terminal.attach(db);
}

const BACKENDS = { opfs: "durable on OPFS", idb: "durable on IndexedDB", files: "durable in files", memory: "in memory" };

function tell(db: Database): void {
  const { backend, why, role } = db.store;
  show(BACKENDS[backend], "good");
  const who = role === "leader" ? "This tab runs the engine." : "Another tab runs the engine; close it, and this one goes on.";
  status.title = `${who} Kept here because ${why}.`;
}

function greet(db: Database): void {
  const { created, commands, truncated } = db.store.load;
  if (created) {
    terminal.note("A new store. Try SET greeting hello, or load the sample data.");
    return;
  }
  terminal.note(`Loaded from the log: ${commands.toLocaleString("en")} command${commands === 1 ? "" : "s"}.`);
  if (truncated !== undefined) {
    terminal.note(`The log's torn end was cut: ${truncated.bytes} bytes of ${truncated.file}, kept in ${truncated.kept}.`);
  }
}

async function fill(db: Database): Promise<void> {
  sample.disabled = true;
  try {
    const hints = await loadSample(db);
    terminal.note(`Sample data loaded. Try:\n${hints.map((hint) => `  ${hint}`).join("\n")}`);
  } catch (error) {
    terminal.fail(error instanceof Error ? error.message : String(error));
  }
  sample.disabled = false;
  await panel?.refresh();
}

element("reload").addEventListener("click", () => location.reload());

start().catch((error: unknown) => {
  if (error instanceof LockedError) {
    show("held by something else", "bad");
    terminal.fail("Something that does not share this store has it open. Close it, then reload this page. Its data is safe.");
    return;
  }
  show("not open", "bad");
  terminal.fail(error instanceof TabdisError ? `${error.name} (${error.code}): ${error.message}` : String(error));
});
