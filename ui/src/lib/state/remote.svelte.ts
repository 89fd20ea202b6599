// Models that run on a server: how one is added, and whether the text of the conversation leaves this machine now.
import type { Client } from "../api/client";
import type { ApiError } from "../api/types";
import { hostOf, wayOf } from "../remote/address";
import { text } from "../text/en";
import type { App } from "./app.svelte";
import type { SettingsState } from "./settings.svelte";
import type { View } from "./view.svelte";

export class Remote {
  listing = $state(false);
  /** What the server offers; none while it was not asked. */
  models = $state.raw<string[] | null>(null);
  listError = $state.raw<ApiError | null>(null);
  adding = $state(false);
  addError = $state.raw<ApiError | null>(null);

  /** The server that the next message goes to, if it is one that is known. */
  readonly #place = $derived.by(() => {
    const { engine, models } = this.#app;
    const chosen = models.find(({ id }) => id === this.#settings.current.model);
    if (engine.state === "ready" && !engine.remote) return null;
    if (engine.state !== "ready" || chosen?.remote) return chosen?.remote ?? null;
    return models.find(({ name, remote }) => remote && name === engine.model)?.remote ?? null;
  });

  /** Where the text of the next message goes, if it leaves this machine: a host, or the model's name if no host is known. */
  readonly host = $derived.by(() => {
    const { engine } = this.#app;
    if (this.#place) return hostOf(this.#place.url);
    return engine.state === "ready" && engine.remote ? engine.model : null;
  });

  /** The proxy that it goes through. */
  readonly proxy = $derived(this.#place?.proxy ?? null);

  /** Whether that is another program on this machine. */
  readonly here = $derived(this.host !== null && wayOf(`http://${this.host}`) === "here");

  readonly #client: Client;
  readonly #view: View;
  readonly #settings: SettingsState;
  readonly #app: App;
  #question = 0;

  constructor(client: Client, view: View, settings: SettingsState, app: App) {
    this.#client = client;
    this.#view = view;
    this.#settings = settings;
    this.#app = app;
  }

  open(): void {
    this.forget();
    this.#view.modelsOpen = false;
    this.#view.dialog = "remote";
  }

  /** The address or the key changed: what another server said does not count. */
  forget(): void {
    this.#question += 1;
    this.listing = false;
    this.models = null;
    this.listError = null;
    this.addError = null;
  }

  async list(url: string, key: string | null): Promise<void> {
    this.forget();
    const question = this.#question;
    this.listing = true;
    try {
      const models = await this.#client.remoteList(url, key);
      if (question === this.#question) this.models = models;
    } catch (error) {
      if (question === this.#question) this.listError = error as ApiError;
    } finally {
      if (question === this.#question) this.listing = false;
    }
  }

  /** Whoever adds one means to use it. */
  async add(name: string, url: string, model: string, key: string | null): Promise<boolean> {
    if (this.adding) return false;
    this.adding = true;
    this.addError = null;
    try {
      const added = await this.#client.remoteAdd(name, url, model, key);
      this.#view.toast(text.remote.added(added.name));
      await this.#app.refreshModels();
      void this.#app.selectModel(added);
      return true;
    } catch (error) {
      this.addError = error as ApiError;
      return false;
    } finally {
      this.adding = false;
    }
  }
}
