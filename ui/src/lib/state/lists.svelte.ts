// The deletion lists, as the settings show them: where they come from, how they are kept up to date, and what they remove.
import type { Client } from "../api/client";
import type { ApiError, ListView, Segment } from "../api/types";
import { text } from "../text/en";
import type { View } from "./view.svelte";

const TEST_AFTER = 250;

/** A list that is fetched from an address. With a root it is a signed feed; without one a plain file of hashes. */
export type Subscription = { name: string; url: string; root: string | null; descriptor: string | null };

export class Lists {
  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  all = $state.raw<ListView[]>([]);
  importing = $state(false);
  importError = $state.raw<ApiError | null>(null);
  subscribing = $state(false);
  subscribeError = $state.raw<ApiError | null>(null);

  updatingAll = $state(false);
  /** The ids of the lists that are refreshed one by one. */
  updating = $state.raw<ReadonlySet<string>>(new Set());
  /** Why a list could not be updated from a file. */
  fromError = $state.raw<{ id: string; error: ApiError } | null>(null);

  /** The lists that have an address to be refreshed from. */
  readonly refreshable = $derived(this.all.filter(({ source }) => source.type !== "file"));

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

  async subscribe({ name, url, root, descriptor }: Subscription): Promise<boolean> {
    this.subscribing = true;
    this.subscribeError = null;
    try {
      await this.#added(await this.#client.listSubscribe(name, url, root, descriptor));
      return true;
    } catch (error) {
      this.subscribeError = error as ApiError;
      return false;
    } finally {
      this.subscribing = false;
    }
  }

  /** The path that was chosen for the root or the descriptor of a subscription. */
  async pickFor(part: "root" | "descriptor"): Promise<string | null> {
    return this.#picked(() => (part === "root" ? this.#client.rootPick() : this.#client.descriptorPick()));
  }

  isUpdating({ id }: ListView): boolean {
    return this.updating.has(id) || (this.updatingAll && this.refreshable.some((list) => list.id === id));
  }

  async update(list: ListView): Promise<void> {
    if (this.isUpdating(list)) return;
    await this.#busyWith(list, () => this.#refresh(list.id));
  }

  async updateAll(): Promise<void> {
    if (this.updatingAll) return;
    if (this.refreshable.length === 0) {
      this.#view.toast(text.filter.noneToUpdate);
      return;
    }
    this.updatingAll = true;
    await this.#refresh(null);
    this.updatingAll = false;
  }

  async updateFrom(list: ListView, path: string): Promise<boolean> {
    this.fromError = null;
    return this.#busyWith(list, async () => {
      try {
        this.#replace(await this.#client.listUpdateFrom(list.id, path.trim()));
        this.#view.toast(text.filter.updatedFrom(list.name));
        this.retest();
        return true;
      } catch (error) {
        this.fromError = { id: list.id, error: error as ApiError };
        return false;
      }
    });
  }

  async pickUpdate(list: ListView): Promise<boolean> {
    const path = await this.#picked(() => this.#client.archivePick());
    return path !== null && this.updateFrom(list, path);
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
      await this.#added(list);
      return true;
    } catch (error) {
      this.importError = error as ApiError;
      return false;
    } finally {
      this.importing = false;
    }
  }

  async #added(list: ListView): Promise<void> {
    await this.load();
    this.#view.toast(text.filter.imported(list.name));
    this.retest();
  }

  async #refresh(id: string | null): Promise<void> {
    const before = new Map(this.all.map((list) => [list.id, list.change?.at ?? null]));
    try {
      const lists = await this.#client.listUpdate(id);
      for (const list of lists) this.#replace(list);
      const failed = lists.filter(({ failure }) => failure !== null).length;
      const changed = lists.filter((list) => (list.change?.at ?? null) !== before.get(list.id)).length;
      if (failed > 0) this.#view.toast(text.filter.updateFailed(lists.length, failed), { level: "error" });
      else if (changed > 0) this.#view.toast(text.filter.updated(lists.length, changed));
      else this.#view.toast(text.filter.upToDate(lists.length));
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
    this.retest();
  }

  async #busyWith<T>(list: ListView, run: () => Promise<T>): Promise<T> {
    this.updating = new Set([...this.updating, list.id]);
    try {
      return await run();
    } finally {
      this.updating = new Set([...this.updating].filter((id) => id !== list.id));
    }
  }

  async #picked(pick: () => Promise<string | null>): Promise<string | null> {
    try {
      return await pick();
    } catch (error) {
      this.#view.fail(error as ApiError);
      return null;
    }
  }

  #replace(list: ListView): void {
    this.all = this.all.map((other) => (other.id === list.id ? list : other));
  }
}
