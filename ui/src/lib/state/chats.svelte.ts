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

  /** Conversations whose user does not want to hear that they grow long. */
  longDismissed = $state.raw<ReadonlySet<ConversationId>>(new Set());

  /** Whether there is something in this conversation that a summary could stand in for. */
  readonly canSummarise = $derived.by(() => {
    const { id, phase, last } = this.current;
    return id !== null && phase === "ready" && !this.running && last !== undefined && !last.message.summary;
  });

  readonly #client: Client;
  readonly #view: View;
  readonly #conversations: Conversations;
  #drafts = new Map<ConversationId | null, string>();
  /** The choice that belongs to the draft of a new conversation. */
  #newDeliberation = false;

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
    this.current = this.#newChat();
    this.target = null;
  }

  /** Another history is in place of the one that was shown: the same ids mean other conversations. */
  reset(): void {
    this.#drafts.clear();
    this.longDismissed = new Set();
    this.target = null;
    this.current = this.#newChat();
  }

  async open(id: ConversationId, message?: MessageId): Promise<void> {
    this.#view.leaveSidebar();
    this.#view.page = "chat";
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
    if (this.current.id === id) this.current = this.#newChat();
  }

  async send(): Promise<void> {
    const chat = this.current;
    const words = chat.draft.trim();
    if (!words || this.running) return;
    chat.draft = "";
    this.#drafts.delete(chat.id);
    const isNew = chat.id === null;
    await this.#answer(chat, words, (handle) =>
      this.#client.chatSend(chat.id, words, chat.deliberation, handle),
    );
    if (isNew && chat.id !== null) this.#newDeliberation = false;
    const takenBack = chat.takeBack();
    if (takenBack !== null && !chat.draft) chat.draft = takenBack;
  }

  async regenerate(): Promise<void> {
    const chat = this.current;
    const id = chat.id;
    if (id === null || this.running) return;
    await this.#answer(chat, null, (handle) => this.#client.chatRegenerate(id, chat.deliberation, handle));
  }

  /** The model sums the conversation up, and goes on from the summary. */
  async summarise(): Promise<void> {
    const chat = this.current;
    const id = chat.id;
    if (id === null || this.running) return;
    this.longDismissed = new Set([...this.longDismissed].filter((other) => other !== id));
    await this.#answer(chat, null, (handle) => this.#client.chatSummarise(id, handle), "summary");
  }

  /** Asks once more for what failed. */
  async retry(): Promise<void> {
    await (this.current.asked === "summary" ? this.summarise() : this.regenerate());
  }

  dismissLong(): void {
    const { id } = this.current;
    if (id !== null) this.longDismissed = new Set([...this.longDismissed, id]);
  }

  /** In this conversation, the model is to think before it answers, or not. A new one remembers it when it is sent. */
  async deliberate(deliberation: boolean): Promise<void> {
    const chat = this.current;
    chat.deliberation = deliberation;
    this.#view.announce(deliberation ? text.thinking.on : text.thinking.off);
    if (chat.id === null) return;
    try {
      await this.#client.conversationDeliberate(chat.id, deliberation);
    } catch (error) {
      if (chat.deliberation === deliberation) chat.deliberation = !deliberation;
      this.#view.fail(error as ApiError);
    }
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
    asked: Chat["asked"] = "answer",
  ): Promise<void> {
    this.running = chat;
    this.target = null;
    chat.begin(words, asked);
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
      this.#view.announce(event.answer.summary ? text.summary.making : text.announce.started);
    } else if (event.type === "finished") {
      if (event.conversation) this.#conversations.touch(event.conversation);
      const { state, summary } = event.message;
      const ended = summary ? text.summary.finished : text.announce.finished;
      this.#view.announce(state === "stopped" ? text.announce.stopped : ended);
    } else if (event.type === "failed") {
      this.#view.announce(text.announce.failed);
    }
  }

  #newChat(): Chat {
    const chat = new Chat(null, this.#drafts.get(null));
    chat.deliberation = this.#newDeliberation;
    return chat;
  }

  #leave(): void {
    const { id, draft, deliberation } = this.current;
    if (id === null) this.#newDeliberation = deliberation;
    if (draft) this.#drafts.set(id, draft);
    else this.#drafts.delete(id);
  }
}
