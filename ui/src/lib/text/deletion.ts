// What the interface says of deletion lists: where they come from, what they remove, and how that is shown and proved.
import { age, count, duration, number, shortDate } from "./format";

/** The kinds of personal data, as a noun that fits in a pill. An unknown kind is shown as it came. */
const kinds: Record<string, string> = {
  person: "name",
  email: "e-mail",
  phone: "phone number",
  address: "address",
  iban: "IBAN",
  card: "card number",
  ahv: "AHV number",
  ip: "IP address",
  birth_date: "date of birth",
  document: "document number",
  account: "account",
  national_id: "national ID",
  text: "personal data",
};

/** The same kinds in a sentence: "This was … ". */
export const kindSentences: Record<string, string> = {
  person: "The name of a person",
  email: "An e-mail address",
  phone: "A phone number",
  address: "A postal address",
  iban: "A bank account number (IBAN)",
  card: "A payment card number",
  ahv: "A Swiss social security number (AHV)",
  ip: "An IP address",
  birth_date: "A date of birth",
  document: "The number of a document",
  account: "The name of an account",
  national_id: "A national identification number",
  text: "Personal data",
};

export const kind = (name: string) => kinds[name] ?? name.replaceAll("_", " ");

const answers = (n: number) => count(n, "answer", "answers");
const pieces = (n: number) => count(n, "piece", "pieces");

export const filter = {
  heading: "Filter",
  intro: "What is found in an answer is removed before the answer is shown, stored, copied or exported.",
  open: "Open the filter page",
  dismissWarning: "Dismiss until the next start",

  lists: "Deletion lists",
  listsIntro:
    "Each list names people and data that must not appear in answers. Its entries are not readable here.",
  listsEmpty: "No lists yet. Only the detectors work.",
  listsFailed: "The lists could not be read",
  entries: (n: number) => count(n, "entry", "entries"),
  importedOn: (date: string) => `imported ${date}`,
  checked: (time: number, now: number) => `checked ${age(time, now)}`,
  neverChecked: "not checked yet",
  old: (time: number, now: number) => `${duration(time, now)} old`,
  onThisMachine: "a file on this machine",
  toggle: (name: string) => `Use ${name}`,
  removeList: (name: string) => `Remove ${name}`,
  removed: (name: string) => `${name} was removed`,
  confirmRemove: "Remove this list?",
  imported: (name: string) => `${name} is in use`,
  failure: (reason: string) => `Not refreshed: ${reason}`,
  stillInForce: "The last good list goes on filtering.",
  notFetched: "not fetched yet",

  signed: "signed",
  unsigned: "unsigned",
  hashed: "not in clear",
  clear: "in clear",
  details: "Details",
  detailsOf: (name: string) => `Details of ${name}`,
  facts: {
    source: "Source",
    version: "Version",
    issued: "Issued",
    expires: "Expires",
    checked: "Last checked",
    imported: "Imported",
    change: "Last change",
    signature: "Signature",
    entries: "Entries",
  },
  unknown: "not known",
  never: "never",
  noChange: "none since it was added",
  change: (added: number, removed: number) => `+${number.format(added)} −${number.format(removed)}`,
  changeSpoken: (added: number, removed: number) =>
    `${number.format(added)} added, ${number.format(removed)} removed`,
  changedOn: (time: number) => `, on ${shortDate(time)}`,
  onDate: (time: number, now: number) => `${shortDate(time)} (${age(time, now)})`,
  signedWhy:
    "Checked at each refresh: without the keys of its makers nobody can change, shorten or turn back this list.",
  unsignedFileWhy: "None. The list is as it was when you imported it.",
  unsignedUrlWhy: "None. Whoever controls the address, or the way to it, can change or empty this list.",
  hashedWhy:
    "Kept as hashes, not in clear. That is no anonymity: short names and numbers can be guessed from a hash.",
  clearWhy: "Kept in clear: whoever can read the files of Lethe can read them.",

  updateAll: "Update all now",
  updatingAll: "Updating…",
  update: (name: string) => `Update ${name} now`,
  upToDate: (n: number) => `${count(n, "list", "lists")} checked, nothing new`,
  updated: (n: number, changed: number) =>
    `${count(n, "list", "lists")} checked, ${number.format(changed)} changed`,
  updateFailed: (n: number, failed: number) =>
    `${number.format(failed)} of ${count(n, "list", "lists")} could not be checked. The last good one stays in force.`,
  noneToUpdate: "No list has an address to be refreshed from.",
  updatedFrom: (name: string) => `${name} is up to date with that file`,
  from: {
    heading: "Update from a file",
    choose: "Choose a file…",
    or: "or paste the path of an archive or a folder",
    path: "Path of an archive or a folder with the newer list",
    pathPlaceholder: "/path/to/list.tar",
    import: "Update",
  },
  refresh: {
    name: "Keep lists up to date",
    why: "At each start and once a day. Only the addresses of your lists are asked; they learn no more than that somebody asked.",
  },

  add: "Add a list",
  ways: {
    file: { name: "A file", why: "A list on this machine: entries as JSON lines, or a compiled list." },
    feed: { name: "A signed feed", why: "An address whose lists are signed. Lethe refreshes it by itself." },
    url: {
      name: "A hash file",
      why: "Unsigned: whoever controls the address, or the way to it, can change or empty the list without anyone noticing.",
    },
  },
  choose: "Import a list…",
  or: "or paste the path of a list file",
  path: "Path of a list file",
  pathPlaceholder: "/path/to/people.jsonl",
  import: "Import",
  fields: {
    name: { label: "Name", placeholder: "Deletion requests" },
    url: { label: "Address", placeholder: "https://example.org/lists" },
    root: {
      label: "Root file (root.json)",
      placeholder: "/path/to/root.json",
      why: "It holds the keys of the list's makers. Get it from them by a way that you trust.",
      choose: "Choose root.json…",
    },
    descriptor: {
      label: "Descriptor",
      placeholder: "/path/to/descriptor.toml",
      why: "Says how the hashes were made. Leave it empty for a list in Lethe's own format.",
      choose: "Choose a descriptor…",
    },
  },
  subscribe: "Add the list",
  subscribing: "Fetching the list…",
  invalid: {
    name: "Give the list a name.",
    noUrl: "Give the address of the list.",
    badUrl: "This is not an address. It begins with https://",
    plainHttp: "Use https://. Without it, anyone on the way could change the list.",
    credentials: "An address with a user name or password in it is not kept.",
    root: "Choose the feed's root.json: without it nobody can tell who signed the list.",
  },

  detectors: "Detectors",
  detectorsIntro: "They recognise data by its form, without a list.",
  detector: {
    email: { name: "E-mail addresses", why: "Any address such as name@example.org." },
    iban: { name: "Bank account numbers", why: "IBANs whose check digits are right." },
    ip: { name: "IP addresses", why: "Version 4 and version 6, of the public network." },
    phone: {
      name: "Phone numbers",
      why: "International, as written in CH, DE, AT, FR, IT and North America, and of any country after a word such as “Tel.”.",
    },
    card: { name: "Payment cards", why: "Card numbers whose check digit is right." },
    ahv: { name: "AHV numbers", why: "Swiss social security numbers whose check digit is right." },
    national_id: {
      name: "Identity numbers",
      why: "Tax and social security numbers of AT, BE, DE, ES, FR, IT, LU, NL, PL, UK and US; passports, permits and number plates after a word that says so.",
    },
    special_ip: {
      name: "IP addresses of nobody",
      why: "Private networks, this machine, examples in documents and public name servers. Off unless you need it.",
    },
  },
  echo: {
    name: "Let answers repeat what I typed",
    why: "Addresses and numbers that you wrote in the same conversation are not removed. What a list names is removed all the same.",
  },

  test: "Try it",
  testIntro: "What would be removed from this text? It is not stored.",
  testLabel: "Text to try the filter on",
  testPlaceholder: "Paste or write a text",
  testNothing: "Nothing would be removed.",
  testSome: (n: number) => count(n, "place would be removed.", "places would be removed."),
} as const;

export const sweep = {
  heading: "Past answers",
  intro:
    "When a list or a detector changes, the answers that are kept are read again, and what must not be there is removed.",
  start: "Sweep now",
  cancel: "Stop",
  label: "Sweep of past answers",
  starting: "Starting…",
  progress: (done: number, total: number) => `${number.format(done)} of ${answers(total)} read`,
  idle: "No sweep yet.",
  done: (changed: number, removed: number) =>
    changed === 0
      ? "Nothing had to be removed from past answers"
      : `${answers(changed)} changed, ${pieces(removed)} removed`,
  on: (sentence: string, date: string) => `${sentence}, on ${date}.`,
  cancelled: (done: number, total: number) =>
    `Stopped after ${number.format(done)} of ${answers(total)}; what was removed stays removed`,
  failed: (reason: string) => `The sweep failed: ${reason}`,
} as const;

export const watch = {
  heading: "News from Apertus",
  intro: "The makers of Apertus announce their output filter on the cards of their models.",
  setting: {
    name: "Watch the model cards",
    why: "Reads them at each start and once a day from the model hub, and shows here what is new.",
  },
  none: "Nothing new.",
  off: "Lethe does not look for news.",
  failed: "The news could not be read",
  noticed: (time: number, now: number) => `noticed ${age(time, now)}`,
  added: "New on the card",
  removed: "No longer on the card",
  repositories: "New repositories",
  advice: "If a list was announced, fetch it and add it above.",
  dismiss: (repository: string) => `Dismiss the news of ${repository}`,
} as const;

export const report = {
  heading: "Report",
  intro:
    "For whoever answers for deletion: which lists and detectors are in force, how old they are, and how much was removed. A page to read, and the same as JSON.",
  export: "Export report",
  exporting: "Writing the report…",
  exported: (path: string) => `The report is in ${path}`,
} as const;

export const receipt = {
  open: "What was removed and how this came about",
  heading: "What was removed and how this came about",
  loading: "Reading the receipt…",
  failed: "The receipt could not be read",
  none: "This answer has no receipt",
  noneAdvice: "Answers that broke off before they were finished may have none.",
  body: "Receipt",
  removed: "Removed",
  nothingRemoved: "Nothing was removed.",
  byList: (list: string, entry: string | null) =>
    entry === null ? `“${list}”` : `“${list}”, entry ${entry}`,
  byDetector: "detector",
  kind: (name: string) => kindSentences[name] ?? kind(name),
  times: (n: number) => count(n, "time", "times"),
  swept: "Since then",
  sweptOn: (removed: number, date: string) => `${pieces(removed)} removed by a newer list, on ${date}`,
  lists: "Lists in force",
  noLists: "None.",
  version: (version: string) => `version ${version}`,
  detectors: "Detectors in force",
  noDetectors: "None.",
  cameAbout: "How it came about",
  facts: {
    model: "Model",
    digest: "Digest of its file",
    engine: "Engine",
    sampling: "Sampling",
    seed: "Seed",
    prompt: "Prompt",
    promptDigest: "Digest of the prompt",
    templateDigest: "Digest of the template",
    readBy: "Read by",
    canonicalForm: "Text was compared as",
    lethe: "Version of Lethe",
  },
  notComputed: "not computed",
  noTemplate: "the model has none",
  /** The whole digest is in the copy. */
  shortDigest: (digest: string) => `${digest.slice(0, 12)}…`,
  engine: (build: string, kernels: string) => `${build}, ${kernels}`,
  threads: (generating: number, reading: number) =>
    `${count(generating, "thread", "threads")}, ${number.format(reading)} for reading`,
  context: (tokens: number) => `context of ${count(tokens, "token", "tokens")}`,
  tokens: (n: number) => count(n, "token", "tokens"),
  sampling: {
    temperature: (value: string) => `temperature ${value}`,
    topP: (value: string) => `top p ${value}`,
    topK: (value: string) => `top k ${value}`,
    minP: (value: string) => `min p ${value}`,
    repeatPenalty: (value: string) => `repeat penalty ${value}`,
  },
  copyJson: "Copy as JSON",
} as const;
