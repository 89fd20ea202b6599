// What the facts of a list mean to a reader: where it comes from, and when it is too old.
import type { ListSource, ListView } from "../api/types";
import { text } from "../text/en";
import { monthsBetween } from "../text/format";

/** After so many months without a new version a list is likely to miss requests that were made since. */
const OLD_MONTHS = 6;

/** The host of an address, or that it is a file. */
export function placeOf(source: ListSource): string {
  if (source.type === "file") return text.filter.onThisMachine;
  return URL.canParse(source.url) ? new URL(source.url).host : source.url;
}

/** When the list was made, as far as it is known: a list that says nothing is as old as its import. */
export function issuedOf(list: ListView): number {
  return list.issuedAt ?? list.importedAt;
}

export function isOld(list: ListView, now: number): boolean {
  return monthsBetween(issuedOf(list), now) >= OLD_MONTHS;
}
