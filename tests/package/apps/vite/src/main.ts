import { open, type OpenOptions } from "tabdis";

const options: OpenOptions = { name: "visits", appendfsync: "always" };
let db = await open(options);
await db.call("INCR", "visits");
await db.close();

db = await open(options);
document.querySelector("output")!.textContent = `visit ${await db.call("GET", "visits")}`;
