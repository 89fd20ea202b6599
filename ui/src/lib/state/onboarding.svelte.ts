// From nothing to a first answer: the model that is offered, its terms, its download, and what is done when it has arrived.
// Downloads run on the Rust side and go on when this page is left; downloads.svelte.ts holds them, and here those are followed
// that were asked for here.
import type { Client } from "../api/client";
import type { ApiError, CardView, Catalog, DownloadView, FoundModel, ModelView, Offer } from "../api/types";
import { choiceOf, isStarter, starterModel, starterOffer, variantOf } from "../onboarding/choice";
import { text } from "../text/en";
import type { App } from "./app.svelte";
import type { Chats } from "./chats.svelte";
import type { Conversations } from "./conversations.svelte";
import type { Downloads } from "./downloads.svelte";
import type { SettingsState } from "./settings.svelte";
import type { View } from "./view.svelte";

const words = text.onboarding;
const READY_SECONDS = 12;

type States = {
  app: App;
  chats: Chats;
  conversations: Conversations;
  downloads: Downloads;
  settings: SettingsState;
  view: View;
};

export class Onboarding {
  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  catalog = $state.raw<Catalog | null>(null);

  foundPhase = $state<"loading" | "ready" | "failed">("loading");
  foundError = $state.raw<ApiError | null>(null);
  found = $state.raw<FoundModel[]>([]);
  /** The path of the model that is imported now. */
  importing = $state<string | null>(null);
  importError = $state.raw<ApiError | null>(null);

  /** The offer whose terms are on the screen. */
  asking = $state.raw<Offer | null>(null);
  card = $state.raw<CardView | null>(null);
  cardError = $state.raw<ApiError | null>(null);
  agreed = $state(false);

  /** The offer whose download is being started. */
  starting = $state<string | null>(null);
  startError = $state.raw<{ offer: string; error: ApiError } | null>(null);

  /** The user went on to chat with what there is. */
  left = $state(false);

  readonly choice = $derived(this.catalog && choiceOf(this.catalog));
  readonly starter = $derived(this.catalog && starterOffer(this.catalog));
  readonly starterModel = $derived.by(() => starterModel(this.#states.app.models));
  readonly download = $derived.by(() => this.#downloadOf(this.choice?.offer ?? null));
  readonly starterDownload = $derived.by(() => this.#downloadOf(this.starter));

  /** Without a model there is nothing else to show; with the starter alone it is an offer until the first conversation. */
  readonly shown = $derived.by(() => {
    const { app, conversations } = this.#states;
    if (app.models.length === 0) return app.engine.state === "none";
    const isNew = conversations.phase === "ready" && conversations.list.length === 0;
    return isNew && !this.left && app.models.every(isStarter);
  });

  /** What the user has asked for here and waits for, wherever they have gone meanwhile. */
  readonly underway = $derived.by(
    () =>
      this.#states.downloads.all.find(({ id, state }) => this.#wanted.has(id) && state !== "done") ?? null,
  );

  readonly #client: Client;
  readonly #states: States;
  /** Downloads that were asked for here; they are used when they are done. */
  #wanted = $state.raw<ReadonlySet<string>>(new Set());

  constructor(client: Client, states: States) {
    this.#client = client;
    this.#states = states;
  }

  async load(): Promise<void> {
    this.phase = "loading";
    try {
      this.catalog = await this.#client.catalog();
      this.error = null;
      this.phase = "ready";
      // What was begun before a restart is waited for here as well.
      for (const begun of [this.download, this.starterDownload])
        if (begun && begun.state !== "done") this.#want(begun.id);
    } catch (error) {
      this.error = error as ApiError;
      this.phase = "failed";
    }
  }

  async loadFound(): Promise<void> {
    this.foundPhase = "loading";
    try {
      this.found = await this.#client.modelsFound();
      this.foundError = null;
      this.foundPhase = "ready";
    } catch (error) {
      this.foundError = error as ApiError;
      this.foundPhase = "failed";
    }
  }

  /** Terms that nobody has accepted on this machine are shown first. */
  async get(offer: Offer): Promise<void> {
    if (offer.cardId !== null && !offer.termsAccepted) await this.ask(offer);
    else await this.#start(offer);
  }

  async ask(offer: Offer): Promise<void> {
    if (offer.cardId === null) return;
    this.asking = offer;
    this.card = null;
    this.cardError = null;
    this.agreed = false;
    this.startError = null;
    try {
      const card = await this.#client.modelCard(offer.cardId);
      if (this.asking === offer) this.card = card;
    } catch (error) {
      if (this.asking === offer) this.cardError = error as ApiError;
    }
  }

  stopAsking(): void {
    this.asking = null;
  }

  async accept(): Promise<void> {
    const { asking, card } = this;
    if (!asking || !card || !this.agreed || this.starting !== null) return;
    this.starting = asking.id;
    this.cardError = null;
    try {
      if (card.acceptedAt === null) this.card = await this.#client.termsAccept(card.id);
    } catch (error) {
      this.cardError = error as ApiError;
      return;
    } finally {
      this.starting = null;
    }
    this.#know({ ...asking, termsAccepted: true });
    this.asking = null;
    await this.#start(asking);
  }

  /** Also tries one again that failed. */
  async resume(download: DownloadView): Promise<void> {
    this.#want(download.id);
    await this.#states.downloads.resume(download);
  }

  /** Goes on to the conversation with the small model, while another one may still be on its way. */
  async chatNow(): Promise<void> {
    const { app, view } = this.#states;
    const model = this.starterModel;
    if (model) {
      this.left = true;
      view.focusComposer();
      if (app.modelName === null) await app.selectModel(model);
    } else if (this.starter && !this.starterDownload) {
      await this.get(this.starter);
    }
  }

  async useFound(model: FoundModel): Promise<void> {
    if (this.importing !== null) return;
    const { app, view } = this.#states;
    this.importing = model.path;
    this.importError = null;
    try {
      const { imported, failures } = await this.#client.modelsImport([model.path]);
      if (failures[0]) throw failures[0].error;
      await app.refreshModels();
      if (imported[0]) {
        view.focusComposer();
        void app.selectModel(imported[0]);
      }
    } catch (error) {
      this.importError = error as ApiError;
    } finally {
      this.importing = null;
    }
  }

  /** Whether the end of this download is told here: when it is used, or where it failed before the user's eyes. */
  tells({ id, state }: DownloadView): boolean {
    const { chats, view } = this.#states;
    const inSight = this.shown && view.page === "chat" && chats.current.entries.length === 0;
    return this.#wanted.has(id) && (state === "done" || inSight);
  }

  /** The downloads have changed: what was waited for and has arrived is used. */
  follow(): void {
    for (const download of this.#states.downloads.all) {
      if (download.state !== "done" || !this.#wanted.has(download.id)) continue;
      this.#wanted = new Set([...this.#wanted].filter((id) => id !== download.id));
      void this.#arrived(download);
    }
  }

  /** Between the answers, so that none is begun by one model and ended by another. */
  async #arrived({ model: id, name }: DownloadView): Promise<void> {
    const { app, chats, settings, view } = this.#states;
    await app.refreshModels();
    await chats.running?.ended;
    const model = app.models.find((other) => other.id === id);
    if (!model) return;
    const used = app.models.find((other) => other.id === settings.current.model);
    if (used && (!isStarter(used) || isStarter(model))) {
      // The user has chosen something else meanwhile.
      const action = { label: words.use, run: () => void app.selectModel(model) };
      view.toast(words.readyToUse(name), { seconds: READY_SECONDS, action });
    } else if (await app.selectModel(model)) {
      if (isStarter(model)) this.left = true;
      view.toast(words.ready(name), { seconds: READY_SECONDS });
      view.announce(words.ready(name));
      view.focusComposer();
    }
  }

  async #start(offer: Offer): Promise<void> {
    if (this.starting !== null) return;
    this.starting = offer.id;
    this.startError = null;
    try {
      const repo = await this.#client.hubRepo(offer.repository, null);
      const variant = variantOf(repo, this.#typeOf(offer));
      if (!variant) throw { code: "not_found", message: repo.note ?? words.nothingThere(offer.name) };
      if (variant.installed !== null && (await this.#useInstalled(variant.installed))) return;
      const download = await this.#client.downloadStart(repo.repository, repo.revision, variant.name);
      this.#want(download.id);
      this.#states.downloads.add(download);
      // It may be done already, as one that was in the cache of this machine.
      this.follow();
    } catch (error) {
      this.startError = { offer: offer.id, error: error as ApiError };
      // The terms changed, or what was accepted is gone.
      if ((error as ApiError).code === "terms") {
        this.#know({ ...offer, termsAccepted: false });
        await this.ask(offer);
      }
    } finally {
      this.starting = null;
    }
  }

  async #useInstalled(id: string): Promise<boolean> {
    const { app } = this.#states;
    await app.refreshModels();
    const model = app.models.find((other: ModelView) => other.id === id);
    return model !== undefined && (await app.selectModel(model));
  }

  #typeOf(offer: Offer): string {
    const { choice } = this;
    const estimates = offer.estimates;
    const usual = estimates.find(({ recommended }) => recommended) ?? estimates[0];
    return (choice?.offer.id === offer.id ? choice.estimate : usual)?.type ?? "";
  }

  #want(id: string): void {
    this.#wanted = new Set([...this.#wanted, id]);
  }

  #know(offer: Offer): void {
    if (!this.catalog) return;
    const offers = this.catalog.offers.map((other) => (other.id === offer.id ? offer : other));
    this.catalog = { ...this.catalog, offers };
  }

  /** A line that says "done" of a model that was forgotten since is no download of it. */
  #downloadOf(offer: Offer | null): DownloadView | null {
    const { downloads } = this.#states;
    const of = downloads.all.find(({ repository }) => repository === offer?.repository) ?? null;
    return of?.state === "done" && !this.#states.app.models.some(({ id }) => id === of.model) ? null : of;
  }
}
