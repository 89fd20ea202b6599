import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Segment } from "../api/types";
import { append, Chat } from "./chat.svelte";
import { message } from "./fake";

const words = (text: string): Segment => ({ type: "text", text });
const gone: Segment = { type: "removed", kind: "email", list: null, entry: null };
const summary = { id: 7, title: "Title", updatedAt: 0, messages: 2 };
const progress = { thinking: [], completionTokens: 1, tokensPerS: 20, contextUsed: 30, contextSize: 100 };

function answering(): { chat: Chat; answer: ReturnType<typeof message> } {
  const chat = new Chat(null);
  chat.begin("question");
  const user = message({ role: "user", segments: [words("question")] });
  const answer = message({ state: "streaming" });
  chat.handle({ type: "started", conversation: summary, user, answer });
  return { chat, answer };
}

const textOf = (chat: Chat) => chat.last?.message.segments;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("while an answer is made", () => {
  it("the_users_words_are_shown_before_the_store_has_confirmed_them", () => {
    const chat = new Chat(null);
    chat.begin("question");
    expect(textOf(chat)).toEqual([words("question")]);
  });

  it("the_confirmed_words_replace_the_shown_ones", () => {
    const { chat } = answering();
    expect(chat.entries.map(({ message }) => message.role)).toEqual(["user", "assistant"]);
    expect(chat.entries.every(({ id }) => id > 0)).toBe(true);
    expect(chat.id).toBe(7);
  });

  it("many_events_in_a_frame_are_one_change", () => {
    const { chat } = answering();
    let changes = -1;
    const stop = $effect.root(() => {
      $effect(() => {
        void chat.last?.message;
        changes += 1;
      });
    });
    flushSync();
    for (const part of ["a", "b", "c"]) chat.handle({ type: "text", segments: [words(part)], ...progress });
    flushSync();
    expect(changes, "nothing before the frame").toBe(0);
    vi.runAllTimers();
    flushSync();
    expect(changes).toBe(1);
    expect(textOf(chat)).toEqual([words("abc")]);
    stop();
  });

  it("a_hidden_window_without_frames_still_gets_its_text", () => {
    vi.stubGlobal("requestAnimationFrame", () => 1);
    const { chat } = answering();
    chat.handle({ type: "text", segments: [words("a")], ...progress });
    vi.advanceTimersByTime(300);
    expect(textOf(chat)).toEqual([words("a")]);
    vi.unstubAllGlobals();
  });

  it("a_list_that_comes_into_force_replaces_what_was_shown_and_what_waits", () => {
    const { chat } = answering();
    const text = (segments: Segment[]) =>
      chat.handle({ type: "text", ...progress, segments, thinking: segments });
    text([words("It is Wanda")]);
    vi.runAllTimers();
    text([words(" Beispiel")]);
    chat.handle({ type: "redrawn", thinking: [gone], segments: [words("It is "), gone] });
    expect(textOf(chat)).toEqual([words("It is "), gone]);
    vi.runAllTimers();
    expect(textOf(chat), "nothing of what waited comes after it").toEqual([words("It is "), gone]);
    expect(chat.last?.message.thinking).toEqual([gone]);
    text([words(", I think")]);
    vi.runAllTimers();
    expect(textOf(chat)).toEqual([words("It is "), gone, words(", I think")]);
  });

  it("the_end_of_a_deleted_conversation_is_an_end", () => {
    const { chat } = answering();
    const message = chat.last!.message;
    chat.handle({ type: "finished", message: { ...message, state: "stopped" }, conversation: null });
    expect(chat.run).toBeNull();
  });

  it("what_the_model_thinks_grows_beside_its_answer", () => {
    const { chat } = answering();
    const text = (thinking: Segment[], segments: Segment[] = []) =>
      chat.handle({ type: "text", ...progress, segments, thinking });
    text([words("two ")]);
    text([words("and two"), gone]);
    text([], [words("4")]);
    vi.runAllTimers();
    expect(chat.last?.message).toMatchObject({
      thinking: [words("two and two"), gone],
      segments: [words("4")],
    });
  });

  it("reading_gives_way_to_text", () => {
    const { chat } = answering();
    chat.handle({ type: "reading", done: 5, total: 10 });
    vi.runAllTimers();
    expect(chat.run?.reading).toEqual({ done: 5, total: 10 });
    chat.handle({ type: "text", segments: [words("a")], ...progress });
    vi.runAllTimers();
    expect(chat.run).toMatchObject({ reading: null, contextUsed: 30, tokensPerS: 20 });
  });
});

describe("when an answer ends", () => {
  it("what_the_store_holds_is_what_is_shown", () => {
    const { chat, answer } = answering();
    chat.handle({ type: "text", segments: [words("almost")], ...progress });
    const final = { ...answer, segments: [words("all "), gone], state: "complete" as const };
    chat.handle({ type: "finished", message: final, conversation: { ...summary, title: "New title" } });
    expect(chat.last?.message).toEqual(final);
    expect(chat.title).toBe("New title");
    expect(chat.run).toBeNull();
  });

  it("a_failed_answer_keeps_what_had_arrived", () => {
    const { chat, answer } = answering();
    const kept = {
      ...answer,
      segments: [words("half")],
      state: "interrupted" as const,
      note: "The engine died.",
    };
    chat.handle({ type: "failed", error: { code: "engine_died", message: "gone" }, message: kept });
    expect(chat.last?.message).toEqual(kept);
    expect(chat.error?.code).toBe("engine_died");
  });

  it("a_failed_answer_without_a_message_leaves_only_the_users_words", () => {
    const { chat } = answering();
    chat.handle({ type: "failed", error: { code: "engine_died", message: "gone" }, message: null });
    expect(chat.entries.map(({ message }) => message.role)).toEqual(["user"]);
  });

  it("a_command_that_ends_without_a_word_leaves_nothing_running", () => {
    const { chat } = answering();
    chat.settle(null);
    expect(chat.run).toBeNull();
    expect(chat.last?.message.state).toBe("interrupted");
  });

  it("words_that_never_reached_the_store_can_be_taken_back", () => {
    const chat = new Chat(null);
    chat.begin("question");
    chat.settle({ code: "busy", message: "busy" });
    expect(chat.takeBack()).toBe("question");
    expect(chat.entries).toEqual([]);
  });

  it("another_version_takes_the_place_of_the_last_answer", () => {
    const { chat, answer } = answering();
    chat.handle({ type: "finished", message: { ...answer, state: "complete" }, conversation: summary });
    chat.begin(null);
    const second = message({ state: "streaming", variant: 2, variants: 2 });
    chat.handle({ type: "started", conversation: summary, user: null, answer: second });
    expect(chat.entries.map(({ id }) => id)).toEqual([chat.entries[0]?.id, second.id]);
  });
});

describe("append joins neighbouring text", () => {
  it.each<[string, Segment[], Segment[], Segment[]]>([
    ["text to nothing", [], [words("a")], [words("a")]],
    ["text to text", [words("a")], [words("b"), words("c")], [words("abc")]],
    ["a removal stands alone", [words("a")], [gone, gone, words("b")], [words("a"), gone, gone, words("b")]],
  ])("%s", (_name, segments, more, expected) => {
    expect(append(segments, more)).toEqual(expected);
  });
});
