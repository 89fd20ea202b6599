// The sweep of past answers: where it stands, and what the user is told when it ends. It runs on the Rust side, by itself
// after each change of a list; here it is followed, and started or stopped by hand.
import type { Client } from "../api/client";
import type { ApiError, Sweep } from "../api/types";
import { text } from "../text/en";
import type { View } from "./view.svelte";

export class Sweeper {
  current = $state.raw<Sweep>({
    state: "idle",
    done: 0,
    total: 0,
    changed: 0,
    removed: 0,
    at: null,
    failure: null,
  });
  /** A command is on its way. */
  busy = $state(false);

  readonly running = $derived(this.current.state === "running");

  readonly #client: Client;
  readonly #view: View;
  /** Whoever started it by hand wants to hear that nothing was found; after a refresh that would be noise. */
  #asked = false;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
  }

  async start(): Promise<void> {
    if (this.busy) return;
    this.#asked = true;
    await this.#command(() => this.#client.sweepStart());
  }

  async cancel(): Promise<void> {
    if (this.busy) return;
    await this.#command(() => this.#client.sweepCancel());
  }

  follow(sweep: Sweep): void {
    const ended = sweep.state !== "running" && (this.running || sweep.at !== this.current.at);
    this.current = sweep;
    if (!ended) return;
    if (sweep.state === "failed" && sweep.failure !== null)
      this.#view.toast(text.sweep.failed(sweep.failure), { level: "error" });
    else if (sweep.state === "done" && (sweep.changed > 0 || this.#asked))
      this.#view.toast(text.sweep.done(sweep.changed, sweep.removed));
    this.#asked = false;
  }

  async #command(run: () => Promise<Sweep>): Promise<void> {
    this.busy = true;
    const before = this.current;
    try {
      const sweep = await run();
      // An event that came meanwhile is newer than the reply.
      if (this.current === before) this.follow(sweep);
    } catch (error) {
      this.#asked = false;
      this.#view.fail(error as ApiError);
    } finally {
      this.busy = false;
    }
  }
}
