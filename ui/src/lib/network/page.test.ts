// The page of what was sent, the switch that forbids it, the token, and the mark in the status line.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { AppEvent, AppState, LedgerPage, TokenState } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import { commandsOf } from "../palette/commands";
import NetworkSettings from "../settings/NetworkSettings.svelte";
import { appState, failing, fakeClient, held, ledgerEntry, ledgerPage } from "../state/fake";
import { Session } from "../state/session.svelte";
import StatusLine from "../status/StatusLine.svelte";
import NetworkPage from "./NetworkPage.svelte";

async function show(component: unknown, commands: Partial<Client> = {}, state: Partial<AppState> = {}) {
  let emit: (event: AppEvent) => void = () => {};
  const { client, calls } = fakeClient({
    appState: async () => appState(state),
    conversationList: async () => [],
    listAll: async () => [],
    watchChanges: async () => [],
    ledger: async () => ledgerPage(),
    tokenState: async () => ({ present: false, place: null }),
    settingsSet: async (settings) => settings,
    networkOffline: async (offline) => ({ offline, forced: false }),
    onApp: async (handler) => {
      emit = handler;
      return () => {};
    },
    ...commands,
  });
  const session = new Session(client);
  await session.start();
  render(InSession, { props: { session, component, props: {} } as never });
  const settle = () => vi.advanceTimersByTimeAsync(1000);
  await settle();
  const press = async (id: string) => {
    await fireEvent.click(screen.getByTestId(id));
    await settle();
  };
  const tell = async (event: AppEvent) => {
    emit(event);
    await settle();
  };
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, called, press, tell, settle };
}

const shown = (id: string) => screen.queryByTestId(id) !== null;
const page = () => screen.getByTestId("network").textContent;

beforeEach(() => {
  vi.useFakeTimers();
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = () => {};
});
afterEach(() => vi.useRealTimers());

describe("the requests", () => {
  it.each<[string, Partial<Client>, string]>([
    ["are being read", { ledger: held<LedgerPage>().command }, "Reading what was sent…"],
    ["could not be read", { ledger: failing }, "the disk is full"],
    ["are none", { ledger: async () => ledgerPage({ entries: [], totals: [] }) }, "Nothing was sent yet"],
  ])("%s", async (_name, commands, expected) => {
    await show(NetworkPage, commands);
    expect(page()).toContain(expected);
    expect(page(), "the promise stands in every state").toContain("Every request that Lethe makes is listed");
    expect(shown("network-offline"), "so does the switch").toBe(true);
  });

  it.each([
    [ledgerEntry(), "200", "5.1 GB"],
    [ledgerEntry({ status: null, over: true, receivedBytes: 0 }), "no answer", "0 B"],
    [ledgerEntry({ status: null, over: false, receivedBytes: 999 }), "under way", "999 B"],
  ])("%j", async (entry, status, received) => {
    await show(NetworkPage, { ledger: async () => ledgerPage({ entries: [entry] }) });
    const row = screen.getByTestId("ledger-row").textContent;
    for (const part of ["a model file", "models.example.org", status, received]) expect(row).toContain(part);
  });

  it("name_the_proxy_that_they_went_through", async () => {
    const entry = ledgerEntry({ proxy: "proxy.example:3128" });
    await show(NetworkPage, { ledger: async () => ledgerPage({ entries: [entry] }) });
    expect(screen.getByTestId("ledger-proxy").textContent).toBe("through the proxy proxy.example:3128");
  });

  it("are_added_up_by_host", async () => {
    await show(NetworkPage);
    expect(screen.getByRole("row", { name: "models.example.org 1 400 B 5.1 GB" })).toBeTruthy();
  });

  it("older_ones_are_read_from_the_last_one_on", async () => {
    const ledger = async (before: number | null) =>
      before === null
        ? ledgerPage({ entries: [ledgerEntry({ id: 9 }), ledgerEntry({ id: 5 })], more: true })
        : ledgerPage({ entries: [ledgerEntry({ id: 4 })] });
    const { called, press } = await show(NetworkPage, { ledger });
    await press("ledger-more");
    expect(called("ledger")).toEqual([[null], [5]]);
    expect(screen.getAllByTestId("ledger-row")).toHaveLength(3);
    expect(shown("ledger-more")).toBe(false);
  });

  it("are_cleared_only_when_it_is_confirmed", async () => {
    const { called, press } = await show(NetworkPage, { ledgerClear: async () => null });
    await press("ledger-clear");
    expect(called("ledgerClear")).toEqual([]);
    await press("ledger-clear-confirm");
    expect(called("ledgerClear")).toHaveLength(1);
    expect(shown("ledger-empty") && !shown("ledger-totals")).toBe(true);
    expect(document.activeElement, "the focus stays on the page").toBe(screen.getByTestId("ledger-refresh"));
  });

  it("stay_when_they_could_not_be_cleared", async () => {
    const { session, press } = await show(NetworkPage, { ledgerClear: failing });
    await press("ledger-clear");
    await press("ledger-clear-confirm");
    expect(session.view.toasts).toMatchObject([{ level: "error", message: "the disk is full" }]);
    expect(shown("ledger-row")).toBe(true);
  });
});

describe("the switch", () => {
  it.each<[string, unknown]>([
    ["on the page", NetworkPage],
    ["in the settings", NetworkSettings],
  ])("%s forbids the network and is kept in the settings", async (_name, component) => {
    const { session, called, press, settle } = await show(component);
    await press("network-offline");
    expect(called("networkOffline")).toEqual([[true]]);
    expect(screen.getByRole("switch", { name: "Offline" }).getAttribute("aria-checked")).toBe("true");
    session.settings.change({ theme: "dark" });
    await settle();
    expect(called("settingsSet"), "another setting does not switch it back").toMatchObject([
      [{ offline: true }],
    ]);
  });

  it("that_is_refused_stays_and_says_why", async () => {
    const { session, press } = await show(NetworkPage, { networkOffline: failing });
    await press("network-offline");
    expect(screen.getByRole("switch").getAttribute("aria-checked")).toBe("false");
    expect(session.view.toasts).toMatchObject([{ message: "the disk is full" }]);
  });

  it("that_is_forced_can_not_be_moved_and_says_by_what", async () => {
    const { called, press } = await show(NetworkPage, {}, { network: { offline: true, forced: true } });
    expect(screen.getByTestId<HTMLButtonElement>("network-offline").disabled).toBe(true);
    expect(page()).toContain("--offline or LETHE_OFFLINE");
    await press("network-offline");
    expect(called("networkOffline")).toEqual([]);
  });

  it("follows_what_another_window_or_the_start_has_said", async () => {
    const { session, tell } = await show(NetworkPage);
    await tell({ type: "network", network: { offline: true, forced: false } });
    expect(screen.getByRole("switch").getAttribute("aria-checked")).toBe("true");
    expect(session.settings.current.offline).toBe(true);
    await tell({ type: "network", network: { offline: true, forced: true } });
    await tell({ type: "network", network: { offline: false, forced: false } });
    expect(session.settings.current.offline).toBe(false);
  });

  it("what_is_forced_is_not_the_users_own_choice", async () => {
    const { session } = await show(NetworkPage, {}, { network: { offline: true, forced: true } });
    expect(session.settings.current.offline).toBe(false);
  });
});

describe("the access token", () => {
  it.each<[string, TokenState, string, boolean]>([
    ["none", { present: false, place: null }, "No token is set.", true],
    ["in the keychain", { present: true, place: "keychain" }, "in the keychain of your system", true],
    ["from the environment", { present: true, place: "environment" }, "It can't be changed here.", false],
  ])("%s", async (_name, state, sentence, changeable) => {
    await show(NetworkPage, { tokenState: async () => state });
    expect(screen.getByTestId("token-state").textContent).toContain(sentence);
    expect(shown("token")).toBe(changeable);
  });

  it("is_kept_and_is_gone_from_the_screen", async () => {
    const { called, press } = await show(NetworkPage, {
      tokenSet: async () => ({ present: true, place: "keychain" }),
    });
    const field = screen.getByTestId<HTMLInputElement>("token");
    expect(field.type).toBe("password");
    await press("token-set");
    expect(called("tokenSet"), "nothing was typed").toEqual([]);
    await fireEvent.input(field, { target: { value: " secret-1 " } });
    await press("token-set");
    expect(called("tokenSet")).toEqual([["secret-1"]]);
    expect(field.value).toBe("");
    expect(screen.getByTestId("token-state").textContent).toContain("keychain");
  });

  it("is_forgotten", async () => {
    const { called, press } = await show(NetworkPage, {
      tokenState: async () => ({ present: true, place: "database" }),
      tokenSet: async () => ({ present: false, place: null }),
    });
    await press("token-forget");
    expect(called("tokenSet")).toEqual([[null]]);
    expect(screen.getByTestId("token-state").textContent).toBe("No token is set.");
    expect(document.activeElement).toBe(screen.getByTestId("token"));
  });

  it("that_could_not_be_kept_says_why_and_stays_typed", async () => {
    const { press } = await show(NetworkPage, { tokenSet: failing });
    const field = screen.getByTestId<HTMLInputElement>("token");
    await fireEvent.input(field, { target: { value: "secret-1" } });
    await press("token-set");
    expect(screen.getByText("the disk is full")).toBeTruthy();
    expect(field.value).toBe("secret-1");
  });

  it("that_could_not_be_looked_up_says_so", async () => {
    await show(NetworkPage, { tokenState: failing });
    expect(page()).toContain("It could not be looked up whether there is a token");
  });
});

describe("it is reached from", () => {
  it("the_status_line_while_offline", async () => {
    const { session, press, tell } = await show(StatusLine);
    expect(shown("offline-mark")).toBe(false);
    await tell({ type: "network", network: { offline: true, forced: false } });
    await press("offline-mark");
    expect(session.view.dialog).toBe("network");
  });

  it("the_settings", async () => {
    const { session, press } = await show(NetworkSettings);
    await press("network-open");
    expect(session.view.dialog).toBe("network");
  });

  it.each([
    [{ offline: false, forced: false }, "Go offline", [[true]]],
    [{ offline: true, forced: false }, "Go online", [[false]]],
    [{ offline: true, forced: true }, "Go online", []],
  ])("the palette: %j", async (network, title, calls) => {
    const { session, called, settle } = await show(NetworkSettings, {}, { network });
    const run = (name: string) =>
      commandsOf(session)
        .find((other) => other.title === name)
        ?.run();
    run(title);
    await settle();
    expect(called("networkOffline")).toEqual(calls);
    run("Show what was sent over the network");
    expect(session.view.dialog).toBe("network");
  });
});

describe("the download limit", () => {
  const type = (value: string) =>
    fireEvent.input(screen.getByTestId("setting-downloadLimit"), { target: { value } });

  it.each<[string, number | null]>([
    ["2.5", 2_500_000],
    ["2,5", 2_500_000],
    ["0.1", 100_000],
    ["", null],
  ])("%j is kept as bytes a second", async (typed, expected) => {
    const { session, called, settle } = await show(NetworkSettings);
    session.settings.current = { ...session.settings.current, downloadLimit: 1_000_000 };
    flushSync();
    expect(screen.getByTestId<HTMLInputElement>("setting-downloadLimit").value).toBe("1");
    await type(typed);
    await settle();
    expect(called("settingsSet")).toMatchObject([[{ downloadLimit: expected }]]);
  });

  it.each(["0", "-1", "fast", "20000"])("%j is refused with the range", async (typed) => {
    const { called, settle } = await show(NetworkSettings);
    await type(typed);
    await settle();
    expect(screen.getByRole("alert").textContent).toBe("Between 0.1 and 10,000");
    expect(called("settingsSet")).toEqual([]);
  });

  it("a_number_that_is_still_being_typed_is_not_rewritten", async () => {
    const { settle } = await show(NetworkSettings);
    await type("2.");
    await settle();
    expect(screen.getByTestId<HTMLInputElement>("setting-downloadLimit").value).toBe("2.");
  });
});
