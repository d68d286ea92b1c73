import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe } from "node:test";
import { it } from "./limited.js";

const root = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "../..");

describe("types", () => {
  it("of live queries, hooks, stores and adapters are those that others expect", () => {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "test/types")], { stdio: "inherit" });
  });
});
