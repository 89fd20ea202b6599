// Whether anything may be sent, what was sent, and the access token of the hub. The ledger is kept on the Rust side, where
// the requests are made; here it is read.
import type { Client } from "../api/client";
import type { ApiError, LedgerEntry, LedgerTotal, NetworkState, TokenState } from "../api/types";
import { text } from "../text/en";
import type { SettingsState } from "./settings.svelte";
import type { View } from "./view.svelte";

export class Network {
  current = $state.raw<NetworkState>({ offline: false, forced: false });
  switching = $state(false);

  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  /** The newest first. */
  entries = $state.raw<LedgerEntry[]>([]);
  totals = $state.raw<LedgerTotal[]>([]);
  /** Whether there are older entries than these. */
  more = $state(false);
  /** A command about the ledger is on its way. */
  busy = $state<"refresh" | "more" | "clear" | null>(null);

  tokenPhase = $state<"loading" | "ready" | "failed">("loading");
  token = $state.raw<TokenState>({ present: false, place: null });
  /** Why the token could not be looked up, or not be kept. */
  tokenError = $state.raw<ApiError | null>(null);
  tokenBusy = $state(false);

  readonly #client: Client;
  readonly #view: View;
  readonly #settings: SettingsState;

  constructor(client: Client, view: View, settings: SettingsState) {
    this.#client = client;
    this.#view = view;
    this.#settings = settings;
  }

  open(): void {
    this.#view.modelsOpen = false;
    this.#view.dialog = "network";
  }

  /** What the Rust side says holds. The settings are saved whole, so they must not bring an older choice back. */
  follow(state: NetworkState): void {
    this.current = state;
    if (!state.forced) this.#settings.adopt({ offline: state.offline });
  }

  async goOffline(offline: boolean): Promise<void> {
    if (this.switching || this.current.forced) return;
    this.switching = true;
    try {
      this.follow(await this.#client.networkOffline(offline));
      this.#view.announce(offline ? text.network.wentOffline : text.network.wentOnline);
    } catch (error) {
      this.#view.fail(error as ApiError);
    } finally {
      this.switching = false;
    }
  }

  /** The page as it is shown first: the newest entries and the token. */
  async load(): Promise<void> {
    this.phase = "loading";
    await Promise.all([this.refresh(), this.loadToken()]);
  }

  /** The newest entries; what is on the screen stays there until they have come. */
  async refresh(): Promise<void> {
    if (this.busy) return;
    this.busy = "refresh";
    try {
      const page = await this.#client.ledger(null);
      this.entries = page.entries;
      this.totals = page.totals;
      this.more = page.more;
      this.error = null;
      this.phase = "ready";
    } catch (error) {
      this.error = error as ApiError;
      this.phase = "failed";
    } finally {
      this.busy = null;
    }
  }

  async loadMore(): Promise<void> {
    const last = this.entries.at(-1);
    if (!last || !this.more || this.busy) return;
    this.busy = "more";
    try {
      const page = await this.#client.ledger(last.id);
      this.entries = [...this.entries, ...page.entries];
      this.totals = page.totals;
      this.more = page.more;
    } catch (error) {
      this.#view.fail(error as ApiError);
    } finally {
      this.busy = null;
    }
  }

  async clear(): Promise<void> {
    if (this.busy) return;
    this.busy = "clear";
    try {
      await this.#client.ledgerClear();
      this.entries = [];
      this.totals = [];
      this.more = false;
      this.#view.toast(text.network.cleared);
    } catch (error) {
      this.#view.fail(error as ApiError);
    } finally {
      this.busy = null;
    }
  }

  async loadToken(): Promise<void> {
    try {
      this.token = await this.#client.tokenState();
      this.tokenError = null;
      this.tokenPhase = "ready";
    } catch (error) {
      this.tokenError = error as ApiError;
      this.tokenPhase = "failed";
    }
  }

  /** `null` forgets it. The token itself is kept nowhere in the interface. */
  async setToken(token: string | null): Promise<boolean> {
    if (this.tokenBusy) return false;
    this.tokenBusy = true;
    this.tokenError = null;
    try {
      this.token = await this.#client.tokenSet(token);
      this.#view.toast(token === null ? text.network.token.forgotten : text.network.token.kept);
      return true;
    } catch (error) {
      this.tokenError = error as ApiError;
      return false;
    } finally {
      this.tokenBusy = false;
    }
  }
}
