// What the model cards of Apertus say now that they did not say before, until the user has dismissed it.
import type { Client } from "../api/client";
import type { ApiError, WatchChange } from "../api/types";
import type { View } from "./view.svelte";

export class Watch {
  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  changes = $state.raw<WatchChange[]>([]);

  readonly #client: Client;
  readonly #view: View;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
  }

  async load(): Promise<void> {
    try {
      this.changes = await this.#client.watchChanges();
      this.phase = "ready";
    } catch (error) {
      this.error = error as ApiError;
      this.phase = "failed";
    }
  }

  async dismiss(change: WatchChange): Promise<void> {
    try {
      await this.#client.watchDismiss(change.id);
      this.changes = this.changes.filter(({ id }) => id !== change.id);
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
  }
}
