/** Reports what nobody catches, as an exception in an event listener is. */
export function report(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (reportError !== undefined) reportError(error);
  else console.error(error);
}
