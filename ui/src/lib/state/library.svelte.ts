// How models that are on this machine already come into the list: from other programs, by a path, or dropped onto the window.
// They are used where they are; nothing is copied.
import type { Client, FileDrop } from "../api/client";
import type { ApiError, FoundModel, ImportFailure } from "../api/types";
import { text } from "../text/en";
import type { App } from "./app.svelte";
import { Asked } from "./asked.svelte";
import type { View } from "./view.svelte";

export class Library {
  readonly found: Asked<"all", FoundModel[]>;
  importing = $state(false);
  /** Why files of the last import were not taken. */
  failures = $state.raw<ImportFailure[]>([]);
  /** Why the last import did not happen at all. */
  error = $state.raw<ApiError | null>(null);
  /** Whether files are held over the window. */
  dragging = $state(false);

  readonly #client: Client;
  readonly #view: View;
  readonly #app: App;

  constructor(client: Client, view: View, app: App) {
    this.#client = client;
    this.#view = view;
    this.#app = app;
    this.found = new Asked(() => client.modelsFound());
  }

  async listen(): Promise<void> {
    try {
      await this.#client.onFileDrop((drop) => this.handle(drop));
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
  }

  handle(drop: FileDrop): void {
    this.dragging = drop.type === "over" && this.#app.phase === "ready";
    if (drop.type !== "dropped" || drop.paths.length === 0 || this.#app.phase !== "ready") return;
    // What came of it is told there.
    this.#view.openModels("machine");
    void this.import(drop.paths);
  }

  async pickFolder(): Promise<boolean> {
    try {
      const path = await this.#client.weightsPick();
      return path !== null && (await this.import([path]));
    } catch (error) {
      this.error = error as ApiError;
      return false;
    }
  }

  /** A model that is imported is meant to be used: it is loaded unless another one is at work. */
  async import(paths: string[]): Promise<boolean> {
    if (this.importing) {
      this.#view.toast(text.manager.import.wait);
      return false;
    }
    this.importing = true;
    this.error = null;
    this.failures = [];
    try {
      const { imported, failures } = await this.#client.modelsImport(paths.map((path) => path.trim()));
      this.failures = failures;
      if (imported.length > 0) {
        await this.#app.refreshModels();
        this.#view.toast(text.manager.import.done(imported.map(({ name }) => name)));
        void this.found.refresh();
        const usable = imported.filter(({ problem }) => problem === null);
        if (usable[0] && !this.#app.modelName) await this.#app.selectModel(usable[0]);
      }
      return imported.length > 0;
    } catch (error) {
      this.error = error as ApiError;
      return false;
    } finally {
      this.importing = false;
    }
  }
}
