import { open } from "tabdis";

const options = { name: "visits", appendfsync: "always", workerUrl: "engine/worker.js", wasmUrl: new URL("engine/tabdis.wasm", location.href) };
let db = await open(options);
await db.call("INCR", "visits");
await db.close();

db = await open(options);
document.querySelector("output").textContent = `visit ${await db.call("GET", "visits")}`;
