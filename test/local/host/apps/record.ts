/** What the functions of the test apps were asked to do, in order. */
export const calls: unknown[] = [];

/** Lets a test hold activities back: those named "gate" wait until it opens. */
export const gate: { wait: Promise<void>; open: () => void } = { wait: Promise.resolve(), open: () => {} };

export function closeGate(): void {
  gate.wait = new Promise((resolve) => {
    gate.open = resolve;
  });
}
