// The parts of the memory bar: what other programs have, what the model would take, and what is left or missing.
import type { FitView } from "../api/types";

export type PartName = "used" | "weights" | "cache" | "compute" | "left" | "over";
/** `share` is of the bar's whole width, 0 to 1. */
export type MemoryPart = { name: PartName; bytes: number; share: number };

/** In the order of the bar. Where the model does not fit, the bar is as long as what would be needed. */
export function memoryParts(fit: FitView): MemoryPart[] {
  const used = Math.max(0, fit.memoryTotal - fit.memoryFree);
  const left = fit.memoryTotal - used - fit.totalBytes;
  const whole = Math.max(fit.memoryTotal, used + fit.totalBytes, 1);
  const part = (name: PartName, bytes: number) => ({ name, bytes, share: bytes / whole });
  const parts = [
    part("used", used),
    part("weights", fit.weightsBytes),
    part("cache", fit.cacheBytes),
    part("compute", fit.computeBytes),
    part("left", Math.max(0, left)),
  ];
  return parts.filter(({ bytes }) => bytes > 0);
}

/** Where the machine's memory ends on the bar, 0 to 1; null where everything is inside of it. */
export function memoryEnd(fit: FitView): number | null {
  const needed = Math.max(0, fit.memoryTotal - fit.memoryFree) + fit.totalBytes;
  return needed > fit.memoryTotal ? fit.memoryTotal / needed : null;
}
