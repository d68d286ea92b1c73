// The API reference, from the TSDoc of all entry points of the package. It fails on what is not documented and on links that lead nowhere.
import { existsSync, readFileSync } from "node:fs";

const client = "../jsbridge/client";
const { exports } = JSON.parse(readFileSync(new URL(`${client}/package.json`, import.meta.url), "utf8"));
const sources = Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : `${client}/src/${types.slice("./dist/".length, -".d.ts".length)}.ts`));

/** @type {import("typedoc").TypeDocOptions} */
export default {
  name: "tabdis",
  entryPoints: sources.filter((path) => existsSync(new URL(path, import.meta.url))),
  tsconfig: `${client}/tsconfig.docs.json`,
  readme: "./index.md",
  projectDocuments: ["./migration.md"],
  out: "./dist",
  basePath: `${client}/src`,
  displayBasePath: `${client}/src`,
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  hideGenerator: true,
  validation: { invalidLink: true, invalidPath: true, notExported: true, notDocumented: true, rewrittenLink: true, unusedMergeModuleWith: true },
  // Properties say for themselves what they are, or stand under a comment together.
  requiredToBeDocumented: ["Enum", "EnumMember", "Variable", "Function", "Class", "Interface", "Method", "Accessor", "TypeAlias"],
  // What only other libraries use.
  intentionallyNotExported: ["socket/socket.ts:StreamSocket", "socket/socket.ts:BufferType", "socket/emitter.ts:EventListener", "live/sessions.ts:Session", "commands/multi.ts:Transaction", "commands/multi.ts:Queued", "commands/methods.ts:Methods", "commands/methods.ts:Aliases", "commands/listeners.ts:Listener", "commands/node.ts:NodeClient", "commands/client.ts:Chosen"],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
