// What each state of an answer and of the engine looks like to someone who can't see it: names, roles and states.
import { render, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { EngineState, Message } from "../api/types";
import { Chat, Entry } from "../state/chat.svelte";
import { engineReady, fakeClient, message } from "../state/fake";
import { Session } from "../state/session.svelte";
import AssistantMessage from "./AssistantMessage.svelte";
import Composer from "./Composer.svelte";
import InSession from "./InSession.test.svelte";
import UserMessage from "./UserMessage.svelte";

const stats = {
  promptTokens: 10,
  cachedTokens: 0,
  completionTokens: 1234,
  ttftMs: 10,
  tokensPerS: 23.44,
  contextUsed: 20,
  contextSize: 100,
};

function show(
  component: unknown,
  props: Record<string, unknown>,
  session = new Session(fakeClient().client),
) {
  return render(InSession, { props: { session, component, props } as never });
}

function showAnswer(part: Partial<Message>) {
  const shown = message(part);
  const chat = new Chat(null);
  chat.entries = [new Entry(shown)];
  return show(AssistantMessage, { message: shown, chat, last: true });
}

describe("an answer", () => {
  it.each<[Message["state"], string | null, string | null]>([
    ["complete", null, null],
    ["stopped", null, "You stopped this answer."],
    ["length", null, "The answer reached the length limit."],
    ["interrupted", null, "This answer was interrupted."],
    ["interrupted", "The engine was killed.", "The engine was killed."],
  ])("%s with the note %j says %j", (state, note, expected) => {
    showAnswer({ state, note });
    expect(screen.getByTestId("message-assistant").dataset["state"]).toBe(state);
    const shown = screen.queryByTestId("message-note");
    if (expected === null) expect(shown).toBeNull();
    else expect(shown?.textContent).toContain(expected);
  });

  it("shows_its_versions_and_its_numbers", () => {
    showAnswer({ variant: 2, variants: 3, model: "Tiny", stats });
    expect(screen.getByRole("group", { name: "Version 2 of 3" })).toBeTruthy();
    expect(screen.getByText("Tiny · 1,234 tokens · 23.4 tokens/s")).toBeTruthy();
  });

  it("a_removal_in_it_is_read_aloud", async () => {
    showAnswer({ segments: [{ type: "removed", kind: "person", list: "Requests", entry: "7" }] });
    expect(await screen.findByRole("button", { name: "removed: personal data" })).toBeTruthy();
  });

  it("has_no_actions_while_it_is_made", () => {
    showAnswer({ state: "streaming" });
    expect(screen.queryByTestId("copy-message")).toBeNull();
  });
});

it("the_users_words_keep_their_form_and_are_no_markdown", () => {
  const words = "**a**\n  <b>b</b>";
  show(UserMessage, { message: message({ role: "user", segments: [{ type: "text", text: words }] }) });
  expect(screen.getByTestId("message-user").querySelector("p")?.textContent).toBe(words);
});

describe("the composer says why nothing can be sent", () => {
  it.each<[string, EngineState, string | null]>([
    ["no model", { state: "none" }, "No model is loaded."],
    ["loading", { state: "loading", model: "Tiny", fraction: 0.5 }, "The model is still loading."],
    ["probing", { state: "probing", text: "…" }, "The model is still loading."],
    [
      "failed",
      { state: "failed", model: "Tiny", error: { code: "internal", message: "x" } },
      "could not be loaded",
    ],
    ["ready", engineReady(), null],
  ])("%s", (_name, engine, reason) => {
    const session = new Session(fakeClient().client);
    session.app.engine = engine;
    const chat = session.chats.current;
    chat.draft = "hello";
    show(Composer, { chat }, session);
    const send = screen.getByTestId<HTMLButtonElement>("send");
    expect(send.disabled).toBe(reason !== null);
    if (reason !== null) expect(screen.getByTestId("composer-reason").textContent).toContain(reason);
  });
});
