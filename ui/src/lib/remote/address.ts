// The address of a server as it is typed: checked here, so that the form can say at once what is missing and what it means.
// The Rust side checks it again.
import { text } from "../text/en";

const words = text.remote.invalid;

/** What is wrong with it, in a sentence. */
export function faultOf(address: string): string | null {
  const typed = address.trim();
  if (typed === "") return words.noUrl;
  const url = parse(typed);
  if (url === null) return words.badUrl;
  return url.username || url.password ? words.credentials : null;
}

/** Host and port of it; what can't be read as an address stands for itself. */
export function hostOf(address: string): string {
  return parse(address.trim())?.host ?? address;
}

/** Where text goes that is sent to it; none while it can't be read as an address. */
export type Way = "here" | "encrypted" | "plain";

export function wayOf(address: string): Way | null {
  const url = parse(address.trim());
  if (url === null) return null;
  if (isThisMachine(url.hostname)) return "here";
  return url.protocol === "http:" ? "plain" : "encrypted";
}

function parse(address: string): URL | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return (url.protocol === "https:" || url.protocol === "http:") && url.hostname !== "" ? url : null;
}

function isThisMachine(host: string): boolean {
  const name = host.replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  // What URL makes of 127.0.0.1 within IPv6 is ::ffff:7f00:1.
  return /^(127(\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:(7f[\da-f]{2}:[\da-f]{1,4}|0:0)\])$/.test(name);
}
