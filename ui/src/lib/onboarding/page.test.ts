// The first start, from nothing to a first answer: each state of the page, and what happens when a model has arrived.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { ApiError, AppEvent, AppState, DownloadView, ModelView } from "../api/types";
import ChatView from "../chat/ChatView.svelte";
import InSession from "../chat/InSession.test.svelte";
import { Chat } from "../state/chat.svelte";
import {
  appState,
  card,
  catalog,
  download,
  engineReady,
  estimate,
  failing,
  fakeClient,
  foundModel,
  held,
  hubRepo,
  hubVariant,
  model,
  offer,
  starterOffer,
} from "../state/fake";
import { Session } from "../state/session.svelte";
import { DEFAULTS } from "../state/settings.svelte";

const apertus = model({ id: "a", name: "Apertus 8B Instruct" });
const small = model({ id: "s", name: "SmolLM2 135M Instruct" });
const conversation = { id: 1, title: "Chat", updatedAt: 0, messages: 2 };

async function show(commands: Partial<Client> = {}, state: Partial<AppState> = {}) {
  let emit: (event: AppEvent) => void = () => {};
  let models: ModelView[] = state.models ?? [];
  const { client, calls } = fakeClient({
    appState: async () => appState({ engine: { state: "none" }, ...state }),
    conversationList: async () => [],
    listAll: async () => [],
    watchChanges: async () => [],
    catalog: async () => catalog(),
    modelsFound: async () => [],
    modelCard: async () => card({ acceptedAt: null }),
    termsAccept: async () => card({ acceptedAt: 1 }),
    hubRepo: async () => hubRepo(),
    downloadStart: async () => download({ state: "queued", done: 0 }),
    modelList: async () => models,
    modelSelect: async () => null,
    onApp: async (handler) => {
      emit = handler;
      return () => {};
    },
    ...commands,
  });
  const session = new Session(client);
  await session.start();
  render(InSession, { props: { session, component: ChatView, props: {} } as never });
  const settle = () => vi.advanceTimersByTimeAsync(100);
  await settle();
  const press = async (id: string) => {
    await fireEvent.click(screen.getByTestId(id));
    await settle();
  };
  const tell = async (...downloads: DownloadView[]) => {
    emit({ type: "downloads", downloads });
    await settle();
  };
  const has = (...list: ModelView[]) => (models = list);
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, calls, called, press, tell, has, settle };
}

const shown = (id: string) => screen.queryByTestId(id) !== null;
const accepted = async () => catalog({ offers: [offer({ termsAccepted: true }), starterOffer()] });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the page is shown", () => {
  it.each<[string, Partial<AppState>, Partial<Client>, boolean]>([
    ["without a model", {}, {}, true],
    ["without a model, to who has conversations", {}, { conversationList: async () => [conversation] }, true],
    ["with the starter alone", { models: [small], engine: engineReady() }, {}, true],
    [
      "not after the first conversation with it",
      { models: [small], engine: engineReady() },
      { conversationList: async () => [conversation] },
      false,
    ],
    ["not with another model", { models: [small, apertus] }, {}, false],
  ])("%s", async (_name, state, commands, expected) => {
    await show(commands, state);
    expect(shown("onboarding")).toBe(expected);
  });
});

describe("the catalogue", () => {
  it("that_is_being_read_says_so", async () => {
    await show({ catalog: held<never>().command });
    expect(screen.getByTestId("onboarding").textContent).toContain("Looking at what this machine can run");
  });

  it("that_could_not_be_read_says_why_and_is_read_again_and_the_other_ways_stay", async () => {
    const { called, settle } = await show({ catalog: failing });
    expect(screen.getByRole("alert").textContent).toContain("the disk is full");
    expect(shown("use-file") && shown("use-server")).toBe(true);
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await settle();
    expect(called("catalog")).toHaveLength(2);
  });

  it("in_which_nothing_fits_says_so_and_offers_a_server", async () => {
    const { press, session } = await show({
      catalog: async () => catalog({ offers: [], recommended: null }),
    });
    expect(screen.getByTestId("none-fits").textContent).toContain("No model of the catalogue fits");
    await press("use-server");
    expect(session.view.dialog).toBe("remote");
  });

  it("names_size_memory_and_licence_of_what_it_recommends", async () => {
    await show();
    const words = screen.getByTestId("recommended").textContent;
    for (const part of [
      "Recommended for this machine",
      "5.1 GB to download",
      "6.2 GB of memory",
      "Apache-2.0",
    ])
      expect(words).toContain(part);
  });

  it("offers_the_largest_that_fits_in_place_of_one_that_does_not", async () => {
    const offers = [offer({ id: "x", name: "Apertus 0.5B", estimates: [estimate({ fits: "tight" })] })];
    await show({ catalog: async () => catalog({ offers, recommended: null }) });
    expect(screen.getByTestId("recommended").textContent).toContain(
      "The largest model that fits this machine",
    );
    expect(shown("tight")).toBe(true);
  });

  it("says_how_much_room_is_missing_on_the_disk", async () => {
    await show({ catalog: async () => catalog({ diskFree: 1e9 }) });
    expect(screen.getByTestId("no-disk").textContent).toContain("5.1 GB of disk space, and 1.0 GB are free");
    expect(shown("get-and-start"), "nothing is begun that can't end").toBe(false);
  });
});

describe("the model is got", () => {
  it("after_its_terms_were_read_and_accepted", async () => {
    const { called, press } = await show();
    await press("get-and-start");
    expect(called("downloadStart")).toEqual([]);
    await press("onboarding-accept");
    expect(called("termsAccept"), "the box is not ticked").toEqual([]);
    await press("onboarding-agree");
    await press("onboarding-accept");
    expect(called("termsAccept")).toEqual([["tiny-instruct"]]);
    expect(called("downloadStart")).toEqual([["example/Apertus-8B-GGUF", "ab".repeat(20), "Q4_K_M"]]);
    expect(screen.getByTestId("download").dataset["state"]).toBe("queued");
    expect(document.activeElement, "the keyboard goes on there").toBe(screen.getByTestId("download-pause"));
  });

  it("without_asking_where_the_terms_were_accepted_before", async () => {
    const { called, press } = await show({ catalog: accepted });
    await press("get-and-start");
    expect(called("modelCard")).toEqual([]);
    expect(called("downloadStart")).toHaveLength(1);
  });

  it("not_when_the_user_goes_back_from_the_terms", async () => {
    const { called, press } = await show();
    await press("get-and-start");
    await press("onboarding-back");
    expect(document.activeElement).toBe(screen.getByTestId("get-and-start"));
    expect(called("downloadStart")).toEqual([]);
  });

  it("terms_that_could_not_be_read_say_why", async () => {
    const { press } = await show({ modelCard: failing });
    await press("get-and-start");
    expect(screen.getByRole("alert").textContent).toContain("the disk is full");
    expect(shown("onboarding-accept"), "nobody accepts what they could not read").toBe(false);
  });

  it.each<[string, ApiError["code"]]>([
    ["no network", "network"],
    ["a full disk", "disk_full"],
    ["no access", "token"],
  ])("%s is said in place and can be tried again", async (message, code) => {
    const { called, press, session } = await show({
      catalog: accepted,
      hubRepo: async () => {
        throw { code, message };
      },
    });
    await press("get-and-start");
    expect(screen.getByTestId("start-error").textContent).toBe(message);
    await press("get-and-start");
    expect(called("hubRepo")).toHaveLength(2);
    if (code === "token") {
      await press("start-token");
      expect(session.view.dialog).toBe("network");
    }
  });

  it("that_is_on_this_machine_already_is_used_at_once", async () => {
    const { called, press, has } = await show({
      catalog: accepted,
      hubRepo: async () => hubRepo({ variants: [hubVariant({ installed: "a" })] }),
    });
    has(apertus);
    await press("get-and-start");
    expect(called("downloadStart")).toEqual([]);
    expect(called("modelSelect")).toEqual([["a"]]);
  });

  it("a_refusal_for_the_terms_shows_them_again", async () => {
    const { press } = await show({
      catalog: accepted,
      downloadStart: async () => {
        throw { code: "terms", message: "accept the terms" };
      },
    });
    await press("get-and-start");
    expect(shown("onboarding-terms")).toBe(true);
  });
});

describe("offline", () => {
  it("nothing_is_fetched_until_the_user_goes_online", async () => {
    const networkOffline = async (offline: boolean) => ({ offline, forced: false });
    const { called, press } = await show({ networkOffline }, { network: { offline: true, forced: false } });
    expect(shown("get-and-start")).toBe(false);
    expect(shown("chat-now"), "the small model would have to be fetched").toBe(false);
    await press("onboarding-go-online");
    expect(called("networkOffline")).toEqual([[false]]);
    expect(shown("get-and-start")).toBe(true);
  });

  it("that_was_forced_says_by_what_and_offers_no_switch", async () => {
    await show({}, { network: { offline: true, forced: true } });
    expect(screen.getByTestId("recommended").textContent).toContain("LETHE_OFFLINE");
    expect(shown("onboarding-go-online")).toBe(false);
  });
});

describe("the download", () => {
  it("shows_how_far_it_is", async () => {
    await show({}, { downloads: [download()] });
    const bar = screen.getByRole("progressbar");
    expect(bar.getAttribute("aria-valuenow")).toBe("25");
    expect(bar.getAttribute("aria-valuetext")).toBe("Downloading, 25%");
    expect(screen.getByTestId("download-line").textContent?.trim()).toContain("about 3 minutes left");
  });

  it.each<[string, Partial<DownloadView>, string]>([
    ["pauses", {}, "downloadPause"],
    ["resumes", { state: "paused" }, "downloadResume"],
    [
      "is tried again",
      { state: "failed", error: { code: "network", message: "no route" } },
      "downloadResume",
    ],
  ])("%s", async (_name, part, command) => {
    const { called, press } = await show({ [command]: async () => null }, { downloads: [download(part)] });
    await press(command === "downloadPause" ? "download-pause" : "download-resume");
    expect(called(command)).toEqual([["d"]]);
  });

  it("that_failed_says_why_and_that_what_arrived_is_kept", async () => {
    const error = { code: "disk_full", message: "the disk is full" } as const;
    await show({}, { downloads: [download({ state: "failed", error })] });
    expect(screen.getByTestId("start-error").textContent).toBe("the disk is full");
    expect(screen.getByTestId("download-line").textContent).toContain("What has arrived is kept.");
  });

  it.each<[string, "chat" | "models", number]>([
    ["in sight is said there", "chat", 0],
    ["out of sight is said in a passing message", "models", 1],
  ])("that failed %s", async (_name, page, toasts) => {
    const { session, press, tell } = await show({ catalog: accepted });
    await press("get-and-start");
    session.view.page = page;
    await tell(download({ state: "failed", error: { code: "network", message: "no route" } }));
    expect(session.view.toasts).toHaveLength(toasts);
  });

  it("that_was_done_when_the_window_started_is_not_used_again", async () => {
    const repository = starterOffer().repository;
    const done = download({ id: "s", repository, state: "done", model: "s" });
    const { called, tell } = await show({}, { models: [small], downloads: [done] });
    await tell(done);
    expect(called("modelSelect")).toEqual([]);
  });

  it("that_is_cancelled_leaves_the_offer", async () => {
    const { press } = await show({ downloadCancel: async () => null }, { downloads: [download()] });
    await press("download-cancel");
    expect(shown("get-and-start")).toBe(true);
  });

  it("that_is_done_is_used_and_said", async () => {
    const { session, called, press, tell, has } = await show({ catalog: accepted });
    await press("get-and-start");
    has(apertus);
    await tell(download({ state: "done", model: "a" }));
    expect(called("modelSelect")).toEqual([["a"]]);
    const message = "Apertus 8B Instruct is ready: the next answer comes from it.";
    expect(session.view.toasts).toMatchObject([{ message }]);
    expect(session.view.announcement).toBe(message);
    await tell(download({ state: "done", model: "a" }));
    expect(called("modelSelect"), "once").toHaveLength(1);
  });

  it("that_was_done_before_its_reply_is_used_too", async () => {
    const { called, press, has } = await show({
      catalog: accepted,
      downloadStart: async () => download({ state: "done", model: "a" }),
    });
    has(apertus);
    await press("get-and-start");
    expect(called("modelSelect")).toEqual([["a"]]);
  });

  it("waits_for_the_answer_that_is_being_made", async () => {
    const { session, called, tell, has } = await show({}, { models: [small], downloads: [download()] });
    const answered = new Chat(7);
    answered.begin("Hello", "answer");
    session.chats.running = answered;
    has(small, apertus);
    await tell(download({ state: "done", model: "a" }));
    expect(called("modelSelect")).toEqual([]);
    session.chats.running = null;
    answered.settle(null);
    await vi.advanceTimersByTimeAsync(100);
    expect(called("modelSelect")).toEqual([["a"]]);
  });

  it("does_not_take_the_place_of_what_the_user_chose_meanwhile", async () => {
    const chosen = model({ id: "c", name: "Chosen" });
    const { session, called, press, tell, has } = await show({ catalog: accepted });
    await press("get-and-start");
    has(chosen, apertus);
    session.settings.current = { ...DEFAULTS, model: "c" };
    await tell(download({ state: "done", model: "a" }));
    expect(called("modelSelect")).toEqual([]);
    expect(session.view.toasts).toMatchObject([{ message: "Apertus 8B Instruct is ready." }]);
    session.view.toasts[0]?.action?.run();
    expect(called("modelSelect")).toEqual([["a"]]);
  });
});

describe("meanwhile", () => {
  it("one_can_chat_with_the_small_model_and_is_told_how_far_the_other_one_is", async () => {
    const { called, press } = await show({}, { models: [small], downloads: [download()] });
    expect(screen.getByTestId("chat-now").textContent).toContain("while it loads");
    await press("chat-now");
    expect(called("modelSelect")).toEqual([["s"]]);
    expect(shown("onboarding")).toBe(false);
  });

  it("the_small_model_is_fetched_where_it_is_not_there_and_used_when_it_is", async () => {
    const repository = "example/SmolLM2-135M-GGUF";
    const { called, press, tell, has } = await show({
      hubRepo: async () => hubRepo({ repository, variants: [hubVariant({ name: "Q4_1" })] }),
      downloadStart: async () => download({ id: "s", repository, state: "queued" }),
    });
    await press("chat-now");
    expect(called("downloadStart")).toEqual([[repository, "ab".repeat(20), "Q4_1"]]);
    await press("chat-now");
    expect(called("downloadStart"), "once").toHaveLength(1);
    has(small);
    await tell(download({ id: "s", repository, state: "done", model: "s" }));
    expect(called("modelSelect")).toEqual([["s"]]);
  });
});

it("a_path_that_leads_nowhere_is_said_where_it_was_written_and_another_one_can_be_tried", async () => {
  const { settle } = await show({ modelImport: failing });
  await fireEvent.click(screen.getByTestId("use-path"));
  for (const path of ["/a", "/b"]) {
    await fireEvent.input(screen.getByTestId("model-path"), { target: { value: path } });
    await fireEvent.click(screen.getByTestId("model-import"));
    await settle();
    expect(screen.getByRole("alert").textContent).toContain("the disk is full");
    expect(screen.getByTestId("use-path").closest("details")?.open).toBe(true);
  }
});

describe("models of other programs", () => {
  it.each<[string, Partial<Client>, string]>([
    ["are looked for", { modelsFound: held<never>().command }, "Looking for models of other programs"],
    ["are none", {}, "No models of other programs"],
    ["could not be looked for", { modelsFound: failing }, "the disk is full"],
  ])("%s", async (_name, commands, expected) => {
    await show(commands);
    expect(screen.getByTestId("onboarding").textContent).toContain(expected);
  });

  it("are_counted_and_used_where_they_are", async () => {
    const found = model({ id: "o", name: "Other 3B" });
    const { called, press } = await show({
      modelsFound: async () => [foundModel(), foundModel({ path: "/b", problem: "the file is cut short" })],
      modelsImport: async () => ({ imported: [found], failures: [] }),
    });
    expect(screen.getByText("Found on this machine: 2 models")).toBeTruthy();
    expect(screen.getAllByTestId("use-found"), "a damaged one can't be used").toHaveLength(1);
    await press("use-found");
    expect(called("modelsImport")).toEqual([[["/models/other.gguf"]]]);
    expect(called("modelSelect")).toEqual([["o"]]);
  });

  it("that_can_not_be_used_say_why", async () => {
    const error = { code: "model_unusable", message: "the file is damaged" } as const;
    const { press } = await show({
      modelsFound: async () => [foundModel()],
      modelsImport: async () => ({ imported: [], failures: [{ path: "/models/other.gguf", error }] }),
    });
    await press("use-found");
    expect(screen.getByRole("alert").textContent).toBe("the file is damaged");
  });
});
