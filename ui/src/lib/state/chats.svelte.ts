// Which conversation is on the screen, and what can be done in it. A conversation whose answer is still being made is kept
// when the user opens another one, and drafts are kept for all of them while the application runs.
import type { Client } from "../api/client";
import type { ApiError, ChatEvent, ConversationId, MessageId } from "../api/types";
import { toCopy } from "../markdown/source";
import { text } from "../text/en";
import { Chat } from "./chat.svelte";
import type { Conversations } from "./conversations.svelte";
import type { View } from "./view.svelte";

/** How long the events of an answer may trail behind the reply to its command, in milliseconds. */
const LAST_EVENTS = 2000;

export class Chats {
  current = $state.raw(new Chat(null));
  running = $state.raw<Chat | null>(null);
  /** The message that a search hit leads to; a new object for each jump. */
  target = $state.raw<{ message: MessageId } | null>(null);

  readonly #client: Client;
  readonly #view: View;
  readonly #conversations: Conversations;
  #drafts = new Map<ConversationId | null, string>();

  constructor(client: Client, view: View, conversations: Conversations) {
    this.#client = client;
    this.#view = view;
    this.#conversations = conversations;
  }

  startNew(): void {
    this.#view.leaveSidebar();
    this.#view.focusComposer();
    if (this.current.id === null && this.current !== this.running) return;
    this.#leave();
    this.current = new Chat(null, this.#drafts.get(null));
    this.target = null;
  }

  async open(id: ConversationId, message?: MessageId): Promise<void> {
    this.#view.leaveSidebar();
    if (this.current.id !== id) {
      this.#leave();
      this.current = this.running?.id === id ? this.running : new Chat(id, this.#drafts.get(id));
    }
    const chat = this.current;
    if (chat.phase !== "ready") await this.reload(chat);
    if (chat === this.current) this.target = message === undefined ? null : { message };
  }

  async reload(chat: Chat): Promise<void> {
    if (chat.id === null) return;
    chat.phase = "loading";
    try {
      chat.show(await this.#client.conversationOpen(chat.id));
    } catch (error) {
      chat.error = error as ApiError;
      chat.phase = "failed";
    }
  }

  /** The application says that conversations changed: what is shown may have been cleaned or removed. */
  async refresh(): Promise<void> {
    const chat = this.current;
    if (chat.id === null || chat.run || chat.phase !== "ready") return;
    try {
      const conversation = await this.#client.conversationOpen(chat.id);
      if (chat === this.current && !chat.run) {
        const error = chat.error;
        chat.show(conversation);
        chat.error = error;
      }
    } catch (error) {
      if ((error as ApiError).code === "not_found") this.forget(chat.id);
    }
  }

  /** The conversation is gone. */
  forget(id: ConversationId): void {
    this.#drafts.delete(id);
    if (this.current.id === id) this.current = new Chat(null, this.#drafts.get(null));
  }

  async send(): Promise<void> {
    const chat = this.current;
    const words = chat.draft.trim();
    if (!words || this.running) return;
    chat.draft = "";
    this.#drafts.delete(chat.id);
    await this.#answer(chat, words, (handle) => this.#client.chatSend(chat.id, words, handle));
    const takenBack = chat.takeBack();
    if (takenBack !== null && !chat.draft) chat.draft = takenBack;
  }

  async regenerate(): Promise<void> {
    const chat = this.current;
    const id = chat.id;
    if (id === null || this.running) return;
    await this.#answer(chat, null, (handle) => this.#client.chatRegenerate(id, handle));
  }

  async stop(): Promise<void> {
    const chat = this.running;
    if (!chat?.run || chat.id === null || chat.run.stopping) return;
    chat.run = { ...chat.run, stopping: true };
    try {
      await this.#client.chatStop(chat.id);
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
  }

  async showVariant(message: MessageId, variant: number): Promise<void> {
    const chat = this.current;
    try {
      chat.show(await this.#client.messageVariant(message, variant));
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
  }

  copyLast(): void {
    const answer = this.current.lastAnswer;
    if (answer) void this.#view.copy(toCopy(answer.message.segments));
  }

  async #answer(
    chat: Chat,
    words: string | null,
    ask: (handle: (event: ChatEvent) => void) => Promise<null>,
  ): Promise<void> {
    this.running = chat;
    this.target = null;
    chat.begin(words);
    try {
      await ask((event) => this.#handle(chat, event));
      // The reply may overtake the last events on their way through the channel.
      await Promise.race([chat.ended, new Promise((resolve) => setTimeout(resolve, LAST_EVENTS))]);
      chat.settle(null);
    } catch (error) {
      if (chat.run) this.#view.announce(text.announce.failed);
      chat.settle(error as ApiError);
    } finally {
      this.running = null;
    }
    // What the store kept of a failed answer, or the version it was to replace.
    if (chat.error) void this.refresh();
  }

  #handle(chat: Chat, event: ChatEvent): void {
    chat.handle(event);
    if (event.type === "started") {
      this.#conversations.touch(event.conversation);
      this.#view.announce(text.announce.started);
    } else if (event.type === "finished") {
      this.#conversations.touch(event.conversation);
      this.#view.announce(event.message.state === "stopped" ? text.announce.stopped : text.announce.finished);
    } else if (event.type === "failed") {
      this.#view.announce(text.announce.failed);
    }
  }

  #leave(): void {
    const { id, draft } = this.current;
    if (draft) this.#drafts.set(id, draft);
    else this.#drafts.delete(id);
  }
}
