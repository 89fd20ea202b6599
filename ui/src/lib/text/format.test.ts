import { expect, it } from "vitest";
import { age, duration, plainNumber } from "./format";

const NOW = new Date(2026, 6, 24, 9).getTime();
const ago = (days: number, hour = 12) => new Date(2026, 6, 24 - days, hour).getTime();

it.each([
  [ago(0), "today"],
  [ago(-1), "today"],
  [ago(1, 23), "yesterday"],
  [ago(2), "2 days ago"],
  [ago(13), "13 days ago"],
  [ago(14), "2 weeks ago"],
  [ago(60), "8 weeks ago"],
  [ago(61), "2 months ago"],
  [ago(215), "7 months ago"],
  [ago(800), "2 years ago"],
])("%d is %s: by the calendar, in the largest unit that says something", (time, expected) => {
  expect(age(time, NOW)).toBe(expected);
});

it("a_duration_is_the_same_without_ago", () => {
  expect(duration(ago(215), NOW)).toBe("7 months");
  expect(duration(ago(1), NOW)).toBe("1 day");
});

it.each([
  [0.800000011920929, "0.8"],
  [0, "0"],
  [1, "1"],
])("%d, which travelled in 32 bits, is written %s", (number, expected) => {
  expect(plainNumber(number)).toBe(expected);
});
