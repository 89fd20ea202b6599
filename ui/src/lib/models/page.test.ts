// The page about a model: each of its states, what it says and warns of, and where it is opened from.
import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { ModelPage } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import { letDialogsOpen } from "../elements/fake";
import { commandsOf } from "../palette/commands";
import { card, failing, fakeClient, held, model, modelPage } from "../state/fake";
import { Session } from "../state/session.svelte";
import ModelOptions from "../status/ModelOptions.svelte";
import ModelDialog from "./ModelDialog.svelte";

beforeAll(letDialogsOpen);

async function show(reply: Client["modelPage"], commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient({ modelPage: reply, ...commands });
  const session = new Session(client);
  const opened = session.modelPages.open("m");
  render(InSession, { props: { session, component: ModelDialog, props: {} } as never });
  return { session, calls, opened };
}

async function showPage(part: Partial<ModelPage> = {}, commands: Partial<Client> = {}) {
  const shown = await show(async () => modelPage(part), commands);
  await shown.opened;
  await screen.findByTestId("model-page");
  return shown;
}

const region = (name: string) => screen.getByRole("region", { name });

describe("the page is", () => {
  it("loading", async () => {
    await show(held<ModelPage>().command);
    expect(screen.getByRole("status").textContent).toContain("Reading the model…");
  });

  it("failed, and tried again", async () => {
    let broken = true;
    await show(async () => (broken ? failing() : modelPage()));
    await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("the disk is full"));
    broken = false;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByTestId("model-page")).toBeTruthy();
  });

  it("of_the_model_that_was_asked_for_last", async () => {
    const { command, resolve } = held<ModelPage>();
    const { session } = await show((id) =>
      id === "m" ? command() : Promise.resolve(modelPage({ model: model({ id, name: "Other" }) })),
    );
    await session.modelPages.open("other");
    resolve(modelPage());
    expect(await screen.findByRole("heading", { name: "Other" })).toBeTruthy();
    expect(screen.queryByRole("heading", { name: "Tiny" })).toBeNull();
  });

  it("left_by_its_button", async () => {
    const { session } = await showPage();
    await fireEvent.click(screen.getByTestId("model-close"));
    expect(session.view.dialog).toBeNull();
  });
});

describe("it says", () => {
  it("of_a_model_on_a_server_where_it_is_and_nothing_of_a_file", async () => {
    const remote = {
      url: "https://server.example.org/v1",
      model: "large",
      proxy: null,
      leaves: "Text leaves this machine.",
    };
    await showPage({
      model: model({ path: "", bytes: 0, contextTrained: 0, remote }),
      sha256: null,
      parameters: 0,
    });
    const facts = region("The model").textContent;
    for (const part of ["https://server.example.org/v1", "Text leaves this machine."])
      expect(facts).toContain(part);
    for (const part of ["kB", "Path", "SHA-256", "0 tokens"]) expect(facts).not.toContain(part);
  });

  it("what_the_file_is_and_how_text_becomes_tokens", async () => {
    await showPage();
    const facts = region("The file").textContent;
    for (const part of ["500 million", "Q4_0", "400 MB", "4,096 tokens", "ab".repeat(32)])
      expect(facts).toContain(part);
    expect(screen.getByTestId("model-tokenizer").textContent).toContain("the tokenizer that its file holds");
    expect(screen.getByTestId("model-template").textContent).toContain("the template that its file holds");
    expect(region("Where it came from").textContent).toContain("0123abc");
  });

  it("that_something_is_not_known", async () => {
    const nothing = { repository: null, revision: null, license: null, convertedBy: null };
    await showPage({ sha256: null, parameters: 0, origin: nothing });
    expect(screen.getByTestId("model-digest").textContent).toContain("not computed yet");
    expect(region("Where it came from").textContent?.match(/not known/g)).toHaveLength(4);
  });

  it("what_its_makers_say", async () => {
    await showPage();
    expect(region("Limits").textContent).toContain("It may be wrong.");
    expect(region("Intended use").textContent).toContain("Conversation");
    expect(region("Requests for removal").textContent).toContain("removal@example.org");
    expect(region("Evaluation").textContent).toContain("https://models.example.org/report");
    expect(screen.getByRole("rowheader", { name: "Reading" }).nextElementSibling?.textContent).toBe("61.2");
  });

  it("that_there_are_no_figures", async () => {
    await showPage({ card: card({ evaluation: [] }) });
    expect(region("Evaluation").textContent).toContain("No figures are known.");
  });

  it.each<[string, Partial<ModelPage>, string, string | null]>([
    ["young", {}, "model-old", null],
    ["old", { age: { months: 9, old: true, text: "Nine months old." } }, "model-old", "Nine months old."],
    ["of unknown age", { age: null }, "model-old", null],
    ["the newest", {}, "model-newer", null],
    ["not the newest", { newer: "Tiny 2 is out." }, "model-newer", "Tiny 2 is out."],
    ["known", {}, "model-unknown", null],
    ["not known", { card: null }, "model-unknown", "Lethe knows no card of this model"],
  ])("of a model that is %s", async (_name, part, id, expected) => {
    await showPage(part);
    const banner = screen.queryByTestId(id);
    if (expected === null) expect(banner).toBeNull();
    else expect(banner?.textContent).toContain(expected);
  });

  it("addresses_as_text_to_copy_and_never_as_links", async () => {
    const written = vi.fn(async () => {});
    vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: written } });
    await showPage();
    expect(screen.getByTestId("model-page").querySelector("a")).toBeNull();
    for (const [what, value] of [
      ["SHA-256", "ab".repeat(32)],
      ["Citation", card().citation],
      ["Requests for removal", "removal@example.org"],
    ]) {
      await fireEvent.click(screen.getByRole("button", { name: `Copy: ${what}` }));
      expect(written).toHaveBeenLastCalledWith(value);
    }
    vi.unstubAllGlobals();
  });
});

describe("the terms", () => {
  const open = { card: card({ acceptedAt: null }) };

  it("that_are_accepted_say_when", async () => {
    await showPage();
    expect(screen.getByTestId("terms-accepted").textContent).toContain("1970");
    expect(screen.queryByTestId("terms-accept")).toBeNull();
  });

  it("are_accepted_here", async () => {
    const { calls } = await showPage(open, { termsAccept: async () => card() });
    await fireEvent.click(screen.getByTestId("terms-accept"));
    expect(await screen.findByTestId("terms-accepted")).toBeTruthy();
    expect(calls).toContainEqual({ name: "termsAccept", arguments: ["tiny-instruct"] });
  });

  it("that_could_not_be_kept_are_not_shown_as_accepted", async () => {
    const { session } = await showPage(open, { termsAccept: failing });
    await fireEvent.click(screen.getByTestId("terms-accept"));
    await waitFor(() => expect(session.view.toasts).toMatchObject([{ level: "error" }]));
    expect(screen.queryByTestId("terms-accepted")).toBeNull();
    expect(screen.getByTestId("terms-accept").getAttribute("aria-disabled")).toBe("false");
  });
});

describe("it is opened from", () => {
  function sessionWith() {
    const { client, calls } = fakeClient({ modelPage: async () => modelPage() });
    const session = new Session(client);
    session.app.models = [model(), model({ id: "bad", name: "Broken", problem: "too old" })];
    session.view.modelsOpen = true;
    return { session, calls };
  }

  it("the_models_also_for_one_that_can_not_be_used", async () => {
    const { session, calls } = sessionWith();
    render(InSession, { props: { session, component: ModelOptions, props: {} } as never });
    await fireEvent.click(screen.getByRole("button", { name: "About Broken" }));
    expect(calls).toEqual([{ name: "modelPage", arguments: ["bad"] }]);
    expect([session.view.dialog, session.view.modelsOpen]).toEqual(["model", false]);
  });

  it("the_palette", () => {
    const { session, calls } = sessionWith();
    commandsOf(session)
      .find(({ title }) => title === "About Tiny")
      ?.run();
    expect(calls).toEqual([{ name: "modelPage", arguments: ["m"] }]);
  });
});
