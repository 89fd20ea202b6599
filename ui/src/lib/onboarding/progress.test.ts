import { expect, it } from "vitest";
import type { DownloadView } from "../api/types";
import { download } from "../state/fake";
import { lineOf, shareOf } from "./progress";

it.each<[Partial<DownloadView>, string]>([
  [{}, "1.3 GB of 5.1 GB · 24 MB/s · about 3 minutes left"],
  [{ secondsLeft: 30 }, "1.3 GB of 5.1 GB · 24 MB/s · less than a minute left"],
  [{ secondsLeft: 60 }, "1.3 GB of 5.1 GB · 24 MB/s · about 1 minute left"],
  [{ secondsLeft: 7200 }, "1.3 GB of 5.1 GB · 24 MB/s · about 2 hours left"],
  [{ bytesPerS: 0, secondsLeft: null }, "1.3 GB of 5.1 GB"],
  [{ state: "paused" }, "Paused · 1.3 GB of 5.1 GB"],
  [{ state: "converting" }, "Making the model file"],
  [{ state: "waiting", text: "the server asked for 30 s" }, "the server asked for 30 s · 1.3 GB of 5.1 GB"],
])("%j: %s", (part, expected) => {
  expect(lineOf(download(part))).toBe(expected);
});

it("a_size_that_is_not_known_is_no_progress_and_more_than_all_is_all", () => {
  expect(shareOf(download({ done: 10, bytes: 0 }))).toBe(0);
  expect(shareOf(download({ done: 30, bytes: 20 }))).toBe(1);
});
