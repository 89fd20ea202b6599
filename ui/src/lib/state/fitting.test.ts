// How a model fits: what is asked while sliders move, what is kept, and what the bar shows.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { FitView } from "../api/types";
import { device, fit } from "../manager/fake";
import { memoryEnd, memoryParts } from "../manager/memory";
import { failing, fakeClient, model } from "./fake";
import { contextStops } from "./fitting.svelte";
import { Session } from "./session.svelte";

const card = device({ id: "gpu", kind: "vulkan", inUse: false });

async function opened(commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient({
    modelFit: async (_id, context, layers) => fit({ context: context ?? 8192, layersOffloaded: layers ?? 3 }),
    modelTune: async () => fit(),
    devices: async () => [device(), card],
    ...commands,
  });
  const session = new Session(client);
  await session.fitting.open(model());
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, fitting: session.fitting, called };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the sliders", () => {
  it("ask_once_they_rest", async () => {
    const { fitting, called } = await opened();
    for (const context of [1024, 2048, 4096]) fitting.change({ context });
    expect(fitting.fit.value?.context, "until then the last numbers stay").toBe(8192);
    await vi.advanceTimersByTimeAsync(1000);
    expect(called("modelFit")).toEqual([
      ["m", null, null],
      ["m", 4096, null],
    ]);
    expect(fitting.fit.value?.context).toBe(4096);
  });

  it("keep_nothing_by_themselves", async () => {
    const { fitting, called } = await opened();
    fitting.change({ layers: 10 });
    await vi.advanceTimersByTimeAsync(1000);
    await fitting.load();
    expect([fitting.changed, called("modelTune")]).toEqual([false, []]);
  });

  it.each<[string, Partial<FitView>, number[]]>([
    [
      "powers of two up to what it was trained for",
      { largestContext: 0, context: 2048, trainedContext: 4096 },
      [1024, 2048, 4096],
    ],
    [
      "what fits well too",
      { largestContext: 3000, context: 2048, trainedContext: 4096 },
      [1024, 2048, 3000, 4096],
    ],
    [
      "a kept one beyond it",
      { largestContext: 0, context: 5000, trainedContext: 4096 },
      [1024, 2048, 4096, 5000],
    ],
    ["of a tiny model", { largestContext: 512, context: 512, trainedContext: 512 }, [512]],
  ])("stop at %s", (_name, part, expected) => {
    expect(contextStops(fit(part))).toEqual(expected);
  });
});

describe("what is kept", () => {
  it.each<[string, Client["devices"], { context?: number; layers?: number }, unknown[]]>([
    ["both as they are shown", async () => [device(), card], { context: 4096 }, ["m", 4096, 3]],
    ["layers only where a device takes them", async () => [device()], { context: 4096 }, ["m", 4096, null]],
    [
      "not for a device that is left out",
      async () => [{ ...card, leftOut: "slow" }],
      { context: 1024 },
      ["m", 1024, null],
    ],
    ["the layers that were chosen", async () => [device(), card], { layers: 9 }, ["m", 8192, 9]],
  ])("is %s", async (_name, devices, change, expected) => {
    const { session, fitting, called } = await opened({ devices });
    fitting.change(change);
    await fitting.keep();
    expect(called("modelTune")).toEqual([expected]);
    expect(session.view.toasts[0]?.message).toContain("Kept for this model");
    expect(fitting.changed).toBe(false);
  });

  it("is_nothing_before_something_was_changed", async () => {
    const { fitting, called } = await opened();
    await fitting.keep();
    expect(called("modelTune")).toEqual([]);
  });

  it("is_left_to_lethe_again", async () => {
    const { fitting, called } = await opened();
    await fitting.reset();
    expect(called("modelTune")).toEqual([["m", null, null]]);
  });

  it("says_why_when_it_could_not_be_kept_and_leaves_the_sliders", async () => {
    const { fitting } = await opened({ modelTune: failing });
    fitting.change({ context: 4096 });
    await fitting.keep();
    expect(fitting).toMatchObject({ saving: false, saveError: { message: "the disk is full" } });
    expect(fitting.wish.context).toBe(4096);
  });
});

describe("the memory bar", () => {
  const gigabytes = (part: Partial<FitView>) =>
    memoryParts(fit(part)).map(({ name, bytes }) => [name, bytes / 1e9]);

  it("shows_what_is_used_taken_and_left", () => {
    expect(gigabytes({})).toEqual([
      ["used", 7],
      ["weights", 4],
      ["cache", 1],
      ["compute", 0.5],
      ["left", 3.5],
    ]);
    expect(memoryEnd(fit())).toBeNull();
  });

  it("is_as_long_as_what_would_be_needed_and_shows_where_the_memory_ends", () => {
    const large = fit({ weightsBytes: 23e9, totalBytes: 24.5e9, memoryFree: 8e9 });
    const parts = memoryParts(large);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(parts.map(({ name }) => name)).not.toContain("left");
    expect(memoryEnd(large)).toBeCloseTo(16 / 32.5);
  });
});
