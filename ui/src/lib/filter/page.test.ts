// The page about what is removed: adding lists, refreshing all, past answers, news, the report, and the switches.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { AppEvent, AppState, ListView, WatchChange } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import {
  appState,
  failing,
  fakeClient,
  feed,
  filterStatus,
  held,
  list,
  sweep,
  watchChange,
} from "../state/fake";
import { Session } from "../state/session.svelte";
import FilterPage from "./FilterPage.svelte";

async function show(commands: Partial<Client> = {}, state: Partial<AppState> = {}) {
  let emit: (event: AppEvent) => void = () => {};
  const { client, calls } = fakeClient({
    appState: async () => appState(state),
    conversationList: async () => [],
    listAll: async () => [feed(), list()],
    watchChanges: async () => [],
    settingsSet: async (settings) => settings,
    onApp: async (handler) => {
      emit = handler;
      return () => {};
    },
    ...commands,
  });
  const session = new Session(client);
  await session.start();
  render(InSession, { props: { session, component: FilterPage, props: {} } as never });
  const settle = () => vi.advanceTimersByTimeAsync(1000);
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  const tell = async (event: AppEvent) => {
    emit(event);
    await settle();
  };
  return { session, called, settle, tell };
}

const fill = (id: string, value: string) => fireEvent.input(screen.getByTestId(id), { target: { value } });
const errorOf = (id: string) => {
  const field = screen.getByTestId(id);
  const ids = field.getAttribute("aria-describedby")?.split(" ") ?? [];
  const error = ids.find((name) => name.endsWith("-error"));
  return error ? document.getElementById(error)?.textContent : null;
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the lists", () => {
  it.each<[string, Partial<Client>, string]>([
    ["loading", { listAll: held<ListView[]>().command }, "Loading…"],
    ["failed", { listAll: failing }, "The lists could not be read"],
    ["empty", { listAll: async () => [] }, "No lists yet. Only the detectors work."],
  ])("%s", async (_name, commands, expected) => {
    const { client } = fakeClient(commands);
    const session = new Session(client);
    void session.lists.load();
    await vi.advanceTimersByTimeAsync(0);
    render(InSession, { props: { session, component: FilterPage, props: {} } as never });
    expect(screen.getByRole("region", { name: "Deletion lists" }).textContent).toContain(expected);
    expect(screen.getByTestId("list-path"), "a list can be added in every state").toBeTruthy();
  });

  it("are_loaded_again_when_they_changed", async () => {
    let all = [list()];
    const { tell } = await show({ listAll: async () => all });
    expect(screen.getAllByTestId("list-row")).toHaveLength(1);
    all = [list(), feed()];
    await tell({ type: "lists" });
    expect(screen.getAllByTestId("list-row")).toHaveLength(2);
  });

  it.each<[string, ListView[], string, string]>([
    ["nothing new", [feed()], "info", "1 list checked, nothing new"],
    [
      "something new",
      [feed({ change: { at: 5, added: 1, removed: 0 } })],
      "info",
      "1 list checked, 1 changed",
    ],
    [
      "a failure",
      [feed({ failure: "no network" })],
      "error",
      "1 of 1 list could not be checked. The last good one stays in force.",
    ],
  ])("all are updated at once: %s", async (_name, reply, level, message) => {
    const { session, called, settle } = await show({ listUpdate: async () => reply });
    await fireEvent.click(screen.getByRole("button", { name: "Update all now" }));
    await settle();
    expect(called("listUpdate")).toEqual([[null]]);
    expect(session.view.toasts).toMatchObject([{ level, message }]);
    expect(session.lists.all, "the lists that have no address stay").toHaveLength(2);
  });

  it("an_update_that_is_refused_says_why_and_can_be_asked_for_again", async () => {
    const { session, called, settle } = await show({ listUpdate: failing });
    await fireEvent.click(screen.getByTestId("lists-update"));
    await settle();
    expect(session.view.toasts).toMatchObject([{ level: "error", message: "the disk is full" }]);
    await fireEvent.click(screen.getByTestId("lists-update"));
    expect(called("listUpdate")).toHaveLength(2);
  });

  it("when_one_is_removed_the_focus_goes_to_its_neighbour_and_then_to_the_section", async () => {
    const { settle } = await show({ listRemove: async () => null });
    const remove = async (name: string) => {
      await fireEvent.click(screen.getByRole("button", { name }));
      await fireEvent.click(screen.getByTestId("list-remove-confirm"));
      await settle();
    };
    await remove("Remove Feed");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Remove Requests");
    await remove("Remove Requests");
    expect(document.activeElement?.tagName).not.toBe("BODY");
  });

  it("without_an_address_there_is_nothing_to_update", async () => {
    await show({ listAll: async () => [list()] });
    expect(screen.queryByTestId("lists-update")).toBeNull();
  });
});

describe("a list is added", () => {
  it("from_a_file_without_choosing_a_way_first", async () => {
    const { called, settle } = await show({ listImport: async () => list() });
    await fill("list-path", "/people.jsonl");
    await fireEvent.click(screen.getByTestId("list-import"));
    await settle();
    expect(called("listImport")).toEqual([["/people.jsonl"]]);
  });

  it("the_ways_are_one_group_of_radio_buttons", async () => {
    await show();
    expect(screen.getByRole("group", { name: "Add a list" })).toBeTruthy();
    expect(screen.getAllByRole("radio").map((radio) => (radio as HTMLInputElement).value)).toEqual([
      "file",
      "feed",
      "url",
    ]);
    expect(screen.getByRole("radio", { name: "A file" })).toHaveProperty("checked", true);
  });

  it("a_feed_without_its_root_is_not_sent_and_the_first_fault_takes_the_focus", async () => {
    const { called } = await show();
    await fireEvent.click(screen.getByTestId("add-feed"));
    expect(screen.queryByText("Give the list a name."), "nothing is blamed before it is sent").toBeNull();
    await fireEvent.click(screen.getByTestId("subscribe-send"));
    await vi.advanceTimersByTimeAsync(0);
    expect(errorOf("subscribe-name")).toBe("Give the list a name.");
    expect(errorOf("subscribe-root")).toContain("Choose the feed's root.json");
    expect(document.activeElement).toBe(screen.getByTestId("subscribe-name"));
    await fill("subscribe-name", "Requests");
    expect(errorOf("subscribe-name"), "a fault goes when it is mended").toBeNull();
    await fill("subscribe-url", "http://example.org");
    expect(errorOf("subscribe-url")).toContain("Use https://");
    await fill("subscribe-url", "no address");
    expect(errorOf("subscribe-url")).toContain("This is not an address");
    expect(called("listSubscribe")).toEqual([]);
  });

  it("a_feed_is_fetched_with_the_root_that_was_chosen", async () => {
    const { session, called, settle } = await show({
      rootPick: async () => "/keys/root.json",
      listSubscribe: async () => feed(),
    });
    await fireEvent.click(screen.getByTestId("add-feed"));
    await fill("subscribe-name", "Feed");
    await fill("subscribe-url", "https://example.org/lists");
    await fireEvent.click(screen.getByRole("button", { name: "Choose root.json…" }));
    await settle();
    await fireEvent.click(screen.getByTestId("subscribe-send"));
    await settle();
    expect(called("listSubscribe")).toEqual([["Feed", "https://example.org/lists", "/keys/root.json", null]]);
    expect(session.view.toasts[0]?.message).toBe("Feed is in use");
    expect(screen.queryByTestId("subscribe"), "the form closes").toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("add-file"));
  });

  it("a_hash_file_is_called_unsigned_and_may_have_a_descriptor", async () => {
    const { called, settle } = await show({
      descriptorPick: async () => "/d.toml",
      listSubscribe: async () => feed({ signed: false }),
    });
    await fireEvent.click(screen.getByTestId("add-url"));
    const group = screen.getByRole("group", { name: "Add a list" });
    expect(group.textContent).toContain("Unsigned: whoever controls the address");
    await fill("subscribe-name", "Hashes");
    await fill("subscribe-url", "https://example.ch/a.txt");
    await fireEvent.click(screen.getByRole("button", { name: "Choose a descriptor…" }));
    await settle();
    await fireEvent.click(screen.getByTestId("subscribe-send"));
    await settle();
    expect(called("listSubscribe")).toEqual([["Hashes", "https://example.ch/a.txt", null, "/d.toml"]]);
  });

  it("a_dialog_that_is_left_keeps_the_path_that_was_typed", async () => {
    const { settle } = await show({ rootPick: async () => null });
    await fireEvent.click(screen.getByTestId("add-feed"));
    await fill("subscribe-root", "/typed.json");
    await fireEvent.click(screen.getByRole("button", { name: "Choose root.json…" }));
    await settle();
    expect(screen.getByTestId<HTMLInputElement>("subscribe-root").value).toBe("/typed.json");
  });

  it("a_refusal_is_said_in_the_form_which_keeps_what_was_typed", async () => {
    const reply = held<ListView>();
    const { settle } = await show({ listSubscribe: reply.command });
    await fireEvent.click(screen.getByTestId("add-url"));
    await fill("subscribe-name", "Hashes");
    await fill("subscribe-url", "https://example.ch/a.txt");
    await fireEvent.click(screen.getByTestId("subscribe-send"));
    const send = screen.getByTestId<HTMLButtonElement>("subscribe-send");
    expect([send.disabled, send.textContent?.trim()]).toEqual([true, "Fetching the list…"]);
    reply.reject({ code: "bad_input", message: "There is no list at this address." });
    await settle();
    expect(screen.getByRole("alert").textContent).toBe("There is no list at this address.");
    expect(screen.getByTestId<HTMLInputElement>("subscribe-name").value).toBe("Hashes");
  });
});

describe("the sweep", () => {
  it.each<[string, Parameters<typeof sweep>[0], string]>([
    ["never", {}, "No sweep yet."],
    ["done", { state: "done", changed: 12, removed: 15, at: 0 }, "12 answers changed, 15 pieces removed, on"],
    ["done for nothing", { state: "done", at: 0 }, "Nothing had to be removed from past answers, on"],
    ["cancelled", { state: "cancelled", done: 3, total: 9, at: 0 }, "Stopped after 3 of 9 answers"],
    [
      "failed",
      { state: "failed", failure: "the disk is full.", at: 0 },
      "The sweep failed: the disk is full.",
    ],
  ])("%s", async (_name, part, expected) => {
    await show({}, { sweep: sweep(part) });
    expect(screen.getByTestId("sweep-result").textContent).toContain(expected);
    expect(screen.getByRole("button", { name: "Sweep now" })).toBeTruthy();
  });

  it("is_followed_by_events_and_its_end_is_told", async () => {
    const running = sweep({ state: "running", total: 9 });
    const { session, tell, settle } = await show({ sweepStart: async () => running });
    screen.getByTestId("sweep-start").focus();
    await fireEvent.click(screen.getByTestId("sweep-start"));
    await settle();
    await tell({ type: "sweep", sweep: { ...running, done: 3 } });
    expect(document.activeElement?.textContent?.trim(), "the focus stays on the button").toBe("Stop");
    const bar = screen.getByRole("progressbar", { name: "Sweep of past answers" });
    expect(bar.getAttribute("aria-valuenow")).toBe("3");
    expect(bar.getAttribute("aria-valuemax")).toBe("9");
    expect(bar.getAttribute("aria-valuetext")).toBe("3 of 9 answers read");
    await tell({ type: "sweep", sweep: sweep({ state: "done", done: 9, total: 9, at: 1 }) });
    expect(screen.queryByRole("progressbar")).toBeNull();
    expect(session.view.toasts.map(({ message }) => message)).toEqual([
      "Nothing had to be removed from past answers",
    ]);
  });

  it("that_runs_by_itself_and_finds_nothing_disturbs_nobody", async () => {
    const { session, tell } = await show({}, { sweep: sweep({ state: "running", total: 9 }) });
    expect(screen.getByRole("progressbar")).toBeTruthy();
    await tell({ type: "sweep", sweep: sweep({ state: "done", at: 1 }) });
    expect(session.view.toasts).toEqual([]);
  });

  it("that_runs_by_itself_tells_what_it_changed_and_why_it_failed", async () => {
    const { session, tell } = await show({}, { sweep: sweep({ state: "running", total: 9 }) });
    await tell({ type: "sweep", sweep: sweep({ state: "done", changed: 1, removed: 2, at: 1 }) });
    await tell({ type: "sweep", sweep: sweep({ state: "failed", failure: "the disk is full.", at: 2 }) });
    expect(session.view.toasts.map(({ level, message }) => [level, message])).toEqual([
      ["info", "1 answer changed, 2 pieces removed"],
      ["error", "The sweep failed: the disk is full."],
    ]);
  });

  it("is_cancelled", async () => {
    const { called, settle } = await show(
      { sweepCancel: async () => sweep({ state: "cancelled", done: 3, total: 9, at: 1 }) },
      { sweep: sweep({ state: "running", done: 3, total: 9 }) },
    );
    await fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    await settle();
    expect(called("sweepCancel")).toHaveLength(1);
    expect(screen.getByTestId("sweep-result").textContent).toContain("Stopped after 3 of 9 answers");
  });

  it("that_cant_be_started_says_why", async () => {
    const { session, called, settle } = await show({ sweepStart: failing });
    await fireEvent.click(screen.getByTestId("sweep-start"));
    await settle();
    expect(session.view.toasts).toMatchObject([{ level: "error", message: "the disk is full" }]);
    await fireEvent.click(screen.getByTestId("sweep-start"));
    expect(called("sweepStart"), "it can be tried again").toHaveLength(2);
  });
});

describe("the news", () => {
  const card = watchChange({ added: ["<b>new</b>"], removed: ["old"], repositories: ["swiss-ai/filter"] });

  it("shows_the_lines_as_they_are_and_is_dismissed", async () => {
    const { called, settle } = await show({
      watchChanges: async () => [card],
      watchDismiss: async () => null,
    });
    const news = screen.getByTestId("news");
    for (const part of ["New on the card", "<b>new</b>", "No longer on the card", "New repositories"])
      expect(news.textContent).toContain(part);
    expect(news.querySelector("b"), "a card is text and never a page").toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Dismiss the news of swiss-ai/Apertus-8B" }));
    await settle();
    expect(called("watchDismiss")).toEqual([[card.id]]);
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Watch the model cards");
    expect(screen.getByTestId("news-none").textContent).toBe("Nothing new.");
  });

  it("that_cant_be_dismissed_stays", async () => {
    const { session, settle } = await show({ watchChanges: async () => [card], watchDismiss: failing });
    await fireEvent.click(screen.getByTestId("news-dismiss"));
    await settle();
    expect(screen.getByTestId("news")).toBeTruthy();
    expect(session.view.toasts).toMatchObject([{ level: "error" }]);
  });

  it("that_cant_be_read_is_an_error_and_is_tried_again", async () => {
    let broken = true;
    const { settle } = await show({
      watchChanges: async (): Promise<WatchChange[]> => (broken ? failing() : [card]),
    });
    expect(screen.getByRole("alert").textContent).toContain("The news could not be read");
    broken = false;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await settle();
    expect(screen.getByTestId("news")).toBeTruthy();
  });

  it("says_that_it_is_off", async () => {
    await show();
    await fireEvent.click(screen.getByRole("switch", { name: "Watch the model cards" }));
    expect(screen.getByTestId("news-none").textContent).toBe("Lethe does not look for news.");
  });
});

it.each([
  ["Let answers repeat what I typed", { echo: true }],
  ["Keep lists up to date", { refresh: false }],
  ["Watch the model cards", { watch: false }],
  ["Phone numbers", { detectors: expect.objectContaining({ phone: false, email: true }) }],
])("the switch %j is described and saves %j", async (name, expected) => {
  const { called, settle } = await show();
  const toggle = screen.getByRole("switch", { name });
  expect(document.getElementById(toggle.getAttribute("aria-describedby") ?? "")?.textContent).toBeTruthy();
  const before = toggle.getAttribute("aria-checked");
  await fireEvent.click(toggle);
  expect(toggle.getAttribute("aria-checked")).not.toBe(before);
  await settle();
  expect(called("settingsSet")).toEqual([[expect.objectContaining(expected)]]);
});

it("the_report_says_where_it_is", async () => {
  const reply = held<string>();
  const { session, called, settle } = await show({ reportExport: reply.command });
  await fireEvent.click(screen.getByRole("button", { name: "Export report" }));
  await fireEvent.click(screen.getByTestId("report-export"));
  expect(called("reportExport"), "one report at a time").toHaveLength(1);
  reply.resolve("/home/ada/report.html");
  await settle();
  expect(session.view.toasts[0]?.message).toBe("The report is in /home/ada/report.html");
  expect(screen.getByTestId("report-export").getAttribute("aria-disabled")).toBe("false");
});

it("a_problem_is_an_alert_and_a_warning_only_a_status", async () => {
  await show({}, { filter: filterStatus({ problem: "Nothing is answered.", warning: "A list is old." }) });
  expect(screen.getByTestId("filter-problem").getAttribute("role")).toBe("alert");
  expect(screen.getByTestId("filter-warning").getAttribute("role")).toBe("status");
});
