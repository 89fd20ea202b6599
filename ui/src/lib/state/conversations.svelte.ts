// The list of conversations, its search, and deletion that can be undone.
import type { Client } from "../api/client";
import type { ApiError, ConversationId, ConversationSummary, SearchHit } from "../api/types";
import { text } from "../text/en";
import type { View } from "./view.svelte";

const SEARCH_AFTER = 180;

export class Conversations {
  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  list = $state.raw<ConversationSummary[]>([]);
  renaming = $state<ConversationId | null>(null);

  query = $state("");
  searchPhase = $state<"idle" | "running" | "ready" | "failed">("idle");
  hits = $state.raw<SearchHit[]>([]);

  readonly #client: Client;
  readonly #view: View;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
  }

  async load(): Promise<void> {
    try {
      this.list = await this.#client.conversationList();
      this.phase = "ready";
    } catch (error) {
      this.error = error as ApiError;
      this.phase = "failed";
    }
  }

  titleOf(id: ConversationId | null): string | undefined {
    return this.list.find((conversation) => conversation.id === id)?.title;
  }

  /** A conversation that was just written in: it moves to the top. */
  touch(summary: ConversationSummary): void {
    this.list = [summary, ...this.list.filter(({ id }) => id !== summary.id)];
  }

  async rename(id: ConversationId, title: string): Promise<void> {
    this.renaming = null;
    const trimmed = title.trim();
    if (!trimmed || trimmed === this.titleOf(id)) return;
    try {
      const renamed = await this.#client.conversationRename(id, trimmed);
      this.list = this.list.map((conversation) => (conversation.id === id ? renamed : conversation));
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
  }

  /** True when it was deleted. The toast offers the way back for as long as there is one. */
  async delete(id: ConversationId, restored: (id: ConversationId) => void): Promise<boolean> {
    const title = this.titleOf(id) ?? "";
    try {
      const seconds = await this.#client.conversationDelete(id);
      this.list = this.list.filter((conversation) => conversation.id !== id);
      this.#view.toast(text.sidebar.deleted(title || text.sidebar.untitled), {
        seconds,
        action: { label: text.general.undo, run: () => void this.#restore(id, restored) },
      });
      return true;
    } catch (error) {
      this.#view.fail(error as ApiError);
      return false;
    }
  }

  async export(id: ConversationId): Promise<void> {
    try {
      const path = await this.#client.conversationExport(id);
      this.#view.toast(text.sidebar.exported(path), { seconds: 8 });
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
  }

  search(query: string): void {
    this.query = query;
    clearTimeout(this.#timer);
    if (!query.trim()) {
      this.searchPhase = "idle";
      this.hits = [];
      return;
    }
    this.searchPhase = "running";
    this.#timer = setTimeout(() => void this.#search(query), SEARCH_AFTER);
  }

  async #search(query: string): Promise<void> {
    try {
      const hits = await this.#client.historySearch(query.trim());
      if (query !== this.query) return;
      this.hits = hits;
      this.searchPhase = "ready";
      this.#view.announce(text.search.found(hits.length));
    } catch (error) {
      if (query !== this.query) return;
      this.error = error as ApiError;
      this.searchPhase = "failed";
    }
  }

  async #restore(id: ConversationId, restored: (id: ConversationId) => void): Promise<void> {
    try {
      await this.#client.conversationRestore(id);
      await this.load();
      restored(id);
      this.#view.announce(text.sidebar.restored);
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
  }
}
