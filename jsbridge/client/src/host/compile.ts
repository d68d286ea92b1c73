import { InstanceError } from "./instance.js";

/** Asks for a module's file. */
export async function fetchModule(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new InstanceError("WASM", `${url}: HTTP status ${response.status}`);
  return response;
}

/** Compiles a module while it comes in, so that browsers keep what they have compiled. */
export async function compileModule(response: Response): Promise<WebAssembly.Module> {
  const type = response.headers.get("Content-Type") ?? "";
  if (type.startsWith("application/wasm")) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer()); // a server that does not know the type
}

/**
 * Keeps a module's file to compile it later: some 8 MB, which the browser may put on disk, where a compiled one takes 25 in each tab. Asked for
 * anew it could be gone by then, or be one that does not fit this script.
 */
export async function keepModule(response: Response): Promise<Response> {
  return new Response(await response.blob());
}

export const compile = async (url: string): Promise<WebAssembly.Module> => compileModule(await fetchModule(url));
