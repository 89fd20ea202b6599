// What the interface says of getting models, keeping them and letting them go.
import type { DeviceView, DownloadView, Fits, HubHit, Offer } from "../api/types";
import { count, decimal, fileSize, number, shortDate } from "./format";
import { modelPage } from "./models";

const percent = (share: number) => `${Math.floor(share * 100)}%`;

/** A length of time that is only known roughly: "40 s", "3 min", "2 h 10 min". */
function roughTime(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

function names(all: readonly string[]): string {
  return all.length === 1 ? (all[0] ?? "") : `${number.format(all.length)} models`;
}

const fits = {
  well: "fits well",
  tight: "fits when other programs are closed",
  no: "does not fit in memory",
} satisfies Record<Fits, string>;

const page = {
  heading: "Models",
  open: "Manage models…",
  leave: "Back to the conversation",
  tabs: {
    machine: "On this machine",
    get: "Get models",
    search: "Search the hub",
    downloads: "Downloads",
  },
} as const;

const machine = {
  label: "Models on this machine",
  empty: "No models yet",
  emptyAdvice: "Get one, or add a file that you have.",
  get: "Get models",
  use: "Use",
  inUse: "in use",
  remote: "on a server",
  about: modelPage.about,
  inspect: (name: string) => `Look into ${name}`,
  fit: (name: string) => `Memory and context of ${name}`,
  delete: (name: string) => `Delete ${name}…`,
  speed: (answerRate: number) => `${decimal.format(answerRate)} tokens/s`,
  speedWhy: (promptRate: number, answerRate: number) =>
    `Measured here: reads ${decimal.format(promptRate)} and writes ${decimal.format(answerRate)} tokens a second.`,
  duplicates: (names: string[]) => `The same file as ${names.join(", ")}. One of them is enough.`,
} as const;

const found = {
  heading: "Found in other programs",
  intro: "These models are on your disk already. Lethe uses them where they are.",
  loading: "Looking in the folders of other programs…",
  failed: "The folders of other programs could not be read",
  none: "No models of other programs were found.",
  add: "Add",
  addLabel: (name: string) => `Add ${name}`,
  facts: (app: string, bytes: number) => `${app} · ${fileSize(bytes)}`,
} as const;

const importing = {
  heading: "Add files",
  intro:
    "Model files (.gguf), or folders that hold them. They stay where they are; you can also drop them onto this window.",
  choose: "Choose a file…",
  chooseFolder: "Choose a folder…",
  or: "or paste the path of a file or a folder",
  path: "Path of a model file or a folder",
  pathPlaceholder: "/path/to/models",
  import: "Add",
  busy: "Reading…",
  wait: "Files are being added already. Wait for it to end, then drop them again.",
  done: (all: string[]) => `${names(all)} ${all.length === 1 ? "was" : "were"} added`,
  failures: "These were not added",
  dismiss: "Dismiss",
  drop: "Drop model files or folders here",
  dropWhy: "They stay where they are.",
} as const;

const catalog = {
  loading: "Reading the catalogue…",
  failed: "The catalogue could not be read",
  empty: "The catalogue is empty.",
  machine: (total: number, free: number, disk: number) =>
    `This machine has ${fileSize(total)} of memory, ${fileSize(free)} of it free, and ${fileSize(disk)} of free disk.`,
  families: { apertus: "Apertus", open: "Other open models" } satisfies Record<Offer["family"], string>,
  intros: {
    apertus: "Open in everything: weights, data and how they were made.",
    open: "Their weights are open. Read their licence before you use one.",
  } satisfies Record<Offer["family"], string>,
  recommended: "suits this machine",
  installed: "on this machine",
  license: "Licence",
  languages: "Languages",
  size: "Size",
  source: "Card",
  by: (maker: string) => `by ${maker}`,
  numbers: (parameters: number, context: number) =>
    `${modelPage.parameters(parameters)} parameters, ${number.format(context)} tokens of context`,
  converts: "These are the official weights. Lethe converts them on this machine after the download.",
  estimate: (type: string, disk: number, memory: number) =>
    `${type}: ${fileSize(disk)} on disk, ${fileSize(memory)} in memory`,
  fits,
  all: "All types",
  table: { type: "Type", disk: "Disk", memory: "Memory", fits: "This machine" },
  get: "Get…",
  getLabel: (name: string) => `Get ${name}…`,
} as const;

const search = {
  label: "Search the hub for a model",
  placeholder: "Name of a model",
  go: "Search",
  why: "What you search for is sent to the hub.",
  loading: "Searching the hub…",
  failed: "The search did not work",
  idle: "Search for any model that is published on the hub",
  idleAdvice: "Lethe runs .gguf files, and converts the official weights of Apertus.",
  empty: (query: string) => `Nothing found for “${query}”`,
  emptyAdvice: "Try fewer or other words.",
  found: (n: number) => count(n, "repository found", "repositories found"),
  kinds: { gguf: "model files", weights: "weights", other: "something else" } satisfies Record<
    HubHit["kind"],
    string
  >,
  gated: "asks for conditions",
  downloads: (n: number) => count(n, "download", "downloads"),
  likes: (n: number) => count(n, "like", "likes"),
  updated: (time: string) => `changed ${Number.isNaN(Date.parse(time)) ? time : shortDate(Date.parse(time))}`,
} as const;

const repository = {
  back: "Back",
  loading: "Asking the hub what there is…",
  failed: "The repository could not be read",
  license: "Licence",
  revision: "Revision",
  repository: "Repository",
  unknown: "not stated",
  gated: "asks for conditions",
  variants: "What to get",
  none: "There is nothing here that Lethe can use.",
  recommended: "suits this machine",
  installed: "on this machine",
  inCache: "on this disk already",
  fits,
  memory: (bytes: number) => `Takes ${fileSize(bytes)} of memory.`,
  cacheWhy: "It is in the cache of another program and is used there; nothing is fetched.",
  files: (n: number) => count(n, "file", "files"),
  filesHeading: "Files",
  digest: "SHA-256",
  noDigest: "no digest is published",
  download: (bytes: number) => `Download ${fileSize(bytes)}`,
  anyway: (bytes: number) => `Download ${fileSize(bytes)} all the same`,
  convert: (bytes: number) => `Download ${fileSize(bytes)} and convert`,
  useCache: "Use it where it is",
  starting: "Starting…",
  needsTerms: "Accept the terms to go on.",
  termsLoading: "Reading the terms…",
  termsFailed: "The terms could not be read",
  card: "What its makers write",
  cardWhy: "From the repository, as its makers wrote it. Lethe has not checked it.",
  cardNone: "The repository has no card.",
  cardMore: "Show all of it",
} as const;

const help = {
  token: {
    heading: "This model asks for something first",
    steps: [
      "Open the model's page on the hub, sign in and accept its conditions.",
      "Make an access token in your account there. One that may only read is enough.",
      "Enter it here in Lethe, then try again.",
    ],
  },
  offline: "Lethe is offline: nothing is sent over the network until you switch it on again.",
  network: "Check the connection of this machine, then try again. What was fetched already is kept.",
  disk: "Make room on the disk, or delete models that you do not use.",
  toMachine: "Show the models on this machine",
} as const;

const states = {
  queued: "Waiting for its turn",
  running: "Downloading",
  waiting: "Waiting for the server",
  paused: "Paused",
  checking: "Checking the files",
  converting: "Converting",
  done: "Done",
  failed: "Failed",
} satisfies Record<DownloadView["state"], string>;

const downloads = {
  label: "Downloads",
  empty: "No downloads",
  emptyAdvice: "What you get from the hub arrives here.",
  states,
  of: (done: number, bytes: number) =>
    done > 0 ? `${fileSize(done)} of ${fileSize(bytes)}` : fileSize(bytes),
  speed: (bytesPerS: number) => `${fileSize(bytesPerS)}/s`,
  left: (seconds: number) => `${roughTime(seconds)} left`,
  percent,
  progress: (name: string) => `Download of ${name}`,
  pause: (name: string) => `Pause ${name}`,
  resume: (name: string) => `Go on with ${name}`,
  retry: "Try again",
  cancel: (name: string) => `Cancel ${name} and delete what was fetched`,
  clear: (name: string) => `Take ${name} off this list`,
  use: "Use it now",
  said: {
    started: (name: string) => `${name} is in the queue`,
    done: (name: string) => `${name} was downloaded`,
    failed: (name: string) => `The download of ${name} failed`,
  },
  failedToast: (name: string, reason: string) => `The download of ${name} failed: ${reason}`,
  about: (stage: string, all: string[]) => `${stage}: ${names(all)}`,
  /** In the status line. */
  short: {
    running: (share: number) => `Downloading ${percent(share)}`,
    checking: () => "Checking",
    converting: () => "Converting",
    waiting: () => "Waiting for the network",
    queued: () => "In the queue",
  },
} as const;

const deletion = {
  heading: "Delete a model",
  title: (name: string) => `Delete ${name}?`,
  loading: "Looking at its files…",
  failed: "The files could not be looked at",
  body: "What would be deleted",
  frees: (bytes: number) => `This frees ${fileSize(bytes)}. It can't be undone.`,
  freesNothing: "This frees nothing on the disk.",
  notOwn:
    "Lethe did not put these files there: another program may need them, or you keep them. Taking the model off the list leaves them alone.",
  remote: "The model runs on a server. It is only taken off the list.",
  files: "Files",
  delete: "Delete the files",
  forget: "Only take it off the list",
  deleting: "Deleting…",
  deleted: (name: string) => `${name} was deleted`,
  forgotten: (name: string) => `${name} was taken off the list`,
} as const;

const inspection = {
  heading: "Look into a model",
  loading: "Reading the file…",
  failed: "The file could not be read",
  body: "What is in the file",
  facts: "Facts",
  names: {
    path: "Path",
    files: "Files",
    size: "Size",
    name: "Name in the file",
    architecture: "Architecture",
    quantization: "Number format",
    parameters: "Parameters",
    context: "Context",
    template: "Chat template",
    tokenizer: "Tokenizer",
    license: "Licence",
    version: "Version of the format",
  },
  unknown: "not stated",
  template: "in the file",
  noTemplate: "none",
  warnings: "What is odd about it",
  types: "Types of numbers",
  type: "Type",
  tensors: "Tensors",
  bytes: "Size",
  share: "Share",
  values: "Values",
  key: "Key",
  value: "Value",
  tensor: "Name",
  shape: "Shape",
  filter: "Show only names with",
  filtered: (shown: number, of: number) => `${number.format(shown)} of ${number.format(of)}`,
  nothing: "No name has these letters.",
  all: (n: number) => `Show all ${number.format(n)}`,
  percent: (share: number) => `${decimal.format(share * 100)}%`,
} as const;

const fit = {
  heading: "Memory and context",
  loading: "Working it out…",
  failed: "It could not be worked out",
  body: "Memory that the model takes",
  bar: (need: number, free: number, total: number) =>
    `Takes ${fileSize(need)}; ${fileSize(free)} of ${fileSize(total)} are free`,
  parts: {
    used: "Other programs",
    weights: "Weights",
    cache: "Cache for the context",
    compute: "Room to compute",
    left: "Left",
    over: "Too much",
  },
  context: "Context",
  contextWhy: "How many tokens the model sees at once. More takes more memory.",
  tokens: (n: number) => `${number.format(n)} tokens`,
  largest: (n: number) => `The most that fits well: ${number.format(n)}`,
  take: "Take it",
  layers: "Layers on the graphics card",
  layersWhy: "Each makes answers faster and takes memory there.",
  ofLayers: (n: number, of: number) => `${number.format(n)} of ${number.format(of)}`,
  device: (name: string) => `Runs on ${name}.`,
  keep: "Keep for this model",
  keeping: "Saving…",
  reset: "Let Lethe choose",
  kept: "Kept for this model. It holds from the next load.",
  automatic: "Lethe chooses again from the next load.",
  devices: "Devices of this machine",
  kinds: {
    cpu: "processor",
    vulkan: "Vulkan",
    cuda: "CUDA",
    metal: "Metal",
    other: "other",
  } satisfies Record<DeviceView["kind"], string>,
  inUse: "in use",
  leftOut: "left out",
  memory: (bytes: number) => fileSize(bytes),
} as const;

export const manager = {
  page,
  machine,
  found,
  import: importing,
  catalog,
  search,
  repository,
  help,
  downloads,
  deletion,
  inspection,
  fit,
} as const;
