import type { Control } from "./control.js";

/** An operation on the files of a store. `written`: the platform is asked whether what was appended has arrived. */
export type LabOperation =
  | "create" | "open" | "remove" | "replace" | "append" | "sync" | "written" | "read" | "truncate" | "harden" | "close";

/** What is to fail, and how. */
export interface Fault {
  ops: LabOperation | LabOperation[];
  /** `io` (the default), or `quota`: there is no room. */
  error?: "io" | "quota";
  /** The first one that fails, counted from now, from 0. */
  from?: number;
  /** How many fail; without it all from there on. */
  count?: number;
  /** Of an append: so many bytes are written before it fails. */
  short?: number;
  /** Of an append: it is reported as done, and the next one reports the error. */
  late?: boolean;
  /** It is reported as done, and is not: a sync that lies. */
  lost?: boolean;
}

/** Faults in the storage of one store. */
export interface Lab {
  /** Adds a fault. Of several that meet an operation the first one counts. */
  fail(fault: Fault): Promise<void>;
  /** From now on syncs are known to have succeeded so many ms later. */
  delay(ms: number): Promise<void>;
  /** Ends all faults and delays. */
  heal(): Promise<void>;
  /** How often each operation was asked for, since the store was opened. */
  count(): Promise<Record<LabOperation, number>>;
  /** The engine dies in the middle of whatever it does, as by a panic. It is started again from its log, without faults. */
  crash(): Promise<void>;
}

/** The faults of a store that was opened for the lab. Of any other they reject with code `NOLAB` or `UNSUPPORTED`. */
export function labOf(control: Control): Lab {
  const lab = (args: Record<string, unknown>): Promise<unknown> => control.control("lab", args);
  return {
    async fail({ ops, ...fault }) {
      await lab({ do: "fail", ops: [ops].flat(), error: "io", ...fault });
    },
    async delay(ms) {
      await lab({ do: "delay", ms });
    },
    async heal() {
      await lab({ do: "heal" });
    },
    async count() {
      return (await lab({ do: "count" })) as Record<LabOperation, number>;
    },
    async crash() {
      await lab({ do: "crash" }).catch(() => undefined); // it may die before it can say so
    },
  };
}
