import { expect, it } from "vitest";
import { DEFAULTS } from "../state/settings.svelte";
import { NUMBER_FIELDS, parse, type NumberName } from "./fields";

const field = (name: NumberName) => {
  const found = NUMBER_FIELDS.find((other) => other.name === name);
  if (!found) throw new Error(name);
  return found;
};

it.each<[NumberName, string, number | null | undefined]>([
  ["temperature", "0.7", 0.7],
  ["temperature", "0,7", 0.7],
  ["temperature", " 1 ", 1],
  ["temperature", "", undefined],
  ["temperature", "2.1", undefined],
  ["temperature", "warm", undefined],
  ["topK", "40", 40],
  ["topK", "4.5", undefined],
  ["seed", "", null],
  ["seed", "42", 42],
  ["seed", "-1", undefined],
  ["threads", "0", undefined],
])("%s: %j is %j", (name, input, expected) => {
  expect(parse(field(name), input)).toBe(expected);
});

it.each(NUMBER_FIELDS)("the default of $name can be entered", (numberField) => {
  const value = DEFAULTS[numberField.name];
  expect(parse(numberField, value === null ? "" : String(value))).toBe(value);
});
