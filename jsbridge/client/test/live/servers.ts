/** The servers that the suites run against: a real redis-server, whose semantics judge, and the engine's native program. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "./tcp.js";

/** Where go.mod stands, from here or from dist/test. */
function root(): string {
  return execFileSync("go", ["list", "-m", "-f", "{{.Dir}}"], { encoding: "utf8", cwd: dirname(fileURLToPath(import.meta.url)) }).trim();
}

export interface Running extends Server {
  stop(): Promise<void>;
}

export const names = ["redis-server", "tabdis"] as const;

export async function start(name: (typeof names)[number]): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), "tabdis-live-"));
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", dir];
  let program: string = name;
  if (name === "tabdis") {
    program = join(dir, "tabdis");
    execFileSync("go", ["build", "-o", program, "./core/cmd/tabdis"], { cwd: root(), stdio: "inherit" });
    args.unshift("serve");
  }
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (bytes) => (output += String(bytes)));
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  server.once("error", (error) => (output += error.message));
  await answers(port, server, () => output);
  return {
    name,
    port,
    async stop() {
      server.kill("SIGKILL");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function answers(port: number, server: ChildProcess, output: () => string): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (server.exitCode !== null || server.pid === undefined) break;
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: "127.0.0.1" }, () => {
        socket.destroy();
        resolve(true);
      }).once("error", () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the server does not answer: ${output()}`);
}
