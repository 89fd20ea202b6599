// The models that Lethe knows of, and what they would take on this machine.
import type { Client } from "../api/client";
import type { Catalog, Offer } from "../api/types";
import { Asked } from "./asked.svelte";

export class CatalogState {
  readonly asked: Asked<"all", Catalog>;

  readonly apertus = $derived.by(() => this.#family("apertus"));
  readonly open = $derived.by(() => this.#family("open"));

  constructor(client: Client) {
    this.asked = new Asked(() => client.catalog());
  }

  /** Reads it unless it is there. */
  async load(): Promise<void> {
    if (this.asked.phase === "idle" || this.asked.phase === "failed") await this.asked.ask("all");
  }

  /** The offer whose files are in this repository. */
  offerOf(repository: string): Offer | null {
    const same = (other: string) => other.toLowerCase() === repository.toLowerCase();
    return this.asked.value?.offers.find((offer) => same(offer.repository)) ?? null;
  }

  #family(family: Offer["family"]): Offer[] {
    return this.asked.value?.offers.filter((offer) => offer.family === family) ?? [];
  }
}
