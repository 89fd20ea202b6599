// The way from official weights to a model, as the Rust side tells it: what is asked, in which order, and what outlives the
// dialog.
import { describe, expect, it } from "vitest";
import type { Client } from "../api/client";
import type { AppEvent, Conversion, OfficialWeights } from "../api/types";
import {
  appState,
  card,
  failing,
  fakeClient,
  held,
  model,
  officialWeights,
  weightChoice,
  weightsClient,
} from "./fake";
import { Session } from "./session.svelte";

const running: Conversion = { state: "running", model: "Tiny", step: "converting", fraction: 0.5 };

function sessionWith(commands: Partial<Client> = {}) {
  const { client, calls } = weightsClient(commands);
  const session = new Session(client);
  const names = () => calls.map(({ name }) => name);
  const tell = (conversion: Conversion) =>
    session.app.handle({ type: "conversion", conversion } satisfies AppEvent);
  return { session, weights: session.weights, calls, names, tell };
}

describe("a folder", () => {
  it.each<[string, OfficialWeights["choices"], string]>([
    ["what is recommended", officialWeights().choices, "q4_0"],
    ["else what fits", [weightChoice({ type: "bf16", fits: false }), weightChoice({ type: "q8_0" })], "q8_0"],
    ["else the first", [weightChoice({ type: "bf16", fits: false })], "bf16"],
    ["nothing of nothing", [], ""],
  ])("is inspected and chosen is %s", async (_name, choices, expected) => {
    const { weights } = sessionWith({ weightsInspect: async () => officialWeights({ choices }) });
    expect(await weights.inspect(" /weights ")).toBe(true);
    expect(weights.type).toBe(expected);
  });

  it("that_holds_no_weights_says_why", async () => {
    const { weights } = sessionWith({ weightsInspect: failing });
    expect(await weights.inspect("/x")).toBe(false);
    expect(weights).toMatchObject({ inspecting: false, found: null });
    expect(weights.inspectError?.message).toBe("the disk is full");
  });

  it("that_was_given_up_does_not_come_back_late", async () => {
    const { command, resolve } = held<OfficialWeights>();
    const { weights } = sessionWith({ weightsInspect: command });
    const inspecting = weights.inspect("/slow");
    weights.clear();
    resolve(officialWeights());
    expect(await inspecting).toBe(false);
    expect(weights).toMatchObject({ found: null, inspecting: false });
  });

  it.each<[string, Client["weightsPick"], boolean]>([
    ["chosen", async () => "/weights", true],
    ["not chosen", async () => null, false],
    ["refused", failing, false],
  ])("%s in the system's dialog", async (_name, weightsPick, expected) => {
    const { weights, names } = sessionWith({ weightsPick });
    expect(await weights.pick()).toBe(expected);
    expect(names().includes("weightsInspect")).toBe(expected);
  });
});

describe("the terms", () => {
  const open = officialWeights({ card: card({ acceptedAt: null }) });

  it("are_accepted_before_the_conversion_is_started", async () => {
    const { weights, calls } = sessionWith({
      weightsInspect: async () => open,
      termsAccept: async () => card({ acceptedAt: 5 }),
    });
    await weights.inspect("/weights");
    await weights.start();
    expect(
      calls.map(({ name }) => name),
      "not before the box is ticked",
    ).toEqual(["weightsInspect"]);
    weights.agreed = true;
    await weights.start();
    expect(calls.slice(1)).toEqual([
      { name: "termsAccept", arguments: ["tiny-instruct"] },
      { name: "convertStart", arguments: ["/weights/tiny", "q4_0"] },
    ]);
    expect(weights.running).toBe(true);
  });

  it("that_could_not_be_kept_start_nothing", async () => {
    const { weights, names } = sessionWith({ weightsInspect: async () => open, termsAccept: failing });
    await weights.inspect("/weights");
    weights.agreed = true;
    await weights.start();
    expect(names()).not.toContain("convertStart");
    expect(weights.startError?.message).toBe("the disk is full");
  });

  it("that_the_other_side_misses_are_asked_for_again", async () => {
    const { weights } = sessionWith({
      convertStart: async () => {
        throw { code: "terms", message: "accept the terms first" };
      },
    });
    await weights.inspect("/weights");
    expect(weights.needsTerms).toBe(false);
    await weights.start();
    expect(weights).toMatchObject({ needsTerms: true, agreed: false, running: false });
  });

  it("of_weights_without_a_card_stop_nobody", async () => {
    const { weights } = sessionWith({ weightsInspect: async () => officialWeights({ card: null }) });
    await weights.inspect("/weights");
    expect(weights.canStart).toBe(true);
  });
});

describe("the conversion", () => {
  it("goes_on_over_a_start_of_the_window", async () => {
    const { client } = fakeClient({ appState: async () => appState({ conversion: running }) });
    const session = new Session(client);
    await session.app.load();
    expect(session.weights.current).toEqual(running);
  });

  it("an_event_that_overtakes_the_reply_is_the_newer_one", async () => {
    const { command, resolve } = held<null>();
    const { weights, tell } = sessionWith({ convertStart: command });
    await weights.inspect("/weights");
    const starting = weights.start();
    tell(running);
    resolve(null);
    await starting;
    expect(weights.current).toEqual(running);
  });

  it("is_cancelled_once", async () => {
    const { weights, names, tell } = sessionWith();
    tell(running);
    await weights.cancel();
    await weights.cancel();
    expect(names()).toEqual(["convertCancel"]);
    tell({ state: "cancelled" });
    expect(weights).toMatchObject({ running: false, cancelling: false });
  });

  it("that_can_not_be_cancelled_says_so_and_can_be_asked_again", async () => {
    const { session, weights, tell } = sessionWith({ convertCancel: failing });
    tell(running);
    await weights.cancel();
    expect(weights.cancelling).toBe(false);
    expect(session.view.toasts).toMatchObject([{ level: "error" }]);
  });

  it("that_ended_behind_a_closed_dialog_is_told_with_the_way_to_use_it", () => {
    const { session, calls, tell } = sessionWith();
    tell(running);
    tell({ state: "done", model: model() });
    const [toast] = session.view.toasts;
    expect(toast).toMatchObject({ message: "Tiny is ready", action: { label: "Use it now" } });
    toast?.action?.run();
    expect(calls).toContainEqual({ name: "modelList", arguments: [] });
    expect(calls).toContainEqual({ name: "modelSelect", arguments: ["m"] });
  });

  it("that_failed_behind_a_closed_dialog_says_why", () => {
    const { session, tell } = sessionWith();
    tell(running);
    tell({ state: "failed", error: { code: "store", message: "the disk is full" } });
    expect(session.view.toasts).toMatchObject([
      { level: "error", message: "The conversion did not work: the disk is full" },
    ]);
  });

  it("that_ends_in_front_of_the_user_makes_no_toast", () => {
    const { session, weights, tell } = sessionWith();
    weights.open();
    tell(running);
    tell({ state: "done", model: model() });
    expect(session.view.toasts).toEqual([]);
  });
});
