import { describe, expect, it } from "vitest";
import { text } from "../text/en";
import { EMPTY, faultsOf, subscriptionOf, type Draft, type Way } from "./subscription";

const words = text.filter.invalid;
const draft = (part: Partial<Draft> = {}): Draft => ({
  name: "Requests",
  url: "https://example.org/lists",
  root: "/keys/root.json",
  descriptor: "",
  ...part,
});

describe("what is typed", () => {
  it.each<[string, Way, Draft, object]>([
    ["a whole feed", "feed", draft(), {}],
    ["a whole hash file", "url", draft({ root: "" }), {}],
    ["a hash file with a descriptor", "url", draft({ root: "", descriptor: "/d.toml" }), {}],
    ["nothing", "feed", EMPTY, { name: words.name, url: words.noUrl, root: words.root }],
    ["nothing, without a signature", "url", EMPTY, { name: words.name, url: words.noUrl }],
    ["a name of spaces", "url", draft({ name: "  " }), { name: words.name }],
    ["a feed without its root", "feed", draft({ root: " " }), { root: words.root }],
    ["no address", "url", draft({ url: "example.org" }), { url: words.badUrl }],
    ["another protocol", "url", draft({ url: "ftp://example.org/a" }), { url: words.badUrl }],
    ["a file as an address", "url", draft({ url: "file:///etc/passwd" }), { url: words.badUrl }],
    ["http", "feed", draft({ url: "http://example.org/a" }), { url: words.plainHttp }],
    [
      "http to a look-alike",
      "feed",
      draft({ url: "http://localhost.example.org" }),
      { url: words.plainHttp },
    ],
    ["http to this machine", "feed", draft({ url: "http://localhost:8080/a" }), {}],
    ["http to this machine's number", "feed", draft({ url: "http://127.0.0.1/a" }), {}],
    ["http to this machine's long number", "feed", draft({ url: "http://[::1]:1/a" }), {}],
    ["a password", "url", draft({ url: "https://ada:x@example.org" }), { url: words.credentials }],
  ])("%s", (_name, way, typed, faults) => {
    expect(faultsOf(way, typed)).toEqual(faults);
  });

  it("a_feed_sends_its_root_and_a_hash_file_its_descriptor", () => {
    const typed = draft({ name: " Requests ", url: " https://example.org/lists ", descriptor: "/d.toml" });
    const both = { name: "Requests", url: "https://example.org/lists" };
    expect(subscriptionOf("feed", typed)).toEqual({ ...both, root: "/keys/root.json", descriptor: null });
    expect(subscriptionOf("url", typed)).toEqual({ ...both, root: null, descriptor: "/d.toml" });
    expect(subscriptionOf("url", draft({ descriptor: " " })).descriptor).toBeNull();
  });
});
