// The receipt of one answer, while it is shown.
import type { Client } from "../api/client";
import type { ApiError, MessageId, Receipt } from "../api/types";
import type { View } from "./view.svelte";

export class Receipts {
  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  /** Null for an answer that has none. */
  receipt = $state.raw<Receipt | null>(null);

  readonly #client: Client;
  readonly #view: View;
  #message: MessageId | null = null;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
  }

  async open(message: MessageId): Promise<void> {
    this.#message = message;
    this.#view.dialog = "receipt";
    await this.load();
  }

  async load(): Promise<void> {
    const message = this.#message;
    if (message === null) return;
    this.phase = "loading";
    try {
      const receipt = await this.#client.answerReceipt(message);
      if (message !== this.#message) return;
      this.receipt = receipt;
      this.phase = "ready";
    } catch (error) {
      if (message !== this.#message) return;
      this.error = error as ApiError;
      this.phase = "failed";
    }
  }
}
