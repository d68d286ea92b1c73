// The package's TypeScript as a module of Node's, bundled in memory.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const client = new URL("../../../../jsbridge/client/package.json", import.meta.url);
const esbuild = createRequire(client)("esbuild");

export async function build(file) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
