import { describe, expect, it } from "vitest";
import { match, type Command } from "./commands";
import { actionOf } from "./shortcuts";

const command = (title: string, group: Command["group"] = "commands"): Command => ({
  id: title,
  group,
  title,
  run: () => {},
});

describe("match", () => {
  const all = [
    command("New chat"),
    command("Open settings"),
    command("The new house", "conversations"),
    command("Use Tiny", "models"),
  ];

  it.each([
    ["", ["New chat", "Open settings", "The new house", "Use Tiny"]],
    ["new", ["New chat", "The new house"]],
    ["house new", ["The new house"]],
    ["TINY", ["Use Tiny"]],
    ["nothing", []],
  ])("%j finds %j", (query, expected) => {
    expect(match(all, query, 10).map(({ title }) => title)).toEqual(expected);
  });
});

describe("shortcuts", () => {
  it.each([
    ["palette", { key: "k", ctrlKey: true }],
    ["newChat", { key: "n", ctrlKey: true }],
    ["copyLast", { key: "C", ctrlKey: true, shiftKey: true }],
    ["help", { key: "/", ctrlKey: true, shiftKey: true }],
    [null, { key: "c", ctrlKey: true }],
    [null, { key: "k" }],
    [null, { key: "k", ctrlKey: true, altKey: true }],
  ])("%s", (action, keys) => {
    expect(actionOf(new KeyboardEvent("keydown", keys))).toBe(action);
  });
});
