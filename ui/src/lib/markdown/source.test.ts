import { expect, test } from "vitest";

import { toSource } from "./source";

const apart = (between: string) => toSource([{ type: "text", text: `Zephy${between}rine` }]).markdown;

test("no_character_of_a_text_disappears_from_its_source", () => {
  const joined: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (apart(String.fromCodePoint(code)) === "Zephyrine") joined.push(code.toString(16));
  }
  expect(joined, "the filter saw the parts of the name apart, so the window must too").toEqual([]);
});

test.each(["\uE000", "\uF8FF", "\uFDD0", "\uFFFE", "&#xE000;", "&#57344;"])(
  "what_could_pose_as_a_removal_is_shown_as_a_mark %j",
  (between) => {
    expect(apart(between)).toBe("Zephy\uFFFDrine");
  },
);
