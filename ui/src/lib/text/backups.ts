// What the interface says of backups, and of a history that is damaged.
import { count } from "./format";

export const backups = {
  heading: "Backups",
  intro:
    "Lethe backs up your conversations once a day while you use it, and removes old backups by itself. They are protected like the conversations, and cleaned with them when a list changes. What you delete stays in earlier backups until newer ones take their place.",
  loading: "Looking for backups…",
  failed: "The backups could not be listed",
  none: "There are no backups yet",
  noneAdvice: "The first one is made when Lethe has been open for a while.",
  newest: (time: string) => `Newest backup: ${time}`,
  list: "All backups",

  reasons: {
    daily: "Daily",
    asked: "Made by you",
    migration: "Before an update",
    replaced: "Before a backup was put back",
    salvaged: "Read from a damaged file",
  },
  in: (folder: string) => `in ${folder}`,

  create: "Back up now",
  creating: "Backing up…",
  created: "The backup was made and checked",
  elsewhere: "Back up to a folder…",
  createdIn: (path: string) => `The backup was made and checked: ${path}`,

  check: "Check",
  checkOf: (time: string) => `Check the backup of ${time}`,
  checking: "Checking…",
  good: "This backup is good",

  carry: {
    open: "Save with a passphrase…",
    intro:
      "One file with all your conversations, to keep elsewhere or to move to another computer. The passphrase opens it.",
    passphrase: "Passphrase",
    why: "At least 8 characters. Lethe does not store it: without it the file can't be opened.",
    again: "Repeat the passphrase",
    tooShort: "Use at least 8 characters",
    differs: "The passphrases are not the same",
    save: "Save…",
    saving: "Saving…",
    saved: (path: string) => `Saved as ${path}`,
  },

  putBack: {
    open: "Put back…",
    openOf: (time: string) => `Put back the backup of ${time}`,
    file: "Put back a file…",
    heading: (what: string) => `Put back ${what}?`,
    of: (time: string) => `the backup of ${time}`,
    what: "Your conversations become those of the backup. Lists, settings and models stay as they are. The conversations you have now are kept as a backup. An answer that is being made is stopped.",
    passphrase: "Passphrase",
    passphraseWhy: "The one this file was saved with.",
    passphraseMissing: "Type the passphrase of this file",
    confirm: "Put back",
    busy: "Putting it back…",
    done: (conversations: number, kept: boolean) =>
      `${count(conversations, "conversation is", "conversations are")} back.${kept ? " What was here before is kept." : ""}`,
    settingsOfBackup:
      "Lists and settings come from the backup, because the ones you had could not be read. Check your lists.",
  },

  damaged: {
    heading: "Your conversations can't be read",
    what: "The file they are stored in is damaged. Whatever you choose, Lethe keeps that file.",
    looking: "Looking for a good backup…",
    newest: (time: string) => `The newest good backup is of ${time}.`,
    none: "There is no good backup in the data folder.",
    failed: "The backups could not be read. Choose a file, or try again.",
    use: "Put back this backup",
    salvage: "Recover what can be read",
    salvaging: "Reading what can be read…",
    salvaged: (conversations: number, messages: number) =>
      `${count(conversations, "conversation", "conversations")} with ${count(messages, "message", "messages")} could be read.`,
    incomplete: "The rest of the file can't be read.",
    useSalvaged: "Use what was read",
    file: "Choose a file…",
    means:
      "Your conversations become those of this file. Lists and settings do too, if the damaged file does not give them. The damaged file is kept.",
  },
};
