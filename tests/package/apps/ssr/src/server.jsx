// Renders the page in Node: `node build/server.js`.
import { renderToString } from "react-dom/server";
import { App } from "./App.jsx";

process.stdout.write(`<!doctype html>
<meta charset="utf-8" />
<title>Rendered on a server</title>
<div id="root">${renderToString(<App />)}</div>
<script type="module" src="client.js"></script>
`);
