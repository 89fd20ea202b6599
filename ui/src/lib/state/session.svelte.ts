// The states of the application, made once around one client and handed to components by context.
import { createContext } from "svelte";
import type { Client } from "../api/client";
import { App } from "./app.svelte";
import { Backups } from "./backups.svelte";
import { CatalogState } from "./catalog.svelte";
import { Chats } from "./chats.svelte";
import { Clock } from "./clock";
import { Conversations } from "./conversations.svelte";
import { Downloads } from "./downloads.svelte";
import { Fitting } from "./fitting.svelte";
import { Hub } from "./hub.svelte";
import { Library } from "./library.svelte";
import { Lists } from "./lists.svelte";
import { Measurer } from "./measurer.svelte";
import { ModelFiles } from "./model-files.svelte";
import { ModelPages } from "./model-pages.svelte";
import { Network } from "./network.svelte";
import { Onboarding } from "./onboarding.svelte";
import { Receipts } from "./receipts.svelte";
import { Remote } from "./remote.svelte";
import { SettingsState } from "./settings.svelte";
import { Sweeper } from "./sweeper.svelte";
import { View } from "./view.svelte";
import { Watch } from "./watch.svelte";
import { Weights } from "./weights.svelte";

export class Session {
  readonly view = new View();
  readonly clock = new Clock();
  readonly settings: SettingsState;
  readonly app: App;
  readonly backups: Backups;
  readonly conversations: Conversations;
  readonly chats: Chats;
  readonly catalog: CatalogState;
  readonly downloads: Downloads;
  readonly fitting: Fitting;
  readonly hub: Hub;
  readonly library: Library;
  readonly lists: Lists;
  readonly measurer: Measurer;
  readonly modelFiles: ModelFiles;
  readonly modelPages: ModelPages;
  readonly network: Network;
  readonly onboarding: Onboarding;
  readonly receipts: Receipts;
  readonly remote: Remote;
  readonly sweeper: Sweeper;
  readonly watch: Watch;
  readonly weights: Weights;

  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    this.settings = new SettingsState(client, this.view);
    this.sweeper = new Sweeper(client, this.view);
    this.weights = new Weights(client, this.view);
    this.downloads = new Downloads(client, this.view);
    this.network = new Network(client, this.view, this.settings);
    this.app = new App(
      client,
      this.view,
      this.settings,
      this.sweeper,
      this.weights,
      this.downloads,
      this.network,
    );
    this.backups = new Backups(client, this.view);
    this.backups.restored = () => this.#anew();
    this.conversations = new Conversations(client, this.view);
    this.chats = new Chats(client, this.view, this.conversations);
    this.catalog = new CatalogState(client);
    this.fitting = new Fitting(client, this.view);
    this.hub = new Hub(client, this.view, this.catalog, this.downloads);
    this.library = new Library(client, this.view, this.app);
    this.lists = new Lists(client, this.view);
    this.measurer = new Measurer(client);
    this.modelFiles = new ModelFiles(client, this.view, this.app);
    this.modelPages = new ModelPages(client, this.view);
    this.onboarding = new Onboarding(client, this);
    this.downloads.toldElsewhere = (download) => this.onboarding.tells(download);
    this.receipts = new Receipts(client, this.view);
    this.remote = new Remote(client, this.view, this.settings, this.app);
    this.watch = new Watch(client, this.view);
  }

  /** Listens first and loads then, so that no change falls between the two. */
  async start(): Promise<void> {
    await this.#client.onApp((event) => {
      this.app.handle(event);
      if (event.type === "conversations") {
        void this.#loadConversations();
        void this.chats.refresh();
      } else if (event.type === "filter") {
        void this.lists.load();
      } else if (event.type === "lists") {
        void this.lists.load();
        void this.watch.load();
      } else if (event.type === "models") {
        void this.catalog.asked.refresh();
        void this.hub.repo.refresh();
        void this.library.found.refresh();
      } else if (event.type === "downloads") {
        this.onboarding.follow();
      }
    });
    void this.library.listen();
    await this.load();
  }

  async load(): Promise<void> {
    const app = this.app.load().then(() => this.onboarding.follow());
    await Promise.all([app, this.conversations.load(), this.lists.load(), this.watch.load()]);
    this.#noticeDamage();
  }

  /** After a failed start. */
  async retry(): Promise<void> {
    this.app.phase = "loading";
    // Whatever came of it, the state that is loaded then says so.
    await this.#client.appReopen().catch(() => null);
    await this.load();
  }

  async #loadConversations(): Promise<void> {
    await this.conversations.load();
    this.#noticeDamage();
  }

  /** A damaged history often opens all the same, and shows when conversations are read. */
  #noticeDamage(): void {
    const { phase, error } = this.conversations;
    if (phase === "failed" && error?.code === "damaged") this.app.fail(error);
  }

  /** A backup was put back: nothing that was loaded before holds. */
  async #anew(): Promise<void> {
    this.view.dialog = null;
    // What they offer to undo is not in this history.
    for (const { id } of this.view.toasts) this.view.dismiss(id);
    this.conversations.search("");
    this.chats.reset();
    this.view.focusComposer();
    await this.load();
  }

  async deleteConversation(id: number): Promise<void> {
    const wasOpen = this.chats.current.id === id;
    const deleted = await this.conversations.delete(id, (restored) => {
      if (wasOpen) void this.chats.open(restored);
    });
    if (deleted) this.chats.forget(id);
  }
}

export const [getSession, setSession] = createContext<Session>();
