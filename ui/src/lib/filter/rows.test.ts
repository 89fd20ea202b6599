// What a row says of its list, and what can be done with it.
import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { ListView } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import { failing, fakeClient, feed, held, list } from "../state/fake";
import { Session } from "../state/session.svelte";
import ListRow from "./ListRow.svelte";

const NOW = new Date(2026, 6, 24, 12).getTime();
const daysAgo = (days: number) => NOW - days * 24 * 60 * 60 * 1000;

const unsigned = (part: Partial<ListView> = {}) =>
  feed({ name: "Hashes", source: { type: "url", url: "https://example.ch/a.txt" }, signed: false, ...part });

function show(shown: ListView, commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient(commands);
  const session = new Session(client);
  session.lists.all = [shown];
  session.lists.phase = "ready";
  render(InSession, { props: { session, component: ListRow, props: { list: shown } } as never });
  const row = screen.getByTestId("list-row");
  const words = () => row.textContent.replace(/\s+/g, " ");
  const open = async () => {
    const details = within(row).getByTestId<HTMLDetailsElement>("list-details");
    details.open = true;
    await fireEvent(details, new Event("toggle"));
  };
  return { session, calls, row, words, open };
}

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

describe("a row says", () => {
  it.each<[string, ListView, string[], string[]]>([
    [
      "of a file, when it was imported",
      list({ importedAt: daysAgo(3) }),
      ["10 entries", "a file on this machine", "imported", "unsigned", "in clear"],
      ["not in clear", "checked", "old"],
    ],
    [
      "of a feed, that it is signed and when it was checked",
      feed({ issuedAt: daysAgo(3), importedAt: daysAgo(300), checkedAt: daysAgo(0) }),
      ["signed", "not in clear", "lists.example.org", "checked today"],
      ["unsigned", "old", "imported"],
    ],
    [
      "of an unsigned address, that it is unsigned",
      unsigned({ checkedAt: daysAgo(40), importedAt: daysAgo(40) }),
      ["unsigned", "example.ch", "checked 5 weeks ago"],
      ["old"],
    ],
    ["of a feed that was never reached", feed({ importedAt: NOW }), ["not checked yet"], []],
    [
      "that it is old, by its makers' date",
      feed({ issuedAt: daysAgo(215), importedAt: NOW, checkedAt: NOW }),
      ["7 months old", "checked today"],
      [],
    ],
    [
      "that it is old, by its import where no date is known",
      list({ importedAt: daysAgo(400) }),
      ["13 months old"],
      [],
    ],
    ["not that it is old before six months", feed({ issuedAt: daysAgo(170), importedAt: NOW }), [], ["old"]],
    [
      "why it was not refreshed, and that it goes on",
      unsigned({ importedAt: NOW, failure: "the server answered 503." }),
      ["Not refreshed: the server answered 503.", "The last good list goes on filtering."],
      [],
    ],
    [
      "why it can't be applied",
      list({ importedAt: NOW, problem: "Line 3 is no entry." }),
      ["Line 3 is no entry."],
      [],
    ],
  ])("%s", (_name, shown, said, unsaid) => {
    const { words } = show(shown);
    for (const part of said) expect(words()).toContain(part);
    for (const part of unsaid) expect(words()).not.toMatch(new RegExp(`\\b${part}`));
  });

  it("in_its_details_what_the_last_refresh_changed", async () => {
    const { words, open } = show(feed({ change: { at: daysAgo(4), added: 12, removed: 3 } }));
    await open();
    expect(words()).toContain("+12 −3");
    expect(words()).toContain("12 added, 3 removed");
    expect(words()).toContain("https://lists.example.org/requests/");
    expect(words()).toContain("without the keys of its makers nobody can change");
  });

  it("in_its_details_what_unsigned_means", async () => {
    const { words, open } = show(unsigned());
    await open();
    expect(words()).toContain("Whoever controls the address");
    expect(words()).toContain("none since it was added");
  });
});

describe("from a row", () => {
  it("a_list_with_an_address_is_updated_and_shows_what_came", async () => {
    const reply = held<ListView[]>();
    const { session, calls, row } = show(feed(), { listUpdate: reply.command });
    const button = screen.getByRole("button", { name: "Update Feed now" });
    await fireEvent.click(button);
    expect(button.getAttribute("aria-disabled")).toBe("true");
    await fireEvent.click(button);
    expect(row.getAttribute("aria-busy")).toBe("true");
    reply.resolve([feed({ version: "8", change: { at: NOW, added: 1, removed: 0 } })]);
    await vi.advanceTimersByTimeAsync(0);
    expect(calls, "it is not asked for twice").toEqual([{ name: "listUpdate", arguments: ["f"] }]);
    expect(session.lists.all[0]?.version).toBe("8");
    expect(session.view.toasts[0]?.message).toBe("1 list checked, 1 changed");
    expect(row.getAttribute("aria-busy")).toBe("false");
  });

  it("a_file_has_no_address_to_be_updated_from", () => {
    show(list());
    expect(screen.queryByTestId("list-update")).toBeNull();
  });

  it("a_list_is_updated_from_a_path", async () => {
    const { calls, open } = show(feed(), { listUpdateFrom: async () => feed({ version: "8" }) });
    await open();
    await fireEvent.input(screen.getByTestId("update-path"), { target: { value: " /media/list.tar " } });
    await fireEvent.submit(screen.getByTestId("update-path"));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toContainEqual({ name: "listUpdateFrom", arguments: ["f", "/media/list.tar"] });
  });

  it("an_archive_that_is_refused_is_said_beside_it", async () => {
    const { open } = show(feed(), { listUpdateFrom: failing, archivePick: async () => "/old.tar" });
    await open();
    await fireEvent.click(screen.getByRole("button", { name: "Choose a file…" }));
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.getByRole("alert").textContent).toBe("the disk is full");
  });

  it("removing_is_asked_once_more_and_leaving_the_question_gives_the_focus_back", async () => {
    const { calls } = show(list(), { listRemove: async () => null });
    await fireEvent.click(screen.getByRole("button", { name: "Remove Requests" }));
    expect(calls).toEqual([]);
    expect(screen.getByRole("group", { name: "Remove this list?" })).toBeTruthy();
    expect(document.activeElement?.textContent?.trim()).toBe("Cancel");
    await fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Remove Requests");

    await fireEvent.click(screen.getByRole("button", { name: "Remove Requests" }));
    await fireEvent.click(screen.getByTestId("list-remove-confirm"));
    expect(calls).toEqual([{ name: "listRemove", arguments: ["l"] }]);
  });

  it("it_is_switched_off_by_a_switch_that_has_its_name", async () => {
    const { calls } = show(list(), { listEnable: async () => list({ enabled: false }) });
    await fireEvent.click(screen.getByRole("switch", { name: "Use Requests" }));
    expect(calls).toEqual([{ name: "listEnable", arguments: ["l", false] }]);
  });
});
