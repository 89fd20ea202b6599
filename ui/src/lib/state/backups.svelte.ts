// Backups of the history: the list of them, what can be done with them, and the way out when the history is damaged.
// Passphrases go through here and are kept nowhere.
import type { Client } from "../api/client";
import type { ApiError, BackupFile, ChosenBackup, Restored, Salvaged } from "../api/types";
import { text } from "../text/en";
import type { View } from "./view.svelte";

/** What is under way; all of it reads or writes whole histories, so there is one at a time. */
export type BackupWork = "create" | "elsewhere" | "carry" | "check" | "pick" | "restore" | "salvage";

export class Backups {
  phase = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | null>(null);
  /** The newest first. */
  files = $state.raw<BackupFile[]>([]);
  work = $state<BackupWork | null>(null);
  /** The backup that is being checked. */
  checking = $state<string | null>(null);
  /** What checks said, by path: `null` for a good one. */
  checked = $state.raw<ReadonlyMap<string, string | null>>(new Map());
  /** The backup that is asked about before it is put back. */
  chosen = $state.raw<ChosenBackup | null>(null);
  /** Why the last piece of work failed, and which. */
  failure = $state.raw<{ work: BackupWork; message: string } | null>(null);

  /** For a damaged history: the newest backup that can be read whole. */
  goodPhase = $state<"loading" | "ready" | "failed">("loading");
  good = $state.raw<BackupFile | null>(null);
  salvaged = $state.raw<Salvaged | null>(null);

  /** Called when a backup was put back, for everything that was loaded before. */
  restored: () => Promise<void> = async () => {};

  readonly #client: Client;
  readonly #view: View;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
  }

  /** As the page is opened: nothing is left of what was asked the last time. */
  async open(): Promise<void> {
    this.phase = "loading";
    this.checked = new Map();
    this.chosen = null;
    this.failure = null;
    await this.load();
  }

  async load(): Promise<void> {
    try {
      this.files = await this.#client.backupList();
      this.error = null;
      this.phase = "ready";
    } catch (error) {
      this.error = error as ApiError;
      this.phase = "failed";
    }
  }

  async create(): Promise<void> {
    await this.#do("create", async () => {
      await this.#client.backupCreate();
      this.#view.toast(text.backups.created);
      await this.load();
    });
  }

  async createElsewhere(): Promise<void> {
    await this.#do("elsewhere", async () => {
      const made = await this.#client.backupCreateElsewhere();
      if (!made) return;
      this.#view.toast(text.backups.createdIn(made.path));
      await this.load();
    });
  }

  /** True when the file was written. */
  async carry(passphrase: string): Promise<boolean> {
    let saved = false;
    await this.#do("carry", async () => {
      const path = await this.#client.backupCarry(passphrase);
      if (path === null) return;
      saved = true;
      this.#view.toast(text.backups.carry.saved(path));
    });
    return saved;
  }

  async check(path: string): Promise<void> {
    if (this.work) return;
    this.checking = path;
    await this.#do("check", async () => {
      const said = await this.#client.backupVerify(path).catch((error: ApiError) => error.message);
      this.checked = new Map([...this.checked, [path, said]]);
      if (said === null) this.#view.announce(text.backups.good);
    });
    this.checking = null;
  }

  ask(path: string): void {
    if (this.work) return;
    this.failure = null;
    this.chosen = { path, carried: false };
  }

  async pick(): Promise<void> {
    await this.#do("pick", async () => {
      this.chosen = (await this.#client.backupPick()) ?? this.chosen;
    });
  }

  leave(): void {
    if (this.work === "restore") return;
    this.chosen = null;
    this.failure = null;
  }

  async restore(path: string, passphrase: string | null): Promise<void> {
    await this.#do("restore", async () => {
      const restored = await this.#client.backupRestore(path, passphrase);
      this.chosen = null;
      this.salvaged = null;
      await this.restored();
      this.#tell(restored);
    });
  }

  /** What the view of a damaged history begins with. */
  async findGood(): Promise<void> {
    this.goodPhase = "loading";
    this.failure = null;
    this.chosen = null;
    try {
      this.good = await this.#client.backupNewest();
      this.goodPhase = "ready";
    } catch {
      // The sentence about the history stands above; another one would hide it.
      this.goodPhase = "failed";
    }
  }

  async salvage(): Promise<void> {
    await this.#do("salvage", async () => {
      this.salvaged = await this.#client.backupSalvage();
    });
  }

  #tell({ conversations, settingsOfBackup, aside }: Restored): void {
    const words = text.backups.putBack;
    this.#view.toast(words.done(conversations, aside !== null), { seconds: 8 });
    if (settingsOfBackup) this.#view.toast(words.settingsOfBackup, { seconds: 12 });
  }

  async #do(work: BackupWork, run: () => Promise<void>): Promise<void> {
    if (this.work) return;
    this.work = work;
    this.failure = null;
    try {
      await run();
    } catch (error) {
      this.failure = { work, message: (error as ApiError).message };
    } finally {
      this.work = null;
    }
  }
}
