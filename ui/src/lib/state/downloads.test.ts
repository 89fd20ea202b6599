// Downloads as they are followed: who is told how one ended, and what is asked of the Rust side.
import { describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { DownloadView } from "../api/types";
import { download } from "../manager/fake";
import { appState, failing, fakeClient, held, model } from "./fake";
import { Session } from "./session.svelte";

function sessionWith(commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient({
    modelList: async () => [model()],
    modelSelect: async () => null,
    downloadPause: async () => null,
    downloadCancel: async () => null,
    ...commands,
  });
  const session = new Session(client);
  const tell = (...downloads: DownloadView[]) => session.app.handle({ type: "downloads", downloads });
  return { session, downloads: session.downloads, calls, tell, names: () => calls.map(({ name }) => name) };
}

const done = download({ state: "done", done: 4e9, model: "m" });
const failed = download({ state: "failed", error: { code: "disk_full", message: "the disk is full" } });

describe("a download that ended", () => {
  it("is_told_with_the_way_to_use_it", async () => {
    const { session, tell, calls } = sessionWith();
    tell(download());
    tell(done);
    const [toast] = session.view.toasts;
    expect(toast).toMatchObject({
      message: "Tiny Instruct Q4_K_M was downloaded",
      action: { label: "Use it now" },
    });
    expect(session.view.announcement).toBe("Tiny Instruct Q4_K_M was downloaded");
    toast?.action?.run();
    const [read, used] = [
      { name: "modelList", arguments: [] },
      { name: "modelSelect", arguments: ["m"] },
    ];
    await vi.waitFor(() => expect(calls, "the list did not have the new model yet").toEqual([read, used]));
  });

  it("badly_says_why", () => {
    const { session, tell } = sessionWith();
    tell(download());
    tell(failed);
    expect(session.view.toasts).toMatchObject([
      { level: "error", message: "The download of Tiny Instruct Q4_K_M failed: the disk is full" },
    ]);
  });

  it.each([done, failed])("in_front_of_the_user_makes_no_toast ($state)", (ended) => {
    const { session, tell } = sessionWith();
    session.view.openModels("downloads");
    tell(download());
    tell(ended);
    expect(session.view.toasts).toEqual([]);
    expect(session.view.announcement, "a screen reader hears it all the same").not.toBe("");
  });

  it("is_told_once_and_not_when_the_window_learns_of_it_at_its_start", () => {
    const { session, tell } = sessionWith();
    tell(done);
    tell(done);
    expect(session.view.toasts).toEqual([]);
  });

  it("and_its_progress_are_not_announced_with_every_tick", () => {
    const { session, tell } = sessionWith();
    tell(download());
    session.view.announcement = "";
    tell(download({ done: 2e9 }));
    tell(download({ done: 3e9 }));
    expect(session.view.announcement).toBe("");
  });
});

describe("the queue", () => {
  it("is_there_when_the_window_starts", async () => {
    const session = new Session(
      fakeClient({ appState: async () => appState({ downloads: [download()] }) }).client,
    );
    await session.app.load();
    expect(session.downloads.all).toHaveLength(1);
  });

  it("an_event_that_overtakes_the_reply_is_the_newer_one", () => {
    const { downloads, tell } = sessionWith();
    tell(download({ done: 5 }));
    downloads.add(download({ done: 0 }));
    expect(downloads.all).toMatchObject([{ done: 5 }]);
  });

  it.each<[string, DownloadView[], number, number]>([
    ["nothing", [], 0, 0],
    ["what runs, together", [download(), download({ id: "d2", done: 3e9 })], 2, 0.5],
    ["what waits too", [download({ state: "waiting" })], 1, 0.25],
    ["nothing that is paused, done or failed", [download({ state: "paused" }), done, failed], 0, 0],
  ])("says how far is %s", (_name, all, atWork, fraction) => {
    const { downloads, tell } = sessionWith();
    tell(...all);
    expect([downloads.atWork.length, downloads.fraction]).toEqual([atWork, fraction]);
  });

  it.each<[string, DownloadView[], string | null]>([
    ["bytes while some come", [download({ state: "checking" }), download({ id: "d2" })], "running"],
    ["a check", [download({ state: "checking" }), download({ id: "d2", state: "queued" })], "checking"],
    ["a conversion", [download({ state: "converting" })], "converting"],
    ["waiting where nothing else is done", [download({ state: "waiting" })], "waiting"],
    ["nothing of what rests", [download({ state: "paused" }), done], null],
  ])("says of all together: %s", (_name, all, stage) => {
    const { downloads, tell } = sessionWith();
    tell(...all);
    expect(downloads.stage).toBe(stage);
  });

  it("an_order_is_given_once", async () => {
    const { command, resolve } = held<null>();
    const { downloads, names, tell } = sessionWith({ downloadPause: command });
    tell(download());
    const pausing = downloads.pause(download());
    await downloads.pause(download());
    expect(names()).toEqual(["downloadPause"]);
    resolve(null);
    await pausing;
    expect(downloads.busy.size).toBe(0);
  });

  it.each<[string, Client["downloadCancel"], number]>([
    ["gone", async () => null, 0],
    ["still there when that failed", failing, 1],
  ])("what is cancelled is %s", async (_name, downloadCancel, left) => {
    const { session, downloads, tell } = sessionWith({ downloadCancel });
    tell(download());
    await downloads.cancel(download());
    expect(downloads.all).toHaveLength(left);
    expect(session.view.toasts).toHaveLength(left);
  });
});
