// The dialog in which official weights become a model: each of its states, by eye, keyboard and screen reader.
import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { beforeAll, describe, expect, it } from "vitest";
import type { Client } from "../api/client";
import type { Conversion, OfficialWeights } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import NoModel from "../chat/NoModel.svelte";
import { letDialogsOpen } from "../elements/fake";
import { commandsOf } from "../palette/commands";
import { card, failing, fakeClient, held, model, officialWeights, weightsClient } from "../state/fake";
import { Session } from "../state/session.svelte";
import ModelPicker from "../status/ModelPicker.svelte";
import WeightsDialog from "./WeightsDialog.svelte";

beforeAll(letDialogsOpen);

function show(commands: Partial<Client> = {}) {
  const { client, calls } = weightsClient(commands);
  const session = new Session(client);
  session.weights.open();
  const shown = render(InSession, { props: { session, component: WeightsDialog, props: {} } as never });
  const tell = async (conversion: Conversion) => {
    session.app.handle({ type: "conversion", conversion });
    await tick();
  };
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, called, tell, unmount: shown.unmount };
}

async function inspect(path = "/weights/tiny") {
  await fireEvent.input(screen.getByTestId("weights-path"), { target: { value: path } });
  await fireEvent.click(screen.getByTestId("weights-import"));
}

async function showFound(part: Partial<OfficialWeights> = {}, commands: Partial<Client> = {}) {
  const shown = show({ weightsInspect: async () => officialWeights(part), ...commands });
  await inspect();
  await screen.findByTestId("weights-found");
  return shown;
}

const state = () => screen.getByTestId("conversion").dataset["state"];
const running: Conversion = { state: "running", model: "Tiny", step: "quantizing", fraction: 0.5 };

describe("a folder", () => {
  it("is_asked_for_first", () => {
    show();
    expect(screen.getByRole("button", { name: "Choose a folder…" })).toBeTruthy();
    expect(screen.queryByTestId("weights-found")).toBeNull();
  });

  it("is_read", async () => {
    show({ weightsInspect: held<OfficialWeights>().command });
    await inspect();
    expect(screen.getByRole("status").textContent).toContain("Reading the folder…");
  });

  it("that_can_not_be_read_says_why_and_another_one_can_be_tried", async () => {
    show({ weightsInspect: failing });
    await inspect();
    expect((await screen.findByRole("alert")).textContent).toBe("the disk is full");
    expect(screen.getByTestId<HTMLInputElement>("weights-path").value).toBe("/weights/tiny");
  });

  it("says_what_it_holds_and_has_the_focus", async () => {
    await showFound();
    const found = screen.getByTestId("weights-found").textContent;
    for (const part of ["BF16", "500 million", "1.0 GB", "example/Tiny-Instruct"])
      expect(found).toContain(part);
    expect(document.activeElement?.textContent).toBe("Tiny Instruct");
  });

  it("can_be_exchanged_for_another_one", async () => {
    await showFound();
    await fireEvent.click(screen.getByRole("button", { name: "Another folder" }));
    expect(screen.getByTestId("weights-path")).toBeTruthy();
  });
});

describe("the types", () => {
  it("are_named_with_their_size_and_the_recommended_one_is_chosen", async () => {
    await showFound();
    const chosen = screen.getByRole<HTMLInputElement>("radio", { name: /Q4_0.*400 MB.*recommended/ });
    expect(chosen.checked).toBe(true);
    expect(document.getElementById(chosen.getAttribute("aria-describedby") ?? "")?.textContent).toContain(
      "Fastest on this processor.",
    );
  });

  it("that_do_not_fit_in_memory_say_so_and_can_be_made_all_the_same", async () => {
    const { called } = await showFound();
    const large = screen.getByRole("radio", { name: /BF16.*exact.*does not fit in memory/ });
    await fireEvent.click(large);
    await fireEvent.click(screen.getByTestId("convert-start"));
    expect(called("convertStart")).toEqual([["/weights/tiny", "bf16"]]);
  });

  it("none_says_so_and_starts_nothing", async () => {
    const { called } = await showFound({ choices: [] });
    expect(screen.getByTestId("weights-found").textContent).toContain("Lethe can make nothing");
    await fireEvent.click(screen.getByTestId("convert-start"));
    expect(called("convertStart")).toEqual([]);
  });
});

describe("the terms", () => {
  it("are_shown_and_have_to_be_accepted", async () => {
    const { called } = await showFound(
      { card: card({ acceptedAt: null }) },
      { termsAccept: async () => card() },
    );
    const start = screen.getByTestId("convert-start");
    expect(screen.getByTestId("terms").textContent).toContain("Apply the output filter.");
    expect(start.getAttribute("aria-disabled")).toBe("true");
    expect(document.getElementById(start.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
      "Accept the terms to go on.",
    );
    await fireEvent.click(start);
    expect(called("convertStart")).toEqual([]);
    await fireEvent.click(screen.getByRole("checkbox", { name: "I have read the terms and accept them" }));
    await fireEvent.click(start);
    await waitFor(() => expect(called("convertStart")).toHaveLength(1));
    expect(called("termsAccept")).toEqual([["tiny-instruct"]]);
  });

  it("of_weights_without_a_card_are_not_known", async () => {
    await showFound({ card: null });
    expect(screen.getByTestId("weights-no-card")).toBeTruthy();
    expect(screen.queryByTestId("terms")).toBeNull();
  });

  it("a_start_that_is_refused_says_why", async () => {
    await showFound({}, { convertStart: failing });
    await fireEvent.click(screen.getByTestId("convert-start"));
    expect((await screen.findByTestId("weights-error")).textContent).toBe("the disk is full");
  });
});

describe("the conversion", () => {
  it("says_how_far_it_is", async () => {
    const { tell } = show();
    await tell(running);
    const bar = screen.getByRole("progressbar", { name: "Converting Tiny" });
    expect(bar.getAttribute("aria-valuenow")).toBe("50");
    expect(screen.getByTestId("conversion-step").textContent).toBe("Step 3 of 4 · Making it smaller");
  });

  it("goes_on_when_the_dialog_is_closed_and_is_there_when_it_is_opened_again", async () => {
    const { session, tell, unmount } = show();
    await tell(running);
    await fireEvent.click(screen.getByTestId("weights-close"));
    expect(session.view.dialog).toBeNull();
    unmount();
    await tell({ ...running, fraction: 0.75 });
    session.weights.open();
    render(InSession, { props: { session, component: WeightsDialog, props: {} } as never });
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("75");
  });

  it("is_stopped", async () => {
    const { tell, called } = show();
    await tell(running);
    await fireEvent.click(screen.getByTestId("convert-cancel"));
    expect(called("convertCancel")).toHaveLength(1);
    expect(screen.getByTestId("convert-cancel").textContent?.trim()).toBe("Stopping…");
    await tell({ state: "cancelled" });
    expect(screen.getByTestId("conversion-cancelled").textContent).toBe("The conversion was stopped.");
    expect(screen.getByTestId("weights-path"), "another one can be begun").toBeTruthy();
  });

  it("that_is_done_is_used_at_once", async () => {
    const { session, tell, called } = show();
    await tell(running);
    await tell({ state: "done", model: model() });
    expect(state()).toBe("done");
    await fireEvent.click(screen.getByRole("button", { name: "Use it now" }));
    expect(called("modelSelect")).toEqual([["m"]]);
    expect(session.view.dialog).toBeNull();
    expect(session.weights.current.state).toBe("idle");
  });

  it("that_failed_says_why_and_leads_back_to_what_was_chosen", async () => {
    const { tell } = await showFound();
    await tell(running);
    await tell({ state: "failed", error: { code: "store", message: "the disk is full" } });
    expect(screen.getByRole("alert").textContent).toBe("the disk is full");
    await fireEvent.click(screen.getByRole("button", { name: "Back" }));
    expect(screen.getByTestId("weights-found")).toBeTruthy();
  });
});

describe("it is opened from", () => {
  it.each([
    ["the first screen", NoModel, false],
    ["the model picker", ModelPicker, true],
  ])("%s", async (_name, component, modelsOpen) => {
    const session = new Session(fakeClient().client);
    session.view.modelsOpen = modelsOpen;
    render(InSession, { props: { session, component, props: {} } as never });
    await fireEvent.click(screen.getByRole("button", { name: "Use official weights…" }));
    expect([session.view.dialog, session.view.modelsOpen]).toEqual(["weights", false]);
  });

  it("the_palette", () => {
    const session = new Session(fakeClient().client);
    commandsOf(session)
      .find(({ title }) => title === "Use official weights")
      ?.run();
    expect(session.view.dialog).toBe("weights");
  });
});
