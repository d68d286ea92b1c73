import { open as openInPage } from "tabdis";
import { open, TabdisError, type NodeOpenOptions } from "tabdis/node";

async function visit(options: NodeOpenOptions): Promise<void> {
  let db = await open(options);
  await db.call("INCR", "visits");
  await db.close();

  db = await open(options);
  console.log(`${db.store.backend}: visit ${await db.call("GET", "visits")}`);
  await db.close();
}

await visit({ dir: "data", appendfsync: "always" });
await visit({ backend: "memory" });
await openInPage({ name: "visits" }).catch((error: unknown) => console.log(error instanceof TabdisError, String(error)));
