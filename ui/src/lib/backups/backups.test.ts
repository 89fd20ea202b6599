// Backups in the settings, and what is offered where the history is damaged.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../api/client";
import type { BackupFile, ChosenBackup, Restored } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import { letDialogsOpen } from "../elements/fake";
import { appState, backupFile, failing, fakeClient, held } from "../state/fake";
import { Session } from "../state/session.svelte";
import { text } from "../text/en";
import { dateTime } from "../text/format";
import BootFailed from "../shell/BootFailed.svelte";
import BackupsPage from "./BackupsPage.svelte";

const words = text.backups;
const NEW = backupFile({ at: Date.UTC(2026, 10, 28, 9, 30), reason: "asked" });
const OLD = backupFile({ at: Date.UTC(2026, 10, 27, 18, 5) });
const restored: Restored = {
  from: NEW.path,
  conversations: 3,
  aside: "/data/x.backup",
  settingsOfBackup: false,
};
const damaged = async (): Promise<never> => {
  throw { code: "damaged", message: "/data/lethe.db is damaged: restore a backup of it" };
};

async function show(component: "page" | "failure", commands: Partial<Client> = {}) {
  const { client, calls } = fakeClient({
    appState: async () => appState(),
    appReopen: async () => null,
    conversationList: async () => [],
    listAll: async () => [],
    watchChanges: async () => [],
    catalog: failing,
    modelsFound: async () => [],
    promptMeasure: async () => null,
    backupList: async () => [NEW, OLD],
    backupNewest: async () => NEW,
    backupCreate: async () => NEW,
    backupVerify: async () => null,
    backupRestore: async () => restored,
    onApp: async () => () => {},
    ...commands,
  });
  const session = new Session(client);
  await session.start();
  const onretry = () => void session.retry();
  const [shown, props] = component === "page" ? [BackupsPage, {}] : [BootFailed, { onretry }];
  render(InSession, { props: { session, component: shown, props } as never });
  const settle = () => vi.advanceTimersByTimeAsync(1000);
  await settle();
  const press = async (id: string, which = 0) => {
    await fireEvent.click(screen.getAllByTestId(id)[which] as HTMLElement);
    await settle();
  };
  const type = (id: string, value: string) => fireEvent.input(screen.getByTestId(id), { target: { value } });
  const called = (name: string) => calls.filter((call) => call.name === name).map((call) => call.arguments);
  return { session, called, press, type, settle };
}

const shown = (id: string) => screen.queryByTestId(id) !== null;
const said = (id: string) => screen.getByTestId(id).textContent.replaceAll(/\s+/g, " ").trim();
const toasts = (session: Session) => session.view.toasts.map(({ message }) => message);

beforeEach(() => {
  vi.useFakeTimers();
  letDialogsOpen();
});
afterEach(() => vi.useRealTimers());

describe("the list of backups", () => {
  it.each<[string, Partial<Client>, string]>([
    ["is being read", { backupList: held<BackupFile[]>().command }, words.loading],
    ["could not be read", { backupList: failing }, "the disk is full"],
    ["is empty", { backupList: async () => [] }, words.none],
  ])("%s", async (_name, commands, expected) => {
    await show("page", commands);
    expect(said("backups")).toContain(expected);
    expect(shown("backup-newest")).toBe(false);
    expect(shown("backup-create"), "one can be made in every state").toBe(true);
  });

  it("says_of_each_when_and_why_it_was_made_and_where_it_is", async () => {
    const stick = backupFile({ path: "/media/stick/a.backup", reason: "replaced", bytes: 1_200_000_000 });
    const beside = backupFile({ path: "/data-copies/b.backup" });
    await show("page", { backupList: async () => [NEW, stick, beside] });
    expect(said("backup-newest")).toBe(words.newest(dateTime(NEW.at)));
    const [first, second, third] = screen.getAllByTestId("backup").map((row) => row.textContent);
    expect(first).toContain("Made by you · 2 MB");
    expect(first, "the usual folder goes without saying").not.toContain("/data");
    expect(second).toContain("1.2 GB");
    expect(second).toContain("in /media/stick");
    expect(third, "a folder whose name begins alike").toContain("in /data-copies");
  });
});

describe("a backup", () => {
  it("is_made_once_and_listed", async () => {
    const making = held<BackupFile>();
    const list = vi.fn<Client["backupList"]>().mockResolvedValueOnce([]).mockResolvedValue([NEW]);
    const { session, press, settle, called } = await show("page", {
      backupCreate: making.command,
      backupList: list,
    });
    await press("backup-create");
    expect(said("backup-create")).toBe(words.creating);
    await press("backup-create");
    await press("backup-elsewhere");
    expect(called("backupCreate")).toHaveLength(1);
    expect(called("backupCreateElsewhere"), "one thing at a time").toHaveLength(0);
    making.resolve(NEW);
    await settle();
    expect(toasts(session)).toEqual([words.created]);
    expect(screen.getAllByTestId("backup")).toHaveLength(1);
  });

  it("that_fails_says_why", async () => {
    const { press } = await show("page", { backupCreate: failing });
    await press("backup-create");
    expect(said("backup-error")).toBe("the disk is full");
  });

  it("elsewhere_is_none_when_the_dialog_was_left", async () => {
    const { session, press } = await show("page", { backupCreateElsewhere: async () => null });
    await press("backup-elsewhere");
    expect(toasts(session)).toEqual([]);
    expect(shown("backup-error")).toBe(false);
  });

  it("is_checked_and_the_verdict_stands_beside_it", async () => {
    const verify: Client["backupVerify"] = async (path) => (path === OLD.path ? failing() : null);
    const { press } = await show("page", { backupVerify: verify });
    await press("backup-check", 0);
    await press("backup-check", 1);
    expect(screen.getAllByTestId("backup-verdict").map((verdict) => verdict.textContent)).toEqual([
      words.good,
      "the disk is full",
    ]);
  });

  it("is_put_back_after_a_question_only_and_everything_is_loaded_anew", async () => {
    const { session, press, called } = await show("page");
    session.chats.current.draft = "half a";
    session.view.toast("Deleted", { action: { label: "Undo", run: () => {} }, seconds: 60 });
    await press("backup-restore", 1);
    expect(said("restore-question")).toContain(words.putBack.what);
    expect(called("backupRestore")).toEqual([]);
    await press("restore-leave");
    expect(shown("restore-question")).toBe(false);

    await press("backup-restore", 1);
    await press("restore-confirm");
    expect(called("backupRestore")).toEqual([[OLD.path, null]]);
    expect(called("appState"), "the state is that of another history").toHaveLength(2);
    expect(called("conversationList")).toHaveLength(2);
    expect(toasts(session)).toEqual([words.putBack.done(3, true)]);
  });

  it("that_can_not_be_put_back_leaves_everything_as_it_is", async () => {
    const { session, press, called } = await show("page", { backupRestore: failing });
    await press("backup-restore");
    await press("restore-confirm");
    expect(said("restore-error")).toBe("the disk is full");
    expect(called("appState")).toHaveLength(1);
    expect(session.app.phase).toBe("ready");
  });

  it("says_when_lists_and_settings_are_its_own", async () => {
    const { session, press } = await show("page", {
      backupRestore: async () => ({ ...restored, settingsOfBackup: true }),
    });
    await press("backup-restore");
    await press("restore-confirm");
    expect(toasts(session)).toContain(words.putBack.settingsOfBackup);
  });
});

describe("a file", () => {
  it("to_take_along_needs_its_passphrase_twice", async () => {
    const { session, press, type, called } = await show("page", { backupCarry: async () => "/stick/a.age" });
    await press("backup-carry");
    await type("carry-passphrase", "short");
    await type("carry-again", "short");
    await press("carry-save");
    expect(said("carry")).toContain(words.carry.tooShort);
    await type("carry-passphrase", "long enough");
    await press("carry-save");
    expect(said("carry")).toContain(words.carry.differs);
    expect(called("backupCarry")).toEqual([]);

    await type("carry-again", "long enough");
    await press("carry-save");
    expect(called("backupCarry")).toEqual([["long enough"]]);
    expect(shown("carry"), "the passphrase goes with the form").toBe(false);
    expect(toasts(session)).toEqual([words.carry.saved("/stick/a.age")]);
    expect(JSON.stringify(session.backups), "and is kept nowhere").not.toContain("long enough");
  });

  it("to_take_along_is_asked_about_again_when_the_dialog_was_left", async () => {
    const { press, type } = await show("page", { backupCarry: async () => null });
    await press("backup-carry");
    await type("carry-passphrase", "long enough");
    await type("carry-again", "long enough");
    await press("carry-save");
    expect(shown("carry")).toBe(true);
  });

  it.each<[ChosenBackup, string | null]>([
    [{ path: "/stick/a.age", carried: true }, "long enough"],
    [{ path: "/stick/a.backup", carried: false }, null],
  ])("is_put_back_with_its_passphrase: %o", async (chosen, passphrase) => {
    const { press, type, called } = await show("page", { backupPick: async () => chosen });
    await press("backup-file");
    expect(said("restore-question")).toContain("Put back a.");
    expect(shown("restore-passphrase")).toBe(chosen.carried);
    if (passphrase !== null) {
      await press("restore-confirm");
      expect(called("backupRestore"), "not without it").toEqual([]);
      expect(said("restore-question")).toContain("Type the passphrase");
      await type("restore-passphrase", passphrase);
    }
    await press("restore-confirm");
    expect(called("backupRestore")).toEqual([[chosen.path, passphrase]]);
  });
});

describe("a damaged history", () => {
  it("is_said_and_the_newest_good_backup_opens_the_window", async () => {
    const state = vi.fn<Client["appState"]>().mockImplementationOnce(damaged).mockResolvedValue(appState());
    const { session, press, called } = await show("failure", { appState: state });
    expect(said("boot-failed")).toContain(words.damaged.heading);
    expect(said("boot-failed")).toContain("/data/lethe.db is damaged");
    expect(said("good-backup")).toBe(words.damaged.newest(dateTime(NEW.at)));
    await press("good-restore");
    expect(called("backupRestore")).toEqual([[NEW.path, null]]);
    expect(session.app.phase).toBe("ready");
  });

  it.each<[string, Partial<Client>, string]>([
    ["looks_for_a_good_backup", { backupNewest: held<BackupFile | null>().command }, words.damaged.looking],
    ["says_that_there_is_no_good_one", { backupNewest: async () => null }, words.damaged.none],
    ["says_that_none_can_be_read", { backupNewest: failing }, words.damaged.failed],
  ])("%s", async (_name, commands, expected) => {
    await show("failure", { appState: damaged, ...commands });
    expect(said("boot-failed")).toContain(expected);
    expect(shown("good-restore")).toBe(false);
    expect(shown("salvage") && shown("damaged-file") && shown("damaged-retry"), "the other ways").toBe(true);
  });

  it("is_read_out_and_what_was_read_is_put_back", async () => {
    const salvaged = { path: "/data/backups/s.backup", conversations: 2, messages: 9, incomplete: true };
    const { press, called } = await show("failure", {
      appState: damaged,
      backupSalvage: async () => salvaged,
    });
    await press("salvage");
    expect(said("salvaged")).toBe(`${words.damaged.salvaged(2, 9)} ${words.damaged.incomplete}`);
    expect(said("good-backup"), "the newest backup is still the other choice").toContain(dateTime(NEW.at));
    await press("salvaged-restore");
    expect(called("backupRestore")).toEqual([[salvaged.path, null]]);
  });

  it("that_can_not_be_read_out_says_why", async () => {
    const { press } = await show("failure", { appState: damaged, backupSalvage: failing });
    await press("salvage");
    expect(said("damaged-error")).toBe("the disk is full");
  });

  it("takes_a_file_with_its_passphrase", async () => {
    const { press, type, called } = await show("failure", {
      appState: damaged,
      backupPick: async () => ({ path: "/stick/a.age", carried: true }),
    });
    await press("damaged-file");
    await type("restore-passphrase", "long enough");
    await press("restore-confirm");
    expect(called("backupRestore")).toEqual([["/stick/a.age", "long enough"]]);
  });

  it("is_tried_again", async () => {
    const state = vi.fn<Client["appState"]>().mockImplementationOnce(damaged).mockResolvedValue(appState());
    const { session, press, called } = await show("failure", { appState: state });
    await press("damaged-retry");
    expect(called("appReopen")).toHaveLength(1);
    expect(session.app.phase).toBe("ready");
  });

  it("may_show_after_the_start_only", async () => {
    await show("failure", { conversationList: damaged });
    expect(said("boot-failed")).toContain(words.damaged.heading);
  });
});

describe("another failure to start", () => {
  it.each(["store", "busy", "internal"] as const)("offers_no_backup: %s", async (code) => {
    const fails = async (): Promise<never> => {
      throw { code, message: "Update Lethe" };
    };
    const { called } = await show("failure", { appState: fails });
    expect(said("boot-failed")).toContain("Update Lethe");
    expect(said("boot-failed")).toContain(text.boot.failed);
    expect(shown("salvage")).toBe(false);
    expect(called("backupNewest")).toEqual([]);
    await fireEvent.click(screen.getByRole("button", { name: text.general.retry }));
    expect(called("appReopen")).toHaveLength(1);
  });
});
