import { expect, it } from "vitest";
import { groupByDay } from "./days";

const NOW = new Date(2026, 2, 30, 9, 0).getTime();
const at = (...parts: [number, number, number, number]) => new Date(...parts).getTime();

it.each([
  ["this morning", at(2026, 2, 30, 0), "Today"],
  ["a clock that runs ahead", at(2026, 2, 31, 8), "Today"],
  ["late yesterday", at(2026, 2, 29, 23), "Yesterday"],
  ["the day on which the clock changed", at(2026, 2, 29, 0), "Yesterday"],
  ["a week ago", at(2026, 2, 23, 1), "Previous 7 days"],
  ["eight days ago", at(2026, 2, 22, 23), "Previous 30 days"],
  ["a month and a day ago", at(2026, 1, 27, 12), "February 2026"],
  ["last year", at(2025, 10, 5, 12), "November 2025"],
])("%s", (_name, updatedAt, expected) => {
  const groups = groupByDay([{ id: 1, title: "", updatedAt, messages: 1 }], NOW);
  expect(groups.map(({ name }) => name)).toEqual([expected]);
});

it("groups_keep_the_order_of_the_list", () => {
  const list = [5, 4, 3].map((id) => ({ id, title: "", updatedAt: NOW, messages: 1 }));
  expect(groupByDay(list, NOW)[0]?.conversations.map(({ id }) => id)).toEqual([5, 4, 3]);
});
