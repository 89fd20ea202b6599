// The dialogs about the files of a model: deleting them, looking into them, and how the model fits into this machine.
import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import type { Client } from "../api/client";
import type { Deletion, FitView, Inspection } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import { letDialogsOpen } from "../elements/fake";
import { failing, fakeClient, held, model } from "../state/fake";
import { Session } from "../state/session.svelte";
import DeletionDialog from "./DeletionDialog.svelte";
import { deletion, device, fit, inspection } from "./fake";
import FitDialog from "./FitDialog.svelte";
import InspectionDialog from "./InspectionDialog.svelte";

beforeAll(letDialogsOpen);

const dialogs = {
  deletion: [DeletionDialog, (session: Session) => session.modelFiles.askToDelete(model())],
  inspection: [InspectionDialog, (session: Session) => session.modelFiles.inspect(model())],
  fit: [FitDialog, (session: Session) => session.fitting.open(model())],
} as const;
type Name = keyof typeof dialogs;

function show(name: Name, commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient({
    modelDeletion: async () => deletion(),
    modelDelete: async () => null,
    modelInspect: async () => inspection(),
    modelFit: async () => fit(),
    modelTune: async () => fit(),
    devices: async () => [device()],
    modelList: async () => [],
    ...commands,
  });
  const session = new Session(client);
  const [component, open] = dialogs[name];
  void open(session);
  render(InSession, { props: { session, component, props: {} } as never });
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, called };
}

describe("each dialog", () => {
  const asks = { deletion: "modelDeletion", inspection: "modelInspect", fit: "modelFit" } as const;

  it.each(Object.keys(asks) as Name[])("%s says that it loads", (name) => {
    show(name, { [asks[name]]: held<never>().command });
    expect(screen.getByRole("status").textContent).toContain("…");
  });

  it.each(Object.keys(asks) as Name[])("%s failed, and tried again", async (name) => {
    let broken = true;
    const value = { deletion: deletion(), inspection: inspection(), fit: fit() }[name];
    show(name, { [asks[name]]: async () => (broken ? failing() : value) });
    expect((await screen.findByRole("alert")).textContent).toContain("the disk is full");
    broken = false;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByTestId(name)).toBeTruthy();
  });

  it.each(Object.keys(asks) as Name[])("%s is left", async (name) => {
    const { session } = show(name);
    expect(session.view.dialog).toBe(name);
    await fireEvent.click(screen.getByTestId(`${name}-close`));
    expect(session.view.dialog).toBeNull();
  });
});

describe("deleting", () => {
  async function showDeletion(part: Partial<Deletion> = {}, commands: Partial<Client> = {}) {
    const shown = show("deletion", { modelDeletion: async () => deletion(part), ...commands });
    await screen.findByTestId("deletion");
    return shown;
  }

  it("says_what_it_frees_and_which_files", async () => {
    await showDeletion({ note: "Another model uses it." });
    const words = screen.getByTestId("deletion").textContent;
    for (const part of ["This frees 400 MB", "/models/tiny.gguf", "Another model uses it."])
      expect(words).toContain(part);
    expect(screen.queryByTestId("deletion-place")).toBeNull();
  });

  it("warns_of_files_in_the_place_of_someone_else", async () => {
    await showDeletion({ own: false });
    expect(screen.getByTestId("deletion-place").textContent).toContain("another program may need them");
  });

  it.each([
    ["delete-files", true],
    ["delete-entry", false],
  ])("%s", async (id, files) => {
    const { called } = await showDeletion();
    await fireEvent.click(screen.getByTestId(id));
    expect(called("modelDelete")).toEqual([["m", files]]);
  });

  it("a_model_without_files_is_only_taken_off_the_list", async () => {
    await showDeletion({ files: [], frees: 0 });
    expect(screen.queryByTestId("delete-files")).toBeNull();
    expect(screen.getByTestId("deletion").textContent).toContain("only taken off the list");
  });

  it("that_failed_says_why", async () => {
    await showDeletion({}, { modelDelete: failing });
    await fireEvent.click(screen.getByTestId("delete-files"));
    expect((await screen.findByTestId("delete-error")).textContent).toBe("the disk is full");
  });
});

describe("looking into a file", () => {
  async function showInspection(part: Partial<Inspection> = {}) {
    show("inspection", { modelInspect: async () => inspection(part) });
    await screen.findByTestId("inspection");
  }
  const names = () => screen.getByTestId("tensors").querySelectorAll("tbody tr").length;

  it("shows_facts_types_and_values", async () => {
    await showInspection();
    const words = screen.getByTestId("inspection").textContent;
    for (const part of ["500 million", "tekken, 131,072 tokens", "75.0%", "general.architecture"])
      expect(words).toContain(part);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("warns_of_what_is_odd", async () => {
    await showInspection({ warnings: ["It names no licence."] });
    expect(screen.getByRole("alert").textContent).toContain("It names no licence.");
  });

  it("shows_some_tensors_and_all_of_them_when_asked", async () => {
    await showInspection();
    expect(names()).toBe(40);
    await fireEvent.click(screen.getByRole("button", { name: "Show all 160" }));
    expect(names()).toBe(160);
  });

  it.each([
    ["BLK.15", 11],
    ["nowhere", 0],
    ["", 40],
  ])("shows the tensors with %j in their name", async (value, expected) => {
    await showInspection();
    await fireEvent.input(screen.getByTestId("tensors-filter"), { target: { value } });
    expect(names()).toBe(expected);
  });
});

describe("how it fits", () => {
  async function showFit(part: Partial<FitView> = {}, commands: Partial<Client> = {}) {
    const shown = show("fit", { modelFit: async () => fit(part), ...commands });
    await screen.findByTestId("fit");
    return shown;
  }

  it("is_said_in_words_and_numbers", async () => {
    await showFit();
    expect(screen.getByTestId("fit-verdict").textContent).toBe(fit().text);
    expect(screen.getByRole("img", { name: "Takes 5.5 GB; 9.0 GB of 16.0 GB are free" })).toBeTruthy();
    expect(screen.getByTestId("fit").textContent?.replace(/\s+/g, " ")).toContain("Weights 4.0 GB");
  });

  it("not_names_the_largest_that_does", async () => {
    await showFit({ fits: "no", text: "It does not fit.", smaller: "With 4,096 tokens it fits." });
    expect(screen.getByTestId("fit-smaller").textContent).toBe("With 4,096 tokens it fits.");
  });

  it("takes_the_largest_context_that_fits_and_keeps_it", async () => {
    const { called } = await showFit();
    const keep = screen.getByTestId("fit-keep");
    expect(keep.getAttribute("aria-disabled"), "nothing was changed yet").toBe("true");
    await fireEvent.click(screen.getByTestId("fit-largest"));
    expect(screen.getByRole("slider", { name: "Context" }).getAttribute("aria-valuetext")).toBe(
      "24,576 tokens",
    );
    await fireEvent.click(keep);
    await waitFor(() => expect(called("modelTune")).toEqual([["m", 24_576, null]]));
  });

  it.each([
    ["a device that takes layers", [device({ id: "g", kind: "vulkan" })], true],
    ["only the processor", [device()], false],
    ["a device that is left out", [device({ id: "g", kind: "vulkan", leftOut: "slow" })], false],
  ] as const)("with %s", async (_name, devices, slider) => {
    await showFit({}, { devices: async () => [...devices] });
    expect(screen.queryByTestId("fit-layers") !== null).toBe(slider);
  });

  it("is_kept_or_says_why_not", async () => {
    await showFit({}, { modelTune: failing });
    await fireEvent.click(screen.getByTestId("fit-reset"));
    expect((await screen.findByRole("alert")).textContent).toBe("the disk is full");
  });
});
