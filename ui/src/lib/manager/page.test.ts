// The page of models: each of its tabs in each of its states, by eye, keyboard and screen reader, and the ways to it.
import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, it } from "vitest";
import type { Client } from "../api/client";
import type { Catalog, DownloadView, FoundModel, HubHit, ModelView, Offer, HubVariant } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import { commandsOf } from "../palette/commands";
import { card, failing, fakeClient, held, model } from "../state/fake";
import { Session } from "../state/session.svelte";
import type { ModelsTab } from "../state/view.svelte";
import DownloadState from "../status/DownloadState.svelte";
import ModelPicker from "../status/ModelPicker.svelte";
import DropHint from "./DropHint.svelte";
import { catalog, download, foundModel, hit, offer, repo, variant } from "./fake";
import ModelsPage from "./ModelsPage.svelte";

const refused = (code: string) => async (): Promise<never> => {
  throw { code, message: `refused: ${code}` };
};

function show(
  tab: ModelsTab,
  commands: Partial<Client> = {},
  prepare: (session: Session) => void = () => {},
) {
  const { client, calls } = fakeClient({
    catalog: async () => catalog(),
    modelsFound: async () => [],
    modelSelect: async () => null,
    hubRepo: async () => repo(),
    hubSearch: async () => [hit()],
    ...commands,
  });
  const session = new Session(client);
  session.app.phase = "ready";
  session.view.openModels(tab);
  prepare(session);
  render(InSession, { props: { session, component: ModelsPage, props: {} } as never });
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, called };
}

const withModels =
  (...models: ModelView[]) =>
  (session: Session) => {
    session.app.models = models;
  };
const focused = () => document.activeElement?.getAttribute("data-testid");

describe("the tabs", () => {
  it.each<[string, ModelsTab, string]>([
    ["ArrowRight", "machine", "get"],
    ["ArrowRight", "downloads", "machine"],
    ["ArrowLeft", "machine", "downloads"],
    ["End", "machine", "downloads"],
    ["Home", "downloads", "machine"],
  ])("%s on %s chooses %s and takes the focus along", async (key, from, to) => {
    const { session } = show(from);
    expect(focused(), "the page takes the focus").toBe(`models-${from}`);
    await fireEvent.keyDown(screen.getByTestId(`models-${from}`), { key });
    await waitFor(() => expect(focused()).toBe(`models-${to}`));
    expect(session.view.tab).toBe(to);
    expect(screen.getByRole("tabpanel", { name: /./ }).getAttribute("aria-labelledby")).toBe(
      screen.getByTestId(`models-${to}`).id,
    );
  });
});

describe("on this machine", () => {
  it("nothing_leads_to_what_can_be_got", async () => {
    const { session } = show("machine");
    await fireEvent.click(within(screen.getByTestId("machine-empty")).getByRole("button"));
    expect(session.view.tab).toBe("get");
  });

  it.each<[string, Partial<ModelView>, RegExp]>([
    ["type, size, context and architecture", {}, /Q4_0 · 400 MB · 4.1k context · apertus/],
    ["its speed here", { speed: { promptRate: 90, answerRate: 11.25 } }, /11\.3 tokens\/s/],
    ["what is wrong", { problem: "The file ends too early." }, /The file ends too early\./],
    ["its twin by name", { duplicates: ["n"] }, /The same file as Other\./],
    [
      "that text leaves this machine",
      {
        remote: {
          url: "https://m.example.org",
          model: "t",
          proxy: null,
          leaves: "Text is sent to m.example.org.",
        },
      },
      /on a server.*https:\/\/m\.example\.org Text is sent to m\.example\.org\./,
    ],
  ])("a model says %s", (_name, part, expected) => {
    show("machine", {}, withModels(model(part), model({ id: "n", name: "Other" })));
    const row = screen.getAllByTestId("machine-model")[0];
    expect(row?.textContent?.replace(/\s+/g, " ")).toMatch(expected);
  });

  it("a_model_on_a_server_has_no_size_and_no_file_to_look_into", () => {
    const remote = { url: "https://m.example.org", model: "t", proxy: null, leaves: "It leaves." };
    show("machine", {}, withModels(model({ remote, bytes: 0, path: "" })));
    expect(screen.getByTestId("machine-model").textContent).not.toContain("kB");
    expect(screen.queryByRole("button", { name: "Look into Tiny" })).toBeNull();
    expect(screen.getByRole("button", { name: "Delete Tiny…" })).toBeTruthy();
  });

  it.each([
    [null, true],
    ["broken", false],
  ])("a model with the problem %s can be used: %s", (problem, usable) => {
    show("machine", {}, withModels(model({ problem })));
    expect(screen.queryByTestId("machine-use") !== null).toBe(usable);
  });

  it("what_is_used_leads_back_to_the_conversation", async () => {
    const { session, called } = show("machine", {}, withModels(model()));
    await fireEvent.click(screen.getByTestId("machine-use"));
    expect([session.view.page, called("modelSelect")]).toEqual(["chat", [["m"]]]);
  });
});

describe("models of other programs", () => {
  it("are_looked_for", () => {
    show("machine", { modelsFound: held<FoundModel[]>().command });
    expect(screen.getByRole("status").textContent).toContain("Looking in the folders");
  });

  it("could_not_be_looked_for", async () => {
    show("machine", { modelsFound: failing });
    expect((await screen.findByRole("alert")).textContent).toContain("the disk is full");
  });

  it("are_none", async () => {
    show("machine");
    expect(await screen.findByTestId("found-none")).toBeTruthy();
  });

  it("are_added_in_place_unless_they_can_not_be_used", async () => {
    const { called } = show("machine", {
      modelsFound: async () => [
        foundModel(),
        foundModel({ path: "/b", name: "B", problem: "No text model." }),
      ],
      modelsImport: async () => ({ imported: [], failures: [] }),
    });
    const add = await screen.findByRole("button", { name: "Add Other" });
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Add B" }).disabled).toBe(true);
    await fireEvent.click(add);
    expect(called("modelsImport")).toEqual([[[foundModel().path]]]);
  });
});

it("files_that_were_not_added_say_why_until_that_is_dismissed", async () => {
  const failure = { path: "/a.png", error: { code: "bad_input", message: "This is no model." } } as const;
  const { session } = show("machine", { modelsImport: async () => ({ imported: [], failures: [failure] }) });
  await session.library.import(["/a.png"]);
  await tick();
  expect(screen.getByTestId("import-failures").textContent).toMatch(/\/a\.png.*This is no model\./);
  await fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByTestId("import-failures")).toBeNull();
});

describe("the catalogue", () => {
  it("loads", () => {
    show("get", { catalog: held<Catalog>().command });
    expect(screen.getByRole("status").textContent).toContain("Reading the catalogue…");
  });

  it("failed, and tried again", async () => {
    let broken = true;
    show("get", { catalog: async () => (broken ? refused("offline")() : catalog()) });
    expect((await screen.findByRole("alert")).textContent).toContain("refused: offline");
    broken = false;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByTestId("catalog")).toBeTruthy();
  });

  it("is_empty", async () => {
    show("get", { catalog: async () => catalog({ offers: [] }) });
    expect((await screen.findByTestId("catalog")).textContent).toContain("The catalogue is empty.");
  });

  it("shows_apertus_first_and_what_this_machine_has", async () => {
    const offers = [offer({ id: "o", family: "open", name: "Open One" }), offer()];
    show("get", { catalog: async () => catalog({ offers }) });
    expect((await screen.findByTestId("catalog")).textContent).toContain("16.0 GB of memory");
    expect(screen.getAllByTestId("offer").map((card) => card.dataset["offer"])).toEqual(["tiny", "o"]);
  });

  it.each<[string, Partial<Offer>, RegExp, boolean]>([
    ["what it is good for and under which terms", {}, /Conversation in many languages.*Apache-2\.0/, true],
    ["what it takes here", {}, /Q4_K_M: 4\.9 GB on disk, 6\.2 GB in memory fits well/, true],
    ["that it suits this machine", {}, /suits this machine/, true],
    ["that it is here", { installed: ["m"] }, /on this machine/, true],
    ["terms of its own", { licenseNote: "Its makers' own terms." }, /Its makers' own terms\./, true],
    ["that it is converted here", { converts: true }, /Lethe converts them on this machine/, true],
    ["that it needs a server", { runs: "on_a_server", runsNote: "Too large." }, /Too large\./, false],
    ["that it does not run yet", { runs: "not_yet", runsNote: "Not yet." }, /Not yet\./, false],
  ])("a card says %s", async (_name, part, expected, get) => {
    show("get", { catalog: async () => catalog({ offers: [offer(part)] }) });
    const shown = await screen.findByTestId("offer");
    expect(shown.textContent?.replace(/\s+/g, " ")).toMatch(expected);
    expect(screen.queryByTestId("offer-get") !== null).toBe(get);
  });

  it("leads_to_a_repository_and_back_to_the_same_card", async () => {
    show("get");
    await fireEvent.click((await screen.findAllByTestId("offer-get"))[0] as HTMLElement);
    expect(document.activeElement?.textContent).toContain("Tiny Instruct");
    await screen.findByTestId("variants");
    await fireEvent.click(screen.getByTestId("repository-back"));
    await waitFor(() => expect(focused()).toBe("offer-get"));
  });
});

async function showRepository(commands: Partial<Client> = {}) {
  const shown = show("search", commands);
  await shown.session.hub.open("example/Tiny-Instruct-GGUF");
  await tick();
  return shown;
}

describe("a repository", () => {
  it("shows_its_variants_and_starts_what_is_chosen", async () => {
    const { session, called } = await showRepository({ downloadStart: async () => download() });
    expect(screen.getAllByTestId<HTMLInputElement>("variant").map(({ checked }) => checked)).toEqual([
      false,
      true,
    ]);
    await fireEvent.click(screen.getByRole("radio", { name: /Q8_0.*does not fit in memory/ }));
    await fireEvent.click(screen.getByRole("button", { name: "Download 8.6 GB all the same" }));
    expect(called("downloadStart")[0]?.[2]).toBe("Q8_0");
    expect(session.view.tab).toBe("downloads");
  });

  it.each<[Partial<HubVariant>, string]>([
    [{ inCache: true }, "Use it where it is"],
    [{ converts: true }, "Download 4.9 GB and convert"],
    [{}, "Download 4.9 GB"],
    [{ fits: "no" }, "Download 4.9 GB all the same"],
  ])("%j is called %j", async (part, label) => {
    await showRepository({ hubRepo: async () => repo({ variants: [variant(part)] }) });
    expect(screen.getByTestId("download-start").textContent?.trim()).toBe(label);
  });

  it("that_holds_nothing_says_why", async () => {
    await showRepository({ hubRepo: async () => repo({ variants: [], note: "It holds pictures only." }) });
    expect(screen.getByTestId("repository").textContent).toContain("It holds pictures only.");
    expect(screen.queryByTestId("download-start")).toBeNull();
  });

  it("has_its_terms_accepted_first", async () => {
    const { called } = await showRepository({
      catalog: async () => catalog({ offers: [offer({ cardId: "tiny-instruct", termsAccepted: false })] }),
      modelCard: async () => card({ acceptedAt: null }),
      termsAccept: async () => card(),
      downloadStart: async () => download(),
    });
    const start = screen.getByTestId("download-start");
    expect(screen.getByTestId("terms").textContent).toContain("Apply the output filter.");
    expect(document.getElementById(start.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
      "Accept the terms to go on.",
    );
    await fireEvent.click(start);
    expect(called("downloadStart")).toEqual([]);
    await fireEvent.click(screen.getByTestId("terms-agree"));
    await fireEvent.click(start);
    await waitFor(() => expect(called("downloadStart")).toHaveLength(1));
    expect(called("termsAccept")).toEqual([["tiny-instruct"]]);
  });

  it("that_is_gated_says_what_to_do", async () => {
    const { session } = await showRepository({ downloadStart: refused("token") });
    await fireEvent.click(screen.getByTestId("download-start"));
    expect((await screen.findByTestId("start-error")).textContent).toBe("refused: token");
    const help = screen.getByTestId("help-token");
    expect(help.textContent).toContain("https://models.example.org/tiny");
    await fireEvent.click(within(help).getByRole("button", { name: "Enter an access token…" }));
    expect(session.view.dialog, "where the token is set").toBe("network");
  });

  it("that_finds_the_disk_full_leads_to_what_could_be_deleted", async () => {
    const { session } = await showRepository({ downloadStart: refused("disk_full") });
    await fireEvent.click(screen.getByTestId("download-start"));
    await fireEvent.click(within(await screen.findByTestId("help-disk")).getByRole("button"));
    expect([session.view.tab, session.hub.shown]).toEqual(["machine", false]);
  });

  it("shows_its_card_as_text_that_can_do_nothing", async () => {
    const evil = '<img src=x onerror="alert(1)"><script>alert(1)</script>[a](javascript:alert(1)) words';
    await showRepository({ hubRepo: async () => repo({ card: evil }) });
    const shown = screen.getByTestId("card-text");
    await waitFor(() => expect(shown.textContent).toContain("words"));
    expect(shown.querySelector("img, script, [href], [onerror]")).toBeNull();
  });
});

describe("a search", () => {
  async function search(hubSearch: Client["hubSearch"]) {
    const shown = show("search", { hubSearch });
    await fireEvent.input(screen.getByTestId("hub-query"), { target: { value: "tiny" } });
    await fireEvent.click(screen.getByTestId("hub-search"));
    return shown;
  }

  it("has_not_been_made_yet", () => {
    const { called } = show("search");
    expect(screen.getByTestId<HTMLButtonElement>("hub-search").disabled).toBe(true);
    expect(called("hubSearch")).toEqual([]);
  });

  it("is_under_way", async () => {
    await search(held<HubHit[]>().command);
    expect(screen.getByRole("status").textContent).toContain("Searching the hub…");
  });

  it("finds_nothing", async () => {
    await search(async () => []);
    expect(await screen.findByText("Nothing found for “tiny”")).toBeTruthy();
  });

  it("is_refused_offline", async () => {
    await search(refused("offline"));
    expect((await screen.findByRole("alert")).textContent).toContain("refused: offline");
    expect(screen.getByText(/Lethe is offline: nothing is sent/)).toBeTruthy();
  });

  it("finds_repositories_that_are_opened", async () => {
    const { session } = await search(async () => [hit({ gated: true })]);
    const found = await screen.findByTestId("hub-hit");
    expect(found.textContent).toMatch(
      /asks for conditions.*model files · 1,200 downloads · 34 likes · changed Jun 3, 2026/,
    );
    await fireEvent.click(found);
    expect(session.hub.repository).toBe(hit().repository);
  });
});

describe("a download", () => {
  it.each<[DownloadView["state"], Partial<DownloadView>, RegExp, string[]]>([
    ["queued", { done: 0 }, /Waiting for its turn · 4\.0 GB/, ["pause", "cancel"]],
    ["running", {}, /Downloading · 1\.0 GB of 4\.0 GB · 20 MB\/s · 3 min left/, ["pause", "cancel"]],
    ["waiting", { text: "The server asked for 30 s." }, /The server asked for 30 s\./, ["pause", "cancel"]],
    ["paused", {}, /Paused/, ["resume", "cancel"]],
    ["checking", {}, /Checking the files/, ["cancel"]],
    ["converting", {}, /Converting/, ["cancel"]],
    [
      "failed",
      { error: { code: "network", message: "The hub does not answer." } },
      /The hub does not answer\..*Check the connection/,
      ["retry", "cancel"],
    ],
    ["done", { model: "m" }, /Done/, ["use", "cancel"]],
  ])("that is %s says so and can be ordered about", (state, part, words, orders) => {
    show("downloads", {}, (session) => (session.downloads.all = [download({ state, ...part })]));
    const row = screen.getByTestId("download");
    expect(row.textContent?.replace(/\s+/g, " ")).toMatch(words);
    const offered = ["pause", "resume", "retry", "use", "cancel"].filter((order) =>
      screen.queryByTestId(`download-${order}`),
    );
    expect(offered).toEqual(orders);
    expect(screen.queryByRole("progressbar")?.getAttribute("aria-valuenow") ?? null).toBe(
      state === "done" || state === "converting" ? null : state === "queued" ? "0" : "25",
    );
  });

  it("is_none_yet", () => {
    show("downloads");
    expect(screen.getByTestId("downloads").textContent).toContain("No downloads");
  });

  it.each([
    ["download-pause", "running", "downloadPause"],
    ["download-resume", "paused", "downloadResume"],
    ["download-retry", "failed", "downloadResume"],
    ["download-cancel", "running", "downloadCancel"],
  ] as const)("%s of one that is %s calls %s", async (id, state, name) => {
    const { called } = show(
      "downloads",
      { downloadPause: async () => null, downloadResume: async () => null, downloadCancel: async () => null },
      (session) => (session.downloads.all = [download({ state })]),
    );
    await fireEvent.click(screen.getByTestId(id));
    expect(called(name)).toEqual([["d1"]]);
  });

  it("that_is_done_is_used", async () => {
    const { session, called } = show("downloads", {}, (session) => {
      session.app.models = [model()];
      session.downloads.all = [download({ state: "done", model: "m" })];
    });
    await fireEvent.click(screen.getByTestId("download-use"));
    expect([session.view.page, called("modelSelect")]).toEqual(["chat", [["m"]]]);
  });

  it("is_seen_in_the_status_line_while_it_runs_and_leads_there", async () => {
    const session = new Session(fakeClient().client);
    render(InSession, { props: { session, component: DownloadState, props: {} } as never });
    expect(screen.queryByTestId("download-state")).toBeNull();
    session.downloads.all = [download()];
    await tick();
    const button = screen.getByRole("button", { name: "Downloading 25%" });
    await fireEvent.click(button);
    expect([session.view.page, session.view.tab]).toEqual(["models", "downloads"]);
  });
});

describe("the page is opened from", () => {
  it("the_model_picker", async () => {
    const session = new Session(fakeClient().client);
    session.view.modelsOpen = true;
    render(InSession, { props: { session, component: ModelPicker, props: {} } as never });
    await fireEvent.click(screen.getByRole("button", { name: "Manage models…" }));
    expect([session.view.page, session.view.modelsOpen]).toEqual(["models", false]);
  });

  it.each([
    ["Manage models", "machine"],
    ["Get models", "get"],
    ["Show downloads", "downloads"],
  ])("the palette by %j", (title, tab) => {
    const session = new Session(fakeClient().client);
    commandsOf(session)
      .find((command) => command.title === title)
      ?.run();
    expect([session.view.page, session.view.tab]).toEqual(["models", tab]);
  });

  it("and_left_for_a_conversation", async () => {
    const { session } = show("machine", { conversationOpen: failing });
    void session.chats.open(1);
    expect(session.view.page).toBe("chat");
  });
});

it("files_over_the_window_are_met_by_a_hint", async () => {
  const session = new Session(fakeClient().client);
  session.app.phase = "ready";
  render(InSession, { props: { session, component: DropHint, props: {} } as never });
  expect(screen.queryByTestId("drop-hint")).toBeNull();
  session.library.handle({ type: "over" });
  await tick();
  expect(screen.getByTestId("drop-hint").textContent).toContain("Drop model files or folders here");
});
