// Where the keyboard goes on when what it was in is gone.
import { tick } from "svelte";

/** Runs what may take a row away. When it did, the focus goes to its neighbour, or else to its section. */
export async function leave(row: HTMLElement, run: () => Promise<unknown>): Promise<void> {
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  const section = row.closest("section");
  await run();
  await tick();
  if (row.isConnected) return;
  (neighbour ?? section)?.querySelector<HTMLElement>("button, input")?.focus();
}
