// The deletion lists, as the settings show them.
import type { Client } from "../api/client";
import type { ApiError, ListView, Segment } from "../api/types";
import { text } from "../text/en";
import type { View } from "./view.svelte";

const TEST_AFTER = 250;

export class Lists {
  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  all = $state.raw<ListView[]>([]);
  importing = $state(false);
  importError = $state.raw<ApiError | null>(null);

  sample = $state("");
  /** What the filter makes of the sample; null before it has answered. */
  result = $state.raw<Segment[] | null>(null);
  testError = $state.raw<ApiError | null>(null);

  readonly #client: Client;
  readonly #view: View;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
  }

  async load(): Promise<void> {
    try {
      this.all = await this.#client.listAll();
      this.phase = "ready";
    } catch (error) {
      this.error = error as ApiError;
      this.phase = "failed";
    }
  }

  async enable(list: ListView, enabled: boolean): Promise<void> {
    this.#replace({ ...list, enabled });
    try {
      this.#replace(await this.#client.listEnable(list.id, enabled));
    } catch (error) {
      this.#replace(list);
      this.#view.fail(error as ApiError);
    }
    this.retest();
  }

  async remove(list: ListView): Promise<void> {
    try {
      await this.#client.listRemove(list.id);
      this.all = this.all.filter(({ id }) => id !== list.id);
      this.#view.toast(text.filter.removed(list.name));
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
    this.retest();
  }

  async import(path: string): Promise<boolean> {
    return this.#import(() => this.#client.listImport(path.trim()));
  }

  async pick(): Promise<boolean> {
    return this.#import(() => this.#client.listPick());
  }

  test(sample: string): void {
    this.sample = sample;
    this.retest();
  }

  /** The lists or detectors changed, so the answer may have too. */
  retest(): void {
    clearTimeout(this.#timer);
    if (!this.sample.trim()) {
      this.result = null;
      this.testError = null;
      return;
    }
    this.#timer = setTimeout(() => void this.#test(this.sample), TEST_AFTER);
  }

  async #test(sample: string): Promise<void> {
    try {
      const result = await this.#client.filterTest(sample);
      if (sample !== this.sample) return;
      this.result = result;
      this.testError = null;
    } catch (error) {
      if (sample === this.sample) this.testError = error as ApiError;
    }
  }

  async #import(run: () => Promise<ListView | null>): Promise<boolean> {
    this.importing = true;
    this.importError = null;
    try {
      const list = await run();
      if (!list) return false;
      await this.load();
      this.#view.toast(text.filter.imported(list.name));
      this.retest();
      return true;
    } catch (error) {
      this.importError = error as ApiError;
      return false;
    } finally {
      this.importing = false;
    }
  }

  #replace(list: ListView): void {
    this.all = this.all.map((other) => (other.id === list.id ? list : other));
  }
}
