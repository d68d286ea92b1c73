/** A client in a page: a module whose default export is called with a database, and modules in the place of Node's. */
export interface PageClient {
  name: string;
  source: string;
  instead?: Record<string, string>;
}

export const clients: PageClient[];

export function bundleForPage(client: PageClient, format: "esm" | "iife", globalName?: string): Promise<string>;
