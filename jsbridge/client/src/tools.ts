/** The tools of `tabdis/tools`: an engine of their own, which is loaded when the first of them is used. */

export { checkLog, type CheckedBlock, type CheckedFile, type CheckOptions, type CheckProblem, type CheckReport } from "./control/check.js";
export { importFrom, type ImportOptions, type ImportProgress, type ImportReport, type ImportSource } from "./control/import.js";
export { openAt, Past, type PastOptions, type Point, salvage, type SalvageOptions, type SalvageReport } from "./control/past.js";
export type { ToolOptions } from "./control/tools.js";
