// What holds for the whole application: the engine, the filter's state, the models on disk, notices, and the report.
import type { Client } from "../api/client";
import type {
  ApiError,
  AppEvent,
  Conversion,
  DownloadView,
  EngineState,
  FilterStatus,
  ModelView,
  NetworkState,
  Notice,
  Store,
  Sweep,
} from "../api/types";
import { text } from "../text/en";
import type { Downloads } from "./downloads.svelte";
import type { Network } from "./network.svelte";
import type { SettingsState } from "./settings.svelte";
import type { Sweeper } from "./sweeper.svelte";
import type { View } from "./view.svelte";
import type { Weights } from "./weights.svelte";

export class App {
  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  version = $state("");
  store = $state.raw<Store>({ encrypted: false, keyPlace: "none", dataDir: "" });
  engine = $state.raw<EngineState>({ state: "none" });
  filter = $state.raw<FilterStatus>({
    lists: 0,
    entries: 0,
    detectors: [],
    problem: null,
    warning: null,
    checkedAt: null,
  });
  /** The warning that was dismissed: it comes back with other words, or at the next start. */
  dismissedWarning = $state<string | null>(null);
  models = $state.raw<ModelView[]>([]);
  notices = $state.raw<Notice[]>([]);
  importing = $state(false);
  importError = $state.raw<ApiError | null>(null);
  reporting = $state(false);

  /** The model that is loaded, loading or failed; its id is what the settings remember. */
  readonly modelName = $derived("model" in this.engine ? this.engine.model : null);
  /** The engine died under a model that had worked: the next message starts another one. */
  readonly died = $derived(this.engine.state === "failed" && this.engine.error.code === "engine_died");
  /** Whether a message would be answered. */
  readonly ready = $derived(this.engine.state === "ready" || this.died);
  /** Whether the model at work can be asked to think. */
  readonly deliberates = $derived(this.engine.state === "ready" && this.engine.deliberates);
  /** What is wrong with the filter while answers go on, unless it was dismissed. */
  readonly warning = $derived(this.filter.warning !== this.dismissedWarning ? this.filter.warning : null);

  readonly #client: Client;
  readonly #view: View;
  readonly #settings: SettingsState;
  readonly #sweeper: Sweeper;
  readonly #weights: Weights;
  readonly #downloads: Downloads;
  readonly #network: Network;
  /** What events said while the whole state was on its way: it is newer than that state. */
  #heard: {
    engine?: EngineState;
    filter?: FilterStatus;
    sweep?: Sweep;
    conversion?: Conversion;
    downloads?: DownloadView[];
    network?: NetworkState;
  } = {};

  constructor(
    client: Client,
    view: View,
    settings: SettingsState,
    sweeper: Sweeper,
    weights: Weights,
    downloads: Downloads,
    network: Network,
  ) {
    this.#client = client;
    this.#view = view;
    this.#settings = settings;
    this.#sweeper = sweeper;
    this.#weights = weights;
    this.#downloads = downloads;
    this.#network = network;
  }

  async load(): Promise<void> {
    this.phase = "loading";
    this.#heard = {};
    try {
      const state = { ...(await this.#client.appState()), ...this.#heard };
      this.version = state.version;
      this.store = state.store;
      this.engine = state.engine;
      this.filter = state.filter;
      this.models = state.models;
      this.notices = state.notices;
      this.#settings.current = state.settings;
      this.#sweeper.current = state.sweep;
      this.#weights.current = state.conversion;
      this.#downloads.all = state.downloads;
      this.#network.follow(state.network);
      this.error = null;
      this.phase = "ready";
    } catch (error) {
      this.fail(error as ApiError);
    }
  }

  /** What is stored turned out to be damaged after the start. */
  fail(error: ApiError): void {
    this.error = error;
    this.phase = "failed";
  }

  handle(event: AppEvent): void {
    if (event.type === "engine") {
      const wasReady = this.engine.state === "ready";
      this.engine = event.engine;
      this.#heard.engine = event.engine;
      if (event.engine.state === "ready" && !wasReady)
        this.#view.announce(text.announce.ready(event.engine.model));
    } else if (event.type === "filter") {
      this.filter = event.filter;
      this.#heard.filter = event.filter;
    } else if (event.type === "sweep") {
      this.#sweeper.follow(event.sweep);
      this.#heard.sweep = event.sweep;
    } else if (event.type === "conversion") {
      this.#heard.conversion = event.conversion;
      this.#weights.follow(event.conversion, (model) => void this.selectModel(model));
      if (event.conversion.state === "done") void this.refreshModels();
    } else if (event.type === "downloads") {
      this.#heard.downloads = event.downloads;
      this.#downloads.follow(event.downloads, (id) => void this.useModel(id));
    } else if (event.type === "network") {
      this.#network.follow(event.network);
      this.#heard.network = event.network;
    } else if (event.type === "models") {
      void this.refreshModels();
    } else if (event.type === "notice") {
      this.notices = [...this.notices, event.notice];
    }
  }

  dismiss(notice: Notice): void {
    this.notices = this.notices.filter((other) => other !== notice);
  }

  dismissWarning(): void {
    this.dismissedWarning = this.filter.warning;
  }

  async exportReport(): Promise<void> {
    if (this.reporting) return;
    this.reporting = true;
    try {
      this.#view.toast(text.report.exported(await this.#client.reportExport()));
    } catch (error) {
      this.#view.fail(error as ApiError);
    } finally {
      this.reporting = false;
    }
  }

  async refreshModels(): Promise<void> {
    try {
      this.models = await this.#client.modelList();
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
  }

  async selectModel(model: ModelView): Promise<boolean> {
    this.#settings.current = { ...this.#settings.current, model: model.id };
    try {
      await this.#client.modelSelect(model.id);
      return true;
    } catch (error) {
      this.#view.fail(error as ApiError);
      return false;
    }
  }

  /** One whose name has just come, such as that of a download: the list may not have it yet. */
  async useModel(id: string): Promise<void> {
    const find = () => this.models.find((model) => model.id === id);
    if (!find()) await this.refreshModels();
    const model = find();
    if (model) await this.selectModel(model);
  }

  async importModel(path: string): Promise<boolean> {
    return this.#import(() => this.#client.modelImport(path.trim()));
  }

  async pickModel(): Promise<boolean> {
    return this.#import(() => this.#client.modelPick());
  }

  async forgetModel(model: ModelView): Promise<void> {
    try {
      await this.#client.modelRemove(model.id);
      this.#view.toast(text.models.forgot(model.name));
    } catch (error) {
      this.#view.fail(error as ApiError);
    }
    await this.refreshModels();
  }

  /** A model that is imported is meant to be used: it is loaded unless another one is at work or it can't be. */
  async #import(run: () => Promise<ModelView | null>): Promise<boolean> {
    this.importing = true;
    this.importError = null;
    try {
      const model = await run();
      if (!model) return false;
      await this.refreshModels();
      this.#view.toast(text.models.imported(model.name));
      if (!model.problem && !this.modelName) await this.selectModel(model);
      return true;
    } catch (error) {
      this.importError = error as ApiError;
      return false;
    } finally {
      this.importing = false;
    }
  }
}
