// What is on the hub: a search, and one repository with what can be downloaded from it. Nothing is asked there before the
// user asks for it.
import type { Client } from "../api/client";
import type { ApiError, CardView, HubHit, HubRepo, HubVariant, Offer } from "../api/types";
import { Asked } from "./asked.svelte";
import type { CatalogState } from "./catalog.svelte";
import type { Downloads } from "./downloads.svelte";
import type { ModelsTab, View } from "./view.svelte";

export class Hub {
  query = $state("");
  readonly hits: Asked<string, HubHit[]>;
  /** The repository that is shown; without a key none is. */
  readonly repo: Asked<string, HubRepo>;
  /** The terms of the repository's model, where they have to be accepted first. */
  readonly card: Asked<string, CardView>;
  /** The name of the variant that would be downloaded. */
  variant = $state("");
  /** The box below the terms is ticked; they are accepted when the download is started. */
  agreed = $state(false);
  starting = $state(false);
  startError = $state.raw<ApiError | null>(null);

  readonly repository = $derived.by(() => this.repo.key);
  /** Whether it stands in the place of the list from which it was opened. */
  readonly shown = $derived.by(() => this.repository !== null && this.#isPlace(this.#view.tab));
  readonly chosen: HubVariant | null = $derived.by(
    () => this.repo.value?.variants.find(({ name }) => name === this.variant) ?? null,
  );
  /** What Lethe itself knows of the repository. */
  readonly offer: Offer | null = $derived.by(() =>
    this.repository === null ? null : this.#catalog.offerOf(this.repository),
  );
  readonly needsTerms = $derived.by(() => this.card.key !== null && this.card.value?.acceptedAt == null);
  readonly canStart = $derived.by(
    () =>
      this.chosen !== null &&
      this.chosen.installed === null &&
      !this.starting &&
      (!this.needsTerms || (this.agreed && this.card.value !== null)),
  );

  readonly #client: Client;
  readonly #view: View;
  readonly #catalog: CatalogState;
  readonly #downloads: Downloads;

  constructor(client: Client, view: View, catalog: CatalogState, downloads: Downloads) {
    this.#client = client;
    this.#view = view;
    this.#catalog = catalog;
    this.#downloads = downloads;
    this.hits = new Asked((query) => client.hubSearch(query));
    this.repo = new Asked((repository) => client.hubRepo(repository, null));
    this.card = new Asked((card) => client.modelCard(card));
  }

  async search(): Promise<void> {
    const query = this.query.trim();
    if (query) await this.hits.ask(query);
  }

  async open(repository: string): Promise<void> {
    if (this.#view.page !== "models" || !this.#isPlace(this.#view.tab)) this.#view.openModels("get");
    this.close();
    await Promise.all([this.#read(repository), this.#readTerms(repository)]);
  }

  /** Back to the list from which it was opened. */
  close(): void {
    this.repo.forget();
    this.card.forget();
    this.variant = "";
    this.agreed = false;
    this.startError = null;
  }

  async start(): Promise<void> {
    const { chosen } = this;
    const repo = this.repo.value;
    if (!repo || !chosen || !this.canStart) return;
    this.starting = true;
    this.startError = null;
    try {
      const card = this.card.value;
      if (this.needsTerms && card) {
        this.card.value = await this.#client.termsAccept(card.id);
        void this.#catalog.asked.refresh();
      }
      const { repository, revision } = repo;
      this.#downloads.add(await this.#client.downloadStart(repository, revision, chosen.name));
      if (this.repo.value !== repo) return;
      this.close();
      this.#view.tab = "downloads";
    } catch (error) {
      if (this.repo.value !== repo) return;
      this.startError = error as ApiError;
      // The terms changed, or what was accepted is gone: they are asked for again.
      if (this.startError.code === "terms") {
        this.agreed = false;
        await this.#askForTerms();
      }
    } finally {
      this.starting = false;
    }
  }

  #isPlace(tab: ModelsTab): boolean {
    return tab === "get" || tab === "search";
  }

  async #read(repository: string): Promise<void> {
    const repo = await this.repo.ask(repository);
    if (!repo) return;
    const { variants } = repo;
    const offered = variants.filter(({ installed }) => installed === null);
    const best =
      offered.find(({ recommended }) => recommended) ?? offered.find(({ fits }) => fits === "well");
    this.variant = (best ?? offered[0] ?? variants[0])?.name ?? "";
  }

  async #readTerms(repository: string): Promise<void> {
    await this.#catalog.load();
    const { offer } = this;
    if (this.repository === repository && offer?.cardId && !offer.termsAccepted)
      await this.card.ask(offer.cardId);
  }

  async #askForTerms(): Promise<void> {
    const id = this.offer?.cardId;
    if (!id) return;
    const card = this.card.value ?? (await this.card.ask(id));
    if (card) {
      this.card.key = id;
      this.card.value = { ...card, acceptedAt: null };
    }
  }
}
