// The downloads, as the Rust side tells of them. They run there and go on whatever the window shows; here they are followed.
import type { Client } from "../api/client";
import type { ApiError, DownloadView } from "../api/types";
import { text } from "../text/en";
import type { View } from "./view.svelte";

/** The states of a download that goes on by itself. */
const STAGES = ["running", "checking", "converting", "waiting", "queued"] as const;
export type Stage = (typeof STAGES)[number];
const AT_WORK: ReadonlySet<DownloadView["state"]> = new Set(STAGES);

export class Downloads {
  all = $state.raw<DownloadView[]>([]);
  /** The ids of downloads that were told to do something and have not answered yet. */
  busy = $state.raw<ReadonlySet<string>>(new Set());

  /** Those that go on by themselves. */
  readonly atWork = $derived(this.all.filter(({ state }) => AT_WORK.has(state)));
  /** What is said of all of them together: bytes that come before anything else, and waiting only where nothing is done. */
  readonly stage = $derived(STAGES.find((stage) => this.atWork.some(({ state }) => state === stage)) ?? null);
  /** Share of what is at work, 0 to 1. */
  readonly fraction = $derived.by(() => {
    const sum = (part: "done" | "bytes") =>
      this.atWork.reduce((total, download) => total + download[part], 0);
    return sum("bytes") > 0 ? Math.min(1, sum("done") / sum("bytes")) : 0;
  });

  /** Whether somebody else tells the user how it ended, so that it is not told twice. */
  toldElsewhere: (download: DownloadView) => boolean = () => false;

  readonly #client: Client;
  readonly #view: View;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
  }

  /** One that was just put into the queue. An event may have told of it already, and is newer. */
  add(download: DownloadView): void {
    if (this.all.some(({ id }) => id === download.id)) return;
    this.all = [...this.all, download];
    this.#view.announce(text.manager.downloads.said.started(download.name));
  }

  /** Whoever looks elsewhere is told how one ended; `use` loads a model by its id. */
  follow(downloads: DownloadView[], use: (model: string) => void): void {
    const before = new Map(this.all.map(({ id, state }) => [id, state]));
    this.all = downloads;
    for (const download of downloads) {
      const was = before.get(download.id);
      if (was === undefined || was === download.state || this.toldElsewhere(download)) continue;
      this.#tell(download, use);
    }
  }

  async pause({ id }: DownloadView): Promise<void> {
    await this.#order(id, () => this.#client.downloadPause(id));
  }

  async resume({ id }: DownloadView): Promise<void> {
    await this.#order(id, () => this.#client.downloadResume(id));
  }

  async cancel({ id }: DownloadView): Promise<void> {
    const gone = await this.#order(id, () => this.#client.downloadCancel(id));
    if (gone) this.all = this.all.filter((download) => download.id !== id);
  }

  #tell({ name, state, model, error }: DownloadView, use: (model: string) => void): void {
    const words = text.manager.downloads;
    const seen = this.#view.page === "models" && this.#view.tab === "downloads";
    if (state === "done") {
      this.#view.announce(words.said.done(name));
      const action = model === null ? undefined : { label: words.use, run: () => use(model) };
      if (!seen) this.#view.toast(words.said.done(name), { seconds: 12, action });
    } else if (state === "failed") {
      this.#view.announce(words.said.failed(name));
      if (!seen) this.#view.toast(words.failedToast(name, error?.message ?? ""), { level: "error" });
    }
  }

  async #order(id: string, run: () => Promise<null>): Promise<boolean> {
    if (this.busy.has(id)) return false;
    this.busy = new Set([...this.busy, id]);
    try {
      await run();
      return true;
    } catch (error) {
      this.#view.fail(error as ApiError);
      return false;
    } finally {
      this.busy = new Set([...this.busy].filter((other) => other !== id));
    }
  }
}
