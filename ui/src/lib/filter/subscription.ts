// What is typed to add a list from an address: checked here, so that the form can say at once what is missing. The Rust
// side checks it again.
import type { Subscription } from "../state/lists.svelte";
import { text } from "../text/en";

/** A signed feed, or a plain file of hashes. */
export type Way = "feed" | "url";

/** As typed. */
export type Draft = { name: string; url: string; root: string; descriptor: string };

/** What is wrong with each field, in the order of the fields. */
export type Faults = Partial<Record<keyof Draft, string>>;

export const EMPTY: Draft = { name: "", url: "", root: "", descriptor: "" };

const words = text.filter.invalid;

export function faultsOf(way: Way, draft: Draft): Faults {
  const url = faultOfUrl(draft.url.trim());
  return {
    ...(draft.name.trim() === "" && { name: words.name }),
    ...(url !== null && { url }),
    ...(way === "feed" && draft.root.trim() === "" && { root: words.root }),
  };
}

/** Only for a draft without faults. */
export function subscriptionOf(way: Way, draft: Draft): Subscription {
  const path = (value: string) => value.trim() || null;
  return {
    name: draft.name.trim(),
    url: draft.url.trim(),
    root: way === "feed" ? path(draft.root) : null,
    descriptor: way === "url" ? path(draft.descriptor) : null,
  };
}

function faultOfUrl(url: string): string | null {
  if (url === "") return words.noUrl;
  if (!URL.canParse(url)) return words.badUrl;
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return words.badUrl;
  if (protocol === "http:" && !isThisMachine(hostname)) return words.plainHttp;
  return username || password ? words.credentials : null;
}

/** Nothing is on the way to this machine itself, so a feed may be tried there without https. */
function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
