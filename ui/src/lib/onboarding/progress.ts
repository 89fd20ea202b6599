// What a download says of itself in one line.
import type { DownloadView } from "../api/types";
import { text } from "../text/en";

const words = text.onboarding;

/** 0 to 1; a size that is not known yet is nothing done. */
export function shareOf({ done, bytes }: DownloadView): number {
  return bytes > 0 ? Math.min(1, done / bytes) : 0;
}

/** "1.3 GB of 5.1 GB · 24 MB/s · about 3 minutes left". */
export function lineOf(download: DownloadView): string {
  const { state, done, bytes, bytesPerS, secondsLeft } = download;
  const amount = words.of(done, bytes);
  if (state === "converting") return words.states.converting;
  if (state !== "running") return [download.text ?? words.states[state], amount].join(" · ");
  const speed = bytesPerS > 0 ? [words.speed(bytesPerS)] : [];
  const left = secondsLeft === null ? [] : [words.timeLeft(secondsLeft)];
  return [amount, ...speed, ...left].join(" · ");
}
