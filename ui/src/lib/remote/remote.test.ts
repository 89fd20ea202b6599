// Models on a server: what is said before text leaves this machine, how one is added, and what is said while one is used.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { EngineState } from "../api/types";
import ChatView from "../chat/ChatView.svelte";
import InSession from "../chat/InSession.test.svelte";
import { engineReady, failing, fakeClient, held, model } from "../state/fake";
import { Session } from "../state/session.svelte";
import { DEFAULTS } from "../state/settings.svelte";
import StatusLine from "../status/StatusLine.svelte";
import { faultOf, hostOf, wayOf } from "./address";
import RemoteDialog from "./RemoteDialog.svelte";

const server = model({
  id: "r",
  name: "Large",
  path: "",
  bytes: 0,
  remote: {
    url: "https://server.example.org/v1",
    model: "large",
    proxy: null,
    leaves: "Text leaves this machine.",
  },
});

function show(component: unknown, commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient({
    remoteList: async () => ["large", "small"],
    remoteAdd: async () => server,
    modelList: async () => [server],
    modelSelect: async () => null,
    ...commands,
  });
  const session = new Session(client);
  session.view.dialog = "remote";
  render(InSession, { props: { session, component, props: {} } as never });
  const settle = () => vi.advanceTimersByTimeAsync(100);
  const press = async (id: string) => {
    await fireEvent.click(screen.getByTestId(id));
    await settle();
  };
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, called, press, settle };
}

const fill = (id: string, value: string) => fireEvent.input(screen.getByTestId(id), { target: { value } });
const choose = (value: string) => fireEvent.change(screen.getByTestId("remote-model"), { target: { value } });
const shown = (id: string) => screen.queryByTestId(id) !== null;

beforeEach(() => {
  vi.useFakeTimers();
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = () => {};
});
afterEach(() => vi.useRealTimers());

it.each<[string, string | null, string | null, string]>([
  ["https://server.example.org/v1", null, "encrypted", "server.example.org"],
  ["http://server.example.org:8000", null, "plain", "server.example.org:8000"],
  ["http://127.0.0.1:8080/v1", null, "here", "127.0.0.1:8080"],
  ["http://2130706433:8080", null, "here", "127.0.0.1:8080"],
  ["http://0.0.0.0:8080", null, "here", "0.0.0.0:8080"],
  ["http://[::ffff:127.0.0.1]:8080", null, "here", "[::ffff:7f00:1]:8080"],
  ["http://api.localhost:8080", null, "here", "api.localhost:8080"],
  ["http://localhost:8080", null, "here", "localhost:8080"],
  ["http://[::1]:8080", null, "here", "[::1]:8080"],
  ["http://localhost.example.org", null, "plain", "localhost.example.org"],
  ["http://127.0.0.1.example.org", null, "plain", "127.0.0.1.example.org"],
  ["", "Give the address of the server.", null, ""],
  ["server.example.org", "This is not an address. It begins with https://", null, "server.example.org"],
  [
    "ftp://server.example.org",
    "This is not an address. It begins with https://",
    null,
    "ftp://server.example.org",
  ],
  [
    "https://me:word@server.example.org",
    "Put the key into its own field: an address with a password in it is not kept.",
    "encrypted",
    "server.example.org",
  ],
])("the address %j: %j, %j", (address, fault, way, host) => {
  expect([faultOf(address), wayOf(address), hostOf(address)]).toEqual([fault, way, host]);
});

describe("the dialog", () => {
  it("says_what_is_sent_before_anything_is_typed", () => {
    show(RemoteDialog);
    const words = screen.getByTestId("remote-leaves").textContent;
    for (const part of ["Text leaves this machine", "what you write", "system prompt"])
      expect(words).toContain(part);
  });

  it.each([
    ["https://server.example.org", false],
    ["http://server.example.org", true],
    ["http://localhost:8080", false],
  ])("warns of %s: %s", async (url, warned) => {
    show(RemoteDialog);
    await fill("remote-url", url);
    expect(shown("remote-plain")).toBe(warned);
  });

  it("asks_no_server_whose_address_is_none", async () => {
    const { called, press } = show(RemoteDialog);
    await fill("remote-url", "server");
    await press("remote-list");
    expect(called("remoteList")).toEqual([]);
    expect(document.activeElement).toBe(screen.getByTestId("remote-url"));
    expect(screen.getByText("This is not an address. It begins with https://")).toBeTruthy();
  });

  it("lists_the_models_adds_one_and_uses_it", async () => {
    const { session, called, press } = show(RemoteDialog);
    expect(screen.getByTestId<HTMLInputElement>("remote-key").type).toBe("password");
    await fill("remote-url", " https://server.example.org/v1 ");
    await fill("remote-key", "key-1");
    await press("remote-list");
    expect(called("remoteList")).toEqual([["https://server.example.org/v1", "key-1"]]);
    await choose("large");
    expect(screen.getByTestId<HTMLInputElement>("remote-name").value).toBe("large (server.example.org)");
    await fill("remote-name", "Large");
    await press("remote-add");
    expect(called("remoteAdd")).toEqual([["Large", "https://server.example.org/v1", "large", "key-1"]]);
    expect(called("modelSelect")).toEqual([["r"]]);
    expect(session.view.dialog).toBeNull();
  });

  it("adds_nothing_without_a_model", async () => {
    const { called, press } = show(RemoteDialog);
    await fill("remote-url", "https://server.example.org");
    await press("remote-list");
    await press("remote-add");
    expect(called("remoteAdd")).toEqual([]);
    expect(screen.getByText("Choose a model of the server.")).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByTestId("remote-model"));
  });

  it.each<[string, Partial<Client>, string]>([
    ["fails", { remoteList: failing }, "the disk is full"],
    ["is empty", { remoteList: async () => [] }, "The server offers no models."],
  ])("where the list %s a name can be written", async (_name, commands, expected) => {
    const { called, press } = show(RemoteDialog, commands);
    await fill("remote-url", "https://server.example.org");
    await press("remote-list");
    expect(screen.getByTestId("remote").textContent).toContain(expected);
    await fill("remote-model", "large");
    await press("remote-add");
    expect(called("remoteAdd")).toEqual([
      ["large (server.example.org)", "https://server.example.org", "large", null],
    ]);
  });

  it("forgets_what_another_server_offered", async () => {
    const { press, settle } = show(RemoteDialog);
    await fill("remote-url", "https://server.example.org");
    await press("remote-list");
    expect(shown("remote-model")).toBe(true);
    await fill("remote-url", "https://other.example.org");
    expect(shown("remote-model")).toBe(false);
    const late = held<string[]>();
    const { session } = show(RemoteDialog, { remoteList: late.command });
    void session.remote.list("https://a.example.org", null);
    session.remote.forget();
    late.resolve(["late"]);
    await settle();
    expect(session.remote.models, "a late reply does not count").toBeNull();
  });

  it("says_why_a_model_could_not_be_added", async () => {
    const { session, press } = show(RemoteDialog, { remoteAdd: failing });
    await fill("remote-url", "https://server.example.org");
    await press("remote-list");
    await choose("large");
    await press("remote-add");
    expect(screen.getByTestId("remote-error").textContent).toBe("the disk is full");
    expect(session.view.dialog).toBe("remote");
  });

  it("says_that_lethe_is_offline", () => {
    const { session } = show(RemoteDialog);
    session.network.follow({ offline: true, forced: false });
    flushSync();
    expect(shown("remote-offline")).toBe(true);
  });
});

describe("while a model is used", () => {
  const tiny = model({ id: "t" });
  const loading: EngineState = { state: "loading", model: "Large", fraction: 0.5 };

  function use(engine: EngineState, id: string, component: unknown = ChatView) {
    const { session } = show(component);
    session.app.models = [tiny, server];
    session.settings.current = { ...DEFAULTS, model: id };
    session.app.engine = engine;
    session.onboarding.left = true;
    flushSync();
    return session;
  }

  it.each<[string, EngineState, string, string | null]>([
    ["on a server", engineReady({ model: "Large", remote: true }), "r", "server.example.org"],
    ["on a server that answers first", loading, "r", "server.example.org"],
    ["on a server that is not known any more", engineReady({ model: "Gone", remote: true }), "x", "Gone"],
    ["on this machine", engineReady(), "t", null],
    ["on this machine still", engineReady(), "r", null],
    ["on this machine soon", { state: "loading", model: "Tiny", fraction: 0.5 }, "t", null],
  ])("%s", (_name, engine, id, host) => {
    use(engine, id);
    if (host === null) expect(shown("remote-line")).toBe(false);
    else
      expect(screen.getByTestId("remote-line").textContent?.trim()).toBe(
        `Text you send leaves this machine and goes to ${host}`,
      );
  });

  it("an_empty_conversation_does_not_claim_that_answers_are_made_here", () => {
    use(engineReady({ model: "Large", remote: true }), "r");
    expect(screen.queryByText(/made on this machine/)).toBeNull();
  });

  it("a_program_on_this_machine_is_called_one", () => {
    const session = use(engineReady({ model: "Large", remote: true }), "r");
    const place = { url: "http://127.0.0.1:8000/v1", model: "large", proxy: null, leaves: "" };
    session.app.models = [tiny, { ...server, remote: place }];
    flushSync();
    expect(screen.getByTestId("remote-line").textContent?.trim()).toBe(
      "Text you send goes to another program on this machine, 127.0.0.1:8000",
    );
  });

  it("a_proxy_on_the_way_is_named", () => {
    const session = use(engineReady({ model: "Large", remote: true }), "r");
    session.app.models = [
      tiny,
      {
        ...server,
        remote: {
          url: "https://server.example.org/v1",
          model: "large",
          leaves: "",
          proxy: "proxy.example:3128",
        },
      },
    ];
    flushSync();
    expect(screen.getByTestId("remote-line").textContent?.trim()).toBe(
      "Text you send leaves this machine and goes to server.example.org, through the proxy proxy.example:3128",
    );
  });

  it("the_status_line_says_it_too", () => {
    use(engineReady({ model: "Large", remote: true }), "r", StatusLine);
    expect(screen.getByRole("button", { name: "text leaves this machine: server.example.org" })).toBeTruthy();
  });

  it("offline_it_is_said_that_the_server_can_not_answer", () => {
    const session = use(engineReady({ model: "Large", remote: true }), "r");
    session.network.follow({ offline: true, forced: false });
    flushSync();
    expect(screen.getByTestId("remote-line").textContent).toContain("server.example.org can't answer");
  });
});
