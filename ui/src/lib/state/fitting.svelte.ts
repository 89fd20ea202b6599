// How a model fits into this machine: the memory that it would take with another context or with layers on another device,
// and what is kept for it. Looking at numbers keeps nothing.
import type { Client } from "../api/client";
import type { ApiError, DeviceView, FitView, ModelView } from "../api/types";
import { text } from "../text/en";
import { Asked } from "./asked.svelte";
import type { View } from "./view.svelte";

/** A slider moves in steps faster than the numbers can be asked for. */
const ASK_AFTER = 120;
const SMALLEST = 1024;

/** The numbers of the sliders; null is left to what is kept for the model, or else to Lethe. */
export type Wish = { id: string; context: number | null; layers: number | null };

export class Fitting {
  model = $state.raw<ModelView | null>(null);
  readonly fit: Asked<Wish, FitView>;
  readonly devices: Asked<"all", DeviceView[]>;
  wish = $state.raw<Wish>({ id: "", context: null, layers: null });
  saving = $state(false);
  saveError = $state.raw<ApiError | null>(null);

  /** Whether there is a device beside the processor that can take layers. */
  readonly offloads = $derived.by(
    () => this.devices.value?.some(({ kind, leftOut }) => kind !== "cpu" && leftOut === null) ?? false,
  );
  readonly changed = $derived(this.wish.context !== null || this.wish.layers !== null);

  readonly #client: Client;
  readonly #view: View;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client, view: View) {
    this.#client = client;
    this.#view = view;
    this.fit = new Asked(({ id, context, layers }) => client.modelFit(id, context, layers));
    this.devices = new Asked(() => client.devices());
  }

  async open(model: ModelView): Promise<void> {
    this.model = model;
    this.saveError = null;
    this.#view.dialog = "fit";
    await this.load();
  }

  async load(): Promise<void> {
    if (!this.model) return;
    clearTimeout(this.#timer);
    this.wish = { id: this.model.id, context: null, layers: null };
    await Promise.all([this.fit.ask(this.wish), this.devices.ask("all")]);
  }

  change(part: { context?: number; layers?: number }): void {
    this.wish = { ...this.wish, ...part };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.fit.update(this.wish), ASK_AFTER);
  }

  /** Keeps the numbers for this model. */
  async keep(): Promise<void> {
    const { fit, wish } = this;
    if (!this.changed || !fit.value) return;
    // What is kept is what the sliders show, also where only one of them was moved.
    const layers = wish.layers ?? (this.offloads ? fit.value.layersOffloaded : null);
    await this.#tune(wish.context ?? fit.value.context, layers, text.manager.fit.kept);
  }

  /** Leaves the numbers to Lethe from now on. */
  async reset(): Promise<void> {
    await this.#tune(null, null, text.manager.fit.automatic);
  }

  async #tune(context: number | null, layers: number | null, said: string): Promise<void> {
    const { id } = this.wish;
    if (!this.model || this.saving) return;
    clearTimeout(this.#timer);
    this.saving = true;
    this.saveError = null;
    try {
      const fit = await this.#client.modelTune(id, context, layers);
      if (id === this.wish.id) {
        this.fit.value = fit;
        this.wish = { id, context: null, layers: null };
      }
      this.#view.toast(said);
    } catch (error) {
      this.saveError = error as ApiError;
    } finally {
      this.saving = false;
    }
  }
}

/** The stops of the context slider: powers of two, the longest that fits well, and what the model was trained for. */
export function contextStops({ context, largestContext, trainedContext }: FitView): number[] {
  const stops = new Set([context, largestContext, trainedContext]);
  for (let stop = SMALLEST; stop < trainedContext; stop *= 2) stops.add(stop);
  const most = Math.max(trainedContext, context);
  return [...stops].filter((stop) => stop >= 1 && stop <= most).toSorted((a, b) => a - b);
}
