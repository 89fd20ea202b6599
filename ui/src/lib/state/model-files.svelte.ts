// What can be done with the files of one model besides using it: look into them, and delete them. Nothing is deleted before
// the user has seen what it is.
import type { Client } from "../api/client";
import type { ApiError, Deletion, Inspection, ModelView } from "../api/types";
import { text } from "../text/en";
import type { App } from "./app.svelte";
import { Asked } from "./asked.svelte";
import type { View } from "./view.svelte";

export class ModelFiles {
  model = $state.raw<ModelView | null>(null);
  readonly inspection: Asked<string, Inspection>;
  readonly deletion: Asked<string, Deletion>;
  deleting = $state(false);
  deleteError = $state.raw<ApiError | null>(null);

  readonly #client: Client;
  readonly #view: View;
  readonly #app: App;

  constructor(client: Client, view: View, app: App) {
    this.#client = client;
    this.#view = view;
    this.#app = app;
    this.inspection = new Asked((id) => client.modelInspect(id));
    this.deletion = new Asked((id) => client.modelDeletion(id));
  }

  async inspect(model: ModelView): Promise<void> {
    this.model = model;
    this.#view.dialog = "inspection";
    await this.inspection.ask(model.id);
  }

  async askToDelete(model: ModelView): Promise<void> {
    this.model = model;
    this.deleteError = null;
    this.#view.dialog = "deletion";
    await this.deletion.ask(model.id);
  }

  async delete(what: "files" | "entry"): Promise<void> {
    const { model } = this;
    if (!model || this.deleting) return;
    this.deleting = true;
    this.deleteError = null;
    try {
      await this.#client.modelDelete(model.id, what === "files");
      const words = text.manager.deletion;
      this.#view.toast(what === "files" ? words.deleted(model.name) : words.forgotten(model.name));
      if (this.#view.dialog === "deletion") this.#view.dialog = null;
      await this.#app.refreshModels();
    } catch (error) {
      this.deleteError = error as ApiError;
    } finally {
      this.deleting = false;
    }
  }
}
