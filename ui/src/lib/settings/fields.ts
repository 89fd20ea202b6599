// The numbers of the model's behaviour: what each may be, and whether it may be left to the engine.
import type { Settings } from "../api/types";
import type { text } from "../text/en";

export type NumberName = Exclude<keyof typeof text.settings.fields, "systemPrompt">;

export type NumberField = {
  name: NumberName;
  min: number;
  max: number;
  step: number;
  whole: boolean;
  /** Empty means that the engine decides. */
  optional: boolean;
};

const whole = { step: 1, whole: true };

export const NUMBER_FIELDS: NumberField[] = [
  { name: "temperature", min: 0, max: 2, step: 0.05, whole: false, optional: false },
  { name: "topP", min: 0, max: 1, step: 0.01, whole: false, optional: false },
  { name: "topK", min: 0, max: 1000, ...whole, optional: false },
  { name: "minP", min: 0, max: 1, step: 0.01, whole: false, optional: false },
  { name: "repeatPenalty", min: 0.5, max: 2, step: 0.01, whole: false, optional: false },
  { name: "seed", min: 0, max: 4294967295, ...whole, optional: true },
  { name: "maxTokens", min: 1, max: 131072, ...whole, optional: true },
  { name: "contextSize", min: 256, max: 1048576, ...whole, optional: true },
  { name: "threads", min: 1, max: 256, ...whole, optional: true },
];

/** The number that was meant, null for "empty", or undefined for what can't be used. */
export function parse(field: NumberField, input: string): number | null | undefined {
  const trimmed = input.trim().replace(",", ".");
  if (trimmed === "") return field.optional ? null : undefined;
  const value = Number(trimmed);
  const fits = Number.isFinite(value) && value >= field.min && value <= field.max;
  return fits && (!field.whole || Number.isInteger(value)) ? value : undefined;
}

export function change(field: NumberField, value: number | null): Partial<Settings> {
  return { [field.name]: value };
}
