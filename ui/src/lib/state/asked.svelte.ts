// Something that was asked of the Rust side and is shown: what was asked for, and the reply to it. A reply to an older
// question is dropped.
import type { ApiError } from "../api/types";

export type Phase = "idle" | "loading" | "ready" | "failed";

export class Asked<Key, Value> {
  phase = $state<Phase>("idle");
  /** What was asked for last. */
  key = $state.raw<Key | null>(null);
  value = $state.raw<Value | null>(null);
  error = $state.raw<ApiError | null>(null);

  readonly #ask: (key: Key) => Promise<Value>;
  #question = 0;

  constructor(ask: (key: Key) => Promise<Value>) {
    this.#ask = ask;
  }

  async ask(key: Key): Promise<Value | null> {
    this.phase = "loading";
    this.value = null;
    return this.update(key);
  }

  /** Asks the last question again, as after a failure. */
  async again(): Promise<void> {
    if (this.key !== null) await this.ask(this.key);
  }

  /** Asks something new, and shows what is there until the reply has come. */
  async update(key: Key): Promise<Value | null> {
    const question = ++this.#question;
    this.key = key;
    try {
      const value = await this.#ask(key);
      if (question !== this.#question) return null;
      this.value = value;
      this.error = null;
      this.phase = "ready";
      return value;
    } catch (error) {
      if (question === this.#question) {
        this.error = error as ApiError;
        this.phase = "failed";
      }
      return null;
    }
  }

  /** Asks the last question again because the answer may have changed; if that fails, the last answer stays. */
  async refresh(): Promise<void> {
    const { key } = this;
    if (key === null || this.phase !== "ready") return;
    const question = ++this.#question;
    try {
      const value = await this.#ask(key);
      if (question === this.#question) this.value = value;
    } catch {
      // What is shown was true a moment ago, and nobody asked for more.
    }
  }

  forget(): void {
    this.#question += 1;
    this.key = null;
    this.value = null;
    this.error = null;
    this.phase = "idle";
  }
}
