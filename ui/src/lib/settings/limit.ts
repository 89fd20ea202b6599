// The download limit: bytes a second in the settings, megabytes a second on the screen.
import { plainNumber } from "../text/format";

const MEGABYTE = 1e6;
/** In megabytes a second. Less would look like a download that stands still. */
export const LEAST = 0.1;
export const MOST = 10_000;

/** As it is written into the field. */
export const shownLimit = (limit: number | null): string =>
  limit === null ? "" : plainNumber(limit / MEGABYTE);

/** Bytes a second, null for "no limit", or undefined for what can't be used. */
export function parseLimit(input: string): number | null | undefined {
  const trimmed = input.trim().replace(",", ".");
  if (trimmed === "") return null;
  const megabytes = Number(trimmed);
  return megabytes >= LEAST && megabytes <= MOST ? Math.round(megabytes * MEGABYTE) : undefined;
}
