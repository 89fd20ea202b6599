// How models that are on the disk already come into the list, and how they leave it.
import { describe, expect, it } from "vitest";
import type { Client, FileDrop } from "../api/client";
import type { ImportFailure } from "../api/types";
import { deletion } from "../manager/fake";
import { appState, engineReady, failing, fakeClient, model } from "./fake";
import { Session } from "./session.svelte";

const failure: ImportFailure = { path: "/a.png", error: { code: "bad_input", message: "no model" } };

function sessionWith(commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient({
    modelsImport: async () => ({ imported: [model()], failures: [] }),
    modelList: async () => [model()],
    modelSelect: async () => null,
    modelDeletion: async () => deletion(),
    modelDelete: async () => null,
    ...commands,
  });
  const session = new Session(client);
  session.app.phase = "ready";
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, library: session.library, called };
}

describe("files over the window", () => {
  it("are_met_by_a_hint_until_they_leave", async () => {
    let drop: (event: FileDrop) => void = () => {};
    const { library } = sessionWith({
      onFileDrop: async (handler) => {
        drop = handler;
        return () => {};
      },
    });
    await library.listen();
    drop({ type: "over" });
    expect(library.dragging).toBe(true);
    drop({ type: "left" });
    expect(library.dragging).toBe(false);
  });

  it("are_imported_when_they_are_dropped_and_the_page_shows_what_came_of_it", () => {
    const { session, library, called } = sessionWith();
    library.handle({ type: "over" });
    library.handle({ type: "dropped", paths: ["/a.gguf", "/b"] });
    expect(called("modelsImport")).toEqual([[["/a.gguf", "/b"]]]);
    expect([library.dragging, session.view.page, session.view.tab]).toEqual([false, "models", "machine"]);
  });

  it.each<[string, string[], "ready" | "loading"]>([
    ["nothing is dropped", [], "ready"],
    ["the window still loads", ["/a.gguf"], "loading"],
  ])("do nothing when %s", (_name, paths, phase) => {
    const { session, library, called } = sessionWith();
    session.app.phase = phase;
    library.handle({ type: "dropped", paths });
    expect(called("modelsImport")).toEqual([]);
  });
});

describe("an import", () => {
  it("of_the_first_model_loads_it", async () => {
    const { library, called } = sessionWith();
    expect(await library.import([" /a.gguf "])).toBe(true);
    expect(called("modelsImport")).toEqual([[["/a.gguf"]]]);
    expect(called("modelSelect")).toEqual([["m"]]);
  });

  it("beside_a_model_at_work_only_adds_to_the_list", async () => {
    const { session, library, called } = sessionWith();
    session.app.engine = engineReady();
    await library.import(["/a.gguf"]);
    expect([called("modelSelect"), session.app.models.length]).toEqual([[], 1]);
  });

  it("that_took_some_says_why_it_did_not_take_others", async () => {
    const { session, library } = sessionWith({
      modelsImport: async () => ({ imported: [model(), model({ id: "n" })], failures: [failure] }),
    });
    await library.import(["/a.png", "/models"]);
    expect(library.failures).toEqual([failure]);
    expect(session.view.toasts[0]?.message).toBe("2 models were added");
  });

  it("that_did_not_happen_says_why", async () => {
    const { library } = sessionWith({ modelsImport: failing });
    expect(await library.import(["/a"])).toBe(false);
    expect(library).toMatchObject({ importing: false, error: { message: "the disk is full" } });
  });
});

describe("deleting a model", () => {
  it.each([
    ["files", true, "Tiny was deleted"],
    ["entry", false, "Tiny was taken off the list"],
  ] as const)("%s", async (what, files, said) => {
    const { session, called } = sessionWith();
    await session.modelFiles.askToDelete(model());
    expect(called("modelDelete"), "looking deletes nothing").toEqual([]);
    await session.modelFiles.delete(what);
    expect(called("modelDelete")).toEqual([["m", files]]);
    expect([session.view.dialog, session.view.toasts[0]?.message]).toEqual([null, said]);
  });

  it("that_failed_says_why_and_leaves_the_dialog", async () => {
    const { session } = sessionWith({ modelDelete: failing });
    await session.modelFiles.askToDelete(model());
    await session.modelFiles.delete("files");
    expect(session.view.dialog).toBe("deletion");
    expect(session.modelFiles).toMatchObject({
      deleting: false,
      deleteError: { message: "the disk is full" },
    });
  });
});

it("a_changed_list_of_models_is_read_again", async () => {
  const { client, calls } = fakeClient({
    appState: async () => appState(),
    modelList: async () => [model()],
  });
  const session = new Session(client);
  session.app.handle({ type: "models" });
  expect(calls).toEqual([{ name: "modelList", arguments: [] }]);
});
