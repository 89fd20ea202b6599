import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatHandler, Client } from "../api/client";
import type { AppEvent, Conversation, ConversationSummary } from "../api/types";
import { appState, engineReady, failing, fakeClient, list, message, model } from "./fake";
import { Session } from "./session.svelte";

const summary = (id: number, title = `Chat ${id}`): ConversationSummary => ({
  id,
  title,
  updatedAt: id,
  messages: 2,
});
const conversation = (id: number): Conversation => ({
  id,
  title: `Chat ${id}`,
  messages: [message({ role: "user" }), message()],
  deliberation: false,
  promptFrom: null,
});

async function started(commands: Partial<Client> = {}) {
  let emit: (event: AppEvent) => void = () => {};
  const { client, calls } = fakeClient({
    appState: async () => appState(),
    conversationList: async () => [summary(2), summary(1)],
    conversationOpen: async (id) => conversation(id),
    listAll: async () => [],
    watchChanges: async () => [],
    onApp: async (handler) => {
      emit = handler;
      return () => {};
    },
    ...commands,
  });
  const session = new Session(client);
  await session.start();
  return { session, calls, emit: (event: AppEvent) => emit(event) };
}

/** A `chatSend` that is answered by the test. */
function answered() {
  let handler: ChatHandler = () => {};
  let resolve: (value: null) => void = () => {};
  const send: Client["chatSend"] = (_id, _text, _deliberation, given) => {
    handler = given;
    return new Promise((done) => (resolve = done));
  };
  return { send, emit: ((event) => handler(event)) as ChatHandler, end: () => resolve(null) };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("start", () => {
  it("an_event_that_overtakes_the_state_is_the_newer_one", async () => {
    let emit: (event: AppEvent) => void = () => {};
    const { session } = await started({
      onApp: async (handler) => {
        emit = handler;
        return () => {};
      },
      appState: async () => {
        const state = appState({ engine: { state: "loading", model: "Tiny", fraction: 1 } });
        emit({ type: "engine", engine: appState().engine });
        return state;
      },
    });
    expect(session.app.engine.state).toBe("ready");
  });

  it("everything_is_ready", async () => {
    const { session } = await started();
    expect(session.app.phase).toBe("ready");
    expect(session.app.ready).toBe(true);
    expect(session.conversations.list).toHaveLength(2);
  });

  it("a_failure_is_said_and_can_be_tried_again", async () => {
    let broken = true;
    const { session } = await started({ appState: async () => (broken ? failing() : appState()) });
    expect(session.app.phase).toBe("failed");
    expect(session.app.error?.message).toBe("the disk is full");
    broken = false;
    await session.load();
    expect(session.app.phase).toBe("ready");
  });

  it("an_unreadable_list_of_conversations_is_an_error_and_not_an_empty_list", async () => {
    const { session } = await started({ conversationList: failing });
    expect(session.conversations.phase).toBe("failed");
  });

  it("a_model_that_becomes_ready_is_announced", async () => {
    const { session, emit } = await started({
      appState: async () => appState({ engine: { state: "none" } }),
    });
    emit({
      type: "engine",
      engine: engineReady({ contextSize: 1 }),
    });
    expect(session.view.announcement).toBe("Tiny is ready");
  });
});

describe("conversations", () => {
  it("drafts_are_kept_for_each", async () => {
    const { session } = await started();
    const { chats } = session;
    chats.current.draft = "for a new one";
    await chats.open(1);
    expect(chats.current.draft).toBe("");
    chats.current.draft = "for the first";
    await chats.open(2);
    await chats.open(1);
    expect(chats.current.draft).toBe("for the first");
    chats.startNew();
    expect(chats.current.draft).toBe("for a new one");
  });

  it("one_that_cant_be_opened_says_so", async () => {
    const { session } = await started({ conversationOpen: failing });
    await session.chats.open(1);
    expect(session.chats.current).toMatchObject({ phase: "failed", error: { message: "the disk is full" } });
  });

  it("a_deleted_one_leaves_the_screen_and_comes_back_on_undo", async () => {
    const { session } = await started({
      conversationDelete: async () => 5,
      conversationRestore: async (id) => summary(id),
    });
    await session.chats.open(1);
    await session.deleteConversation(1);
    expect(session.conversations.list.map(({ id }) => id)).toEqual([2]);
    expect(session.chats.current.id).toBeNull();

    const toast = session.view.toasts[0];
    vi.advanceTimersByTime(4900);
    expect(session.view.toasts, "the toast stays for the seconds that the command gave").toHaveLength(1);
    toast?.action?.run();
    await vi.advanceTimersByTimeAsync(0);
    expect(session.conversations.list).toHaveLength(2);
    expect(session.chats.current.id).toBe(1);
  });

  it("a_failed_deletion_leaves_it_in_the_list", async () => {
    const { session } = await started({ conversationDelete: failing });
    await session.deleteConversation(1);
    expect(session.conversations.list).toHaveLength(2);
    expect(session.view.toasts[0]?.level).toBe("error");
  });

  it("an_empty_title_renames_nothing", async () => {
    const { session, calls } = await started();
    await session.conversations.rename(1, "   ");
    expect(calls.map(({ name }) => name)).not.toContain("conversationRename");
  });
});

describe("search", () => {
  it("waits_for_a_pause_in_the_typing", async () => {
    const { session, calls } = await started({ historySearch: async () => [] });
    for (const query of ["a", "ab", "abc"]) session.conversations.search(query);
    await vi.advanceTimersByTimeAsync(500);
    expect(calls.filter(({ name }) => name === "historySearch")).toEqual([
      { name: "historySearch", arguments: ["abc"] },
    ]);
    expect(session.conversations.searchPhase).toBe("ready");
  });

  it("a_late_reply_does_not_replace_a_newer_one", async () => {
    const hit = (title: string) => ({ conversation: 1, message: 1, title, snippet: [], createdAt: 0 });
    const { session } = await started({
      historySearch: (query) =>
        new Promise((resolve) => setTimeout(() => resolve([hit(query)]), query === "slow" ? 5000 : 10)),
    });
    session.conversations.search("slow");
    await vi.advanceTimersByTimeAsync(300);
    session.conversations.search("fast");
    await vi.advanceTimersByTimeAsync(6000);
    expect(session.conversations.hits.map(({ title }) => title)).toEqual(["fast"]);
  });

  it("a_failure_is_not_an_empty_result", async () => {
    const { session } = await started({ historySearch: failing });
    session.conversations.search("a");
    await vi.advanceTimersByTimeAsync(500);
    expect(session.conversations.searchPhase).toBe("failed");
  });
});

describe("an answer", () => {
  it("goes_on_while_another_conversation_is_open", async () => {
    const { send, emit, end } = answered();
    const { session } = await started({ chatSend: send });
    const { chats } = session;
    chats.current.draft = "question";
    const sending = chats.send();
    await vi.advanceTimersByTimeAsync(0);
    const answer = message({ state: "streaming" });
    emit({ type: "started", conversation: summary(9), user: message({ role: "user" }), answer });

    await chats.open(1);
    expect(chats.current.id).toBe(1);
    await chats.open(9);
    expect(chats.current.run, "still being made").not.toBeNull();
    emit({ type: "finished", message: { ...answer, state: "complete" }, conversation: summary(9, "Named") });
    end();
    await sending;
    expect(chats.running).toBeNull();
    expect(session.conversations.list[0]).toMatchObject({ id: 9, title: "Named" });
    expect(session.view.announcement).toBe("Answer finished");
  });

  it("its_last_events_may_trail_behind_the_reply", async () => {
    const { send, emit, end } = answered();
    const { session } = await started({ chatSend: send });
    session.chats.current.draft = "question";
    const sending = session.chats.send();
    await vi.advanceTimersByTimeAsync(0);
    const answer = message({ state: "streaming" });
    emit({ type: "started", conversation: summary(9), user: message({ role: "user" }), answer });
    end();
    await vi.advanceTimersByTimeAsync(50);
    emit({ type: "finished", message: { ...answer, state: "complete" }, conversation: summary(9) });
    await vi.advanceTimersByTimeAsync(50);
    await sending;
    expect(session.chats.current.last?.message.state).toBe("complete");
  });

  it("that_was_refused_gives_the_words_back", async () => {
    const { session } = await started({
      chatSend: async () => {
        throw { code: "busy", message: "another answer is being made" };
      },
    });
    session.chats.current.draft = "question";
    await session.chats.send();
    expect(session.chats.current).toMatchObject({ draft: "question", entries: [], error: { code: "busy" } });
  });

  it("is_stopped_once", async () => {
    const { send, emit } = answered();
    const { session, calls } = await started({ chatSend: send, chatStop: async () => null });
    session.chats.current.draft = "question";
    void session.chats.send();
    await vi.advanceTimersByTimeAsync(0);
    const answer = message({ state: "streaming" });
    emit({ type: "started", conversation: summary(9), user: message({ role: "user" }), answer });
    await session.chats.stop();
    await session.chats.stop();
    expect(calls.filter(({ name }) => name === "chatStop")).toHaveLength(1);
  });
});

describe("settings", () => {
  it("changes_in_quick_succession_are_saved_once", async () => {
    const { session, calls } = await started({ settingsSet: async (settings) => settings });
    session.settings.change({ temperature: 0.1 });
    session.settings.change({ topK: 5 });
    await vi.advanceTimersByTimeAsync(1000);
    const saved = calls.filter(({ name }) => name === "settingsSet");
    expect(saved).toHaveLength(1);
    expect(saved[0]?.arguments[0]).toMatchObject({ temperature: 0.1, topK: 5 });
  });

  it("what_could_not_be_saved_is_taken_back_and_said", async () => {
    const { session } = await started({ settingsSet: failing });
    session.settings.change({ temperature: 0.1 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(session.settings.current.temperature).toBe(0.8);
    expect(session.view.toasts[0]?.message).toContain("the disk is full");
  });
});

describe("models and lists", () => {
  const tiny = model();

  it("the_first_imported_model_is_loaded", async () => {
    const { session, calls } = await started({
      appState: async () => appState({ engine: { state: "none" } }),
      modelImport: async () => tiny,
      modelList: async () => [tiny],
      modelSelect: async () => null,
    });
    await session.app.importModel(" /m.gguf ");
    expect(calls).toContainEqual({ name: "modelImport", arguments: ["/m.gguf"] });
    expect(calls).toContainEqual({ name: "modelSelect", arguments: ["m"] });
  });

  it("a_file_that_is_no_model_says_why", async () => {
    const { session } = await started({ modelImport: failing });
    expect(await session.app.importModel("/x")).toBe(false);
    expect(session.app.importError?.message).toBe("the disk is full");
    expect(session.app.importing).toBe(false);
  });

  it("a_list_that_could_not_be_switched_off_stays_on", async () => {
    const requests = list({ enabled: true });
    const { session } = await started({ listAll: async () => [requests], listEnable: failing });
    await session.lists.enable(requests, false);
    expect(session.lists.all[0]?.enabled).toBe(true);
  });
});
