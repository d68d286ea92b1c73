import { open } from "tabdis";

let db = await open({ name: "visits", appendfsync: "always" });
await db.call("INCR", "visits");
await db.close();

db = await open({ name: "visits" });
document.querySelector("output").textContent = `visit ${await db.call("GET", "visits")}`;
