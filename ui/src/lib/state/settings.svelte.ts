// The settings, saved at once where something is switched and a moment after the last change where it is typed. The screen shows the change at once; if saving fails it says so and
// shows what is in force again.
import type { Client } from "../api/client";
import type { ApiError, Settings } from "../api/types";
import { text } from "../text/en";
import type { View } from "./view.svelte";

/** What "reset" returns to: the values that the makers of Apertus recommend, and the engine's own choice elsewhere. */
export const DEFAULTS: Settings = {
  theme: "system",
  model: null,
  systemPrompt: "",
  temperature: 0.8,
  topP: 0.9,
  topK: 0,
  minP: 0,
  repeatPenalty: 1,
  seed: null,
  maxTokens: null,
  contextSize: null,
  threads: null,
  detectors: {
    email: true,
    iban: true,
    ip: true,
    phone: true,
    card: true,
    ahv: true,
    national_id: true,
    special_ip: false,
  },
  echo: false,
  refresh: true,
  watch: true,
  offline: false,
  downloadLimit: null,
};

const SAVE_AFTER = 350;

export class SettingsState {
  current = $state.raw<Settings>(DEFAULTS);

  readonly #client: Client;
  readonly #view: View;
  #inForce: Settings | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
  }

  change(part: Partial<Settings>): void {
    this.#inForce ??= this.current;
    this.current = { ...this.current, ...part };
    clearTimeout(this.#timer);
    // A switch is meant as it stands; what is typed or dragged goes on. So nothing that was switched is lost on closing.
    const isTyped = Object.values(part).some(
      (value) => typeof value === "string" || typeof value === "number",
    );
    if (isTyped) this.#timer = setTimeout(() => void this.#save(), SAVE_AFTER);
    else void this.#save();
  }

  /** What was changed by another command and is saved already. */
  adopt(part: Partial<Settings>): void {
    this.current = { ...this.current, ...part };
    if (this.#inForce) this.#inForce = { ...this.#inForce, ...part };
  }

  async #save(): Promise<void> {
    const sent = this.current;
    try {
      const saved = await this.#client.settingsSet(sent);
      // A change made meanwhile is newer than the reply, and will be saved by its own timer.
      if (this.current === sent) this.current = saved;
      this.#inForce = this.current === saved ? null : saved;
    } catch (error) {
      this.#view.toast(`${text.settings.failed}: ${(error as ApiError).message}`, { level: "error" });
      if (this.current === sent && this.#inForce) this.current = this.#inForce;
      this.#inForce = null;
    }
  }
}
