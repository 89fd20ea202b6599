// The way from a repository on the hub to a download: what is chosen, the terms before it, and what outlives a refusal.
import { describe, expect, it } from "vitest";
import type { Client } from "../api/client";
import type { HubRepo, HubVariant } from "../api/types";
import { catalog, download, offer, repo, variant } from "../manager/fake";
import { card, failing, fakeClient, held } from "./fake";
import { Session } from "./session.svelte";

const REPOSITORY = "example/Tiny-Instruct-GGUF";

function sessionWith(commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient({
    catalog: async () => catalog(),
    hubRepo: async () => repo(),
    modelCard: async () => card({ acceptedAt: null }),
    termsAccept: async () => card({ acceptedAt: 5 }),
    downloadStart: async () => download(),
    ...commands,
  });
  const session = new Session(client);
  session.view.openModels("search");
  return { session, hub: session.hub, calls, names: () => calls.map(({ name }) => name) };
}

const withTerms = async () => catalog({ offers: [offer({ cardId: "tiny-instruct", termsAccepted: false })] });

describe("a repository", () => {
  it.each<[string, HubVariant[], string]>([
    ["what is recommended", repo().variants, "Q4_K_M"],
    [
      "else what fits well",
      [variant({ name: "a", recommended: false, fits: "no" }), variant({ name: "b", recommended: false })],
      "b",
    ],
    ["else the first", [variant({ name: "a", recommended: false, fits: "no" })], "a"],
    [
      "not what is here already",
      [variant({ installed: "m" }), variant({ name: "b", recommended: false })],
      "b",
    ],
    ["nothing of nothing", [], ""],
  ])("is opened and chosen is %s", async (_name, variants, expected) => {
    const { hub } = sessionWith({ hubRepo: async () => repo({ variants }) });
    await hub.open(REPOSITORY);
    expect(hub.variant).toBe(expected);
  });

  it("that_was_left_does_not_come_back_late", async () => {
    const { command, resolve } = held<HubRepo>();
    const { hub } = sessionWith({ hubRepo: command });
    const opening = hub.open(REPOSITORY);
    hub.close();
    resolve(repo());
    await opening;
    expect([hub.repository, hub.repo.value, hub.variant]).toEqual([null, null, ""]);
  });

  it("is_shown_where_it_was_opened_and_nowhere_else", async () => {
    const { session, hub } = sessionWith();
    await hub.open(REPOSITORY);
    expect([session.view.tab, hub.shown]).toEqual(["search", true]);
    session.view.openModels("downloads");
    expect(hub.shown).toBe(false);
  });

  it("is_read_also_when_the_catalogue_can_not_be", async () => {
    const { hub } = sessionWith({ catalog: failing });
    await hub.open(REPOSITORY);
    expect([hub.repo.phase, hub.offer]).toEqual(["ready", null]);
  });
});

describe("a download", () => {
  it("of_the_revision_that_was_shown_is_started_and_shown", async () => {
    const { session, hub, calls } = sessionWith();
    await hub.open(REPOSITORY);
    await hub.start();
    expect(calls).toContainEqual({
      name: "downloadStart",
      arguments: [REPOSITORY, repo().revision, "Q4_K_M"],
    });
    expect([session.view.tab, session.downloads.all.length, hub.repository]).toEqual(["downloads", 1, null]);
  });

  it("that_is_refused_says_why_and_leaves_the_choice", async () => {
    const { session, hub } = sessionWith({ downloadStart: failing });
    await hub.open(REPOSITORY);
    await hub.start();
    expect(hub).toMatchObject({
      starting: false,
      variant: "Q4_K_M",
      startError: { message: "the disk is full" },
    });
    expect(session.view.tab).toBe("search");
  });

  it("of_what_is_here_already_is_not_started", async () => {
    const { hub, names } = sessionWith({
      hubRepo: async () => repo({ variants: [variant({ installed: "m" })] }),
    });
    await hub.open(REPOSITORY);
    await hub.start();
    expect(names()).not.toContain("downloadStart");
  });
});

describe("the terms", () => {
  it("are_accepted_before_the_download_is_started", async () => {
    const { hub, names } = sessionWith({ catalog: withTerms });
    await hub.open(REPOSITORY);
    expect(hub.needsTerms).toBe(true);
    await hub.start();
    expect(names(), "not before the box is ticked").not.toContain("termsAccept");
    hub.agreed = true;
    await hub.start();
    expect(names().filter((name) => name === "termsAccept" || name === "downloadStart")).toEqual([
      "termsAccept",
      "downloadStart",
    ]);
  });

  it("that_could_not_be_read_start_nothing", async () => {
    const { hub, names } = sessionWith({ catalog: withTerms, modelCard: failing });
    await hub.open(REPOSITORY);
    hub.agreed = true;
    await hub.start();
    expect([hub.needsTerms, hub.canStart]).toEqual([true, false]);
    expect(names()).not.toContain("downloadStart");
  });

  it("that_the_other_side_misses_are_asked_for_again", async () => {
    const { hub } = sessionWith({
      catalog: async () => catalog({ offers: [offer({ cardId: "tiny-instruct", termsAccepted: true })] }),
      modelCard: async () => card({ acceptedAt: 5 }),
      downloadStart: async () => {
        throw { code: "terms", message: "accept the terms first" };
      },
    });
    await hub.open(REPOSITORY);
    expect(hub.needsTerms).toBe(false);
    await hub.start();
    expect(hub).toMatchObject({ needsTerms: true, agreed: false, starting: false });
  });

  it("of_a_repository_without_any_stop_nobody", async () => {
    const { hub } = sessionWith();
    await hub.open(REPOSITORY);
    expect([hub.needsTerms, hub.canStart]).toEqual([false, true]);
  });
});

describe("a search", () => {
  it("is_sent_when_it_is_asked_for_and_not_with_every_letter", async () => {
    const { hub, calls } = sessionWith({ hubSearch: async () => [] });
    hub.query = " tiny ";
    expect(calls).toEqual([]);
    await hub.search();
    expect(calls).toEqual([{ name: "hubSearch", arguments: ["tiny"] }]);
  });

  it("for_nothing_is_not_sent", async () => {
    const { hub, calls } = sessionWith();
    hub.query = "  ";
    await hub.search();
    expect(calls).toEqual([]);
  });
});

describe("what is shown", () => {
  it("stays_when_it_can_not_be_read_again", async () => {
    let broken = false;
    const { session } = sessionWith({ catalog: async () => (broken ? failing() : catalog()) });
    await session.catalog.load();
    broken = true;
    await session.catalog.asked.refresh();
    expect([session.catalog.asked.phase, session.catalog.apertus.length]).toEqual(["ready", 1]);
  });

  it("is_asked_for_again_after_a_failure", async () => {
    let broken = true;
    const { session } = sessionWith({ catalog: async () => (broken ? failing() : catalog()) });
    await session.catalog.load();
    expect(session.catalog.asked).toMatchObject({ phase: "failed", error: { code: "store" } });
    broken = false;
    await session.catalog.asked.again();
    expect(session.catalog.asked.phase).toBe("ready");
  });
});
