// The receipt of an answer: each state of the panel, what it says, and that it can be left.
import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { Receipt } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import MessageActions from "../chat/MessageActions.svelte";
import { letDialogsOpen } from "../elements/fake";
import { Chat } from "../state/chat.svelte";
import { failing, fakeClient, held, message, receipt } from "../state/fake";
import { Session } from "../state/session.svelte";
import ReceiptDialog from "./ReceiptDialog.svelte";
import { removalsOf } from "./removals";

beforeAll(letDialogsOpen);

const spot = { kind: "person", list: "Requests", entry: "7", start: 0, end: 9 };

async function show(answerReceipt: Client["answerReceipt"]) {
  const { client, calls } = fakeClient({ answerReceipt });
  const session = new Session(client);
  const opened = session.receipts.open(5);
  render(InSession, { props: { session, component: ReceiptDialog, props: {} } as never });
  return { session, calls, opened };
}

describe("the panel", () => {
  it("loading", async () => {
    await show(held<Receipt | null>().command);
    expect(screen.getByRole("status").textContent).toContain("Reading the receipt…");
  });

  it("none", async () => {
    const { opened } = await show(async () => null);
    await opened;
    await waitFor(() => screen.getByTestId("receipt-none"));
    expect(screen.queryByTestId("receipt-copy")).toBeNull();
  });

  it("failed, and tried again", async () => {
    let broken = true;
    const { opened, calls } = await show(async () => (broken ? failing() : receipt()));
    await opened;
    await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("the disk is full"));
    broken = false;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => screen.getByTestId("receipt"));
    expect(calls.map(({ arguments: values }) => values)).toEqual([[5], [5]]);
  });

  it("ready", async () => {
    const list = { name: "Requests", entries: 3, sha256: "ab".repeat(32), version: "7", signed: true };
    const { opened } = await show(async () =>
      receipt({
        redactions: [spot, { ...spot, start: 20, end: 29 }],
        filter: {
          canonical_form: "lethe-canon-1",
          lists: [list, { ...list, name: "Other", version: null, signed: false }],
          detectors: ["email", "passport"],
        },
        swept: [{ at: 0, removed: 2 }],
      }),
    );
    await opened;
    const body = (await screen.findByTestId("receipt")).textContent.replace(/\s+/g, " ");
    for (const part of [
      "The name of a person “Requests”, entry 7 2 times",
      "2 pieces removed by a newer list, on",
      "3 entries · version 7 ·",
      "E-mail addresses, passport",
      "Tiny · 2 MB",
      "temperature 0.8 · top p 0.9",
      "lethe-canon-1",
    ])
      expect(body).toContain(part);
    expect(
      screen.getAllByTestId("receipt-list").map((row) => /signed|unsigned/.exec(row.textContent)?.[0]),
    ).toEqual(["signed", "unsigned"]);
    expect(screen.getByTestId("receipt-seed").textContent).toBe("42");
    expect(screen.getByTestId("receipt").tabIndex, "the arrow keys scroll it").toBe(0);
  });

  it("says that nothing was removed", async () => {
    const { opened } = await show(async () => receipt());
    await opened;
    expect((await screen.findByTestId("receipt")).textContent).toContain("Nothing was removed.");
  });

  it("is copied whole", async () => {
    const { session, opened } = await show(async () => receipt());
    await opened;
    const copy = vi.spyOn(session.view, "copy").mockResolvedValue();
    await fireEvent.click(await screen.findByRole("button", { name: "Copy as JSON" }));
    expect(JSON.parse(copy.mock.calls[0]?.[0] ?? "")).toEqual(receipt());
  });

  it.each(["cancel", "click"])("is left by %s", async (way) => {
    const { session } = await show(async () => null);
    if (way === "cancel") await fireEvent(screen.getByRole("dialog"), new Event("cancel"));
    else await fireEvent.click(screen.getByTestId("receipt-close"));
    expect(session.view.dialog).toBeNull();
  });
});

it("an_answer_leads_to_its_receipt", async () => {
  const { client, calls } = fakeClient({ answerReceipt: async () => null });
  const session = new Session(client);
  const answer = message();
  const props = { message: answer, chat: new Chat(null), last: true };
  render(InSession, { props: { session, component: MessageActions, props } as never });
  const button = screen.getByRole("button", { name: "What was removed and how this came about" });
  expect(button.getAttribute("aria-haspopup")).toBe("dialog");
  await fireEvent.click(button);
  expect(calls).toEqual([{ name: "answerReceipt", arguments: [answer.id] }]);
  expect(session.view.dialog).toBe("receipt");
});

it("a_late_receipt_of_another_answer_is_not_shown", async () => {
  const first = held<Receipt | null>();
  const { client } = fakeClient({
    answerReceipt: (id) => (id === 1 ? first.command() : Promise.resolve(receipt({ lethe: "second" }))),
  });
  const { receipts } = new Session(client);
  const late = receipts.open(1);
  await receipts.open(2);
  first.resolve(receipt({ lethe: "first" }));
  await late;
  expect(receipts.receipt?.lethe).toBe("second");
});

it("removals_of_one_entry_are_counted_in_the_order_of_their_first_place", () => {
  const email = { kind: "email", list: null, entry: null, start: 30, end: 40 };
  expect(removalsOf(receipt({ redactions: [spot, email, spot, { ...spot, entry: "8" }] }))).toEqual([
    { kind: "person", list: "Requests", entry: "7", times: 2 },
    { kind: "email", list: null, entry: null, times: 1 },
    { kind: "person", list: "Requests", entry: "8", times: 1 },
  ]);
});
