/** What Go's wasm_exec.js, taken from GOROOT when the package is built, leaves in the global scope. */
declare class Go {
  readonly importObject: WebAssembly.Imports;
  env: Record<string, string>;
  exit: (code: number) => void;
  /** Starts the program; settles when it ends. */
  run(instance: WebAssembly.Instance): Promise<void>;
  /** Lets goroutines and timers run. */
  _resume(): void;
}

declare module "wasm_exec" {}

// Named by nodefile.d.mts, which serves tests under Node; nothing here uses it.
declare module "node:fs" {}
