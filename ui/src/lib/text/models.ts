// What the interface says of models: what they are and whose, what they think, what they see at once, and how official
// weights become a file that Lethe runs.
import type { Conversion } from "../api/types";
import { compact, count, decimal, fileSize, number, shortDate } from "./format";

export type ConversionStep = Extract<Conversion, { state: "running" }>["step"];

const messages = (n: number) => count(n, "message", "messages");
const tokens = (n: number) => count(n, "token", "tokens");

/** 8050000000 -> "8.1 billion". */
function parameters(n: number): string {
  if (n >= 1e9) return `${decimal.format(n / 1e9)} billion`;
  if (n >= 1e6) return `${number.format(Math.round(n / 1e6))} million`;
  return number.format(n);
}

export const thinking = {
  now: "Thinking…",
  thought: (words: number) => `Thought for ${count(words, "word", "words")}`,
  label: "What the model thought before it answered",
  on: "The model will think first",
  off: "The model will answer at once",
} as const;

export const deliberation = {
  name: "Think first",
  why: "The model thinks before it answers: slower, and better at what takes several steps.",
  switchOn: "Let the model think first",
  switchOff: "Let the model answer at once",
} as const;

export const summary = {
  heading: "Summary: the model goes on from here",
  unfinished: "Summary that was not finished",
  finished: "Summary finished",
  making: "Summarising the conversation…",
  why: "The model reads this in place of the messages above. They are still here for you.",
  label: "Summary",
} as const;

export const context = {
  open: "What the model can see at once",
  heading: "What the model can see at once",
  body: (size: number) =>
    `The model reads ${tokens(size)} at most, about ${number.format(Math.round((size * 0.75) / 100) * 100)} words. When a conversation grows longer, its oldest messages leave.`,
  prompt: "Taken",
  draft: "of it your draft",
  free: "Free",
  left: (n: number) =>
    `The model no longer sees ${n === 1 ? "the oldest message" : `the ${number.format(n)} oldest messages`}.`,
  leaving: (n: number) =>
    `With your draft, ${n === 1 ? "one more message" : `${number.format(n)} more messages`} would leave.`,
  tokens,
  unknown: "It is counted when the model is loaded.",
  share: (used: number, draft: number, size: number) =>
    draft > 0
      ? `${number.format(used)} of ${number.format(size)} tokens of context used, ${number.format(draft)} of them by the draft`
      : `${number.format(used)} of ${number.format(size)} tokens of context used`,
  divider: (n: number) =>
    n === 1
      ? "The model no longer sees the message above"
      : `The model no longer sees the ${messages(n)} above`,
} as const;

export const longChat = {
  nearly: (used: number, size: number) =>
    `The conversation is nearly as long as the model can see (${number.format(used)} of ${tokens(size)}).`,
  go: "Summarise and go on",
  why: "The model sums the conversation up and reads the summary from then on. Your messages stay.",
  dismiss: "Dismiss for this conversation",
} as const;

export const terms = {
  heading: "Terms",
  source: "Read them in full at",
  accepted: (time: number) => `Accepted on ${shortDate(time)}.`,
  notAccepted: "Not accepted on this machine yet.",
  accept: "Accept the terms",
  accepting: "Saving…",
  agree: "I have read the terms and accept them",
} as const;

export const modelPage = {
  heading: "About this model",
  about: (name: string) => `About ${name}`,
  loading: "Reading the model…",
  failed: "The model could not be read",
  body: "Model",
  noCard:
    "Lethe knows no card of this model: its terms, limits and the age of its weights are not known here. Ask whoever gave you the file.",
  facts: "The file",
  factsRemote: "The model",
  names: {
    size: "Size",
    quantization: "Number format",
    parameters: "Parameters",
    architecture: "Architecture",
    context: "Context",
    digest: "SHA-256",
    path: "Path",
    server: "Server",
    leaves: "Privacy",
    tokenizer: "Tokens",
    template: "Prompt",
    deliberates: "Thinking",
  },
  parameters,
  context: (n: number) => `${tokens(n)} (${compact(n)})`,
  unknown: "not known",
  notComputed: "not computed yet",
  deliberates: "This model can think before it answers.",
  deliberatesNot: "This model answers at once.",
  origin: "Where it came from",
  origins: {
    repository: "Repository",
    revision: "Revision",
    license: "Licence",
    convertedBy: "Converted by",
  },
  card: "What its makers say",
  released: "Released",
  license: "Licence",
  languages: "Languages",
  intendedUse: "Intended use",
  limits: "Limits",
  evaluation: "Evaluation",
  evaluationNone: "No figures are known.",
  benchmark: "Benchmark",
  value: "Result",
  note: "How",
  evaluationSource: "Source",
  contact: "Requests for removal",
  contactWhy: "Whoever wants their data removed from the model writes to",
  citation: "Citation",
  copy: (what: string) => `Copy: ${what}`,
} as const;

export const weights = {
  heading: "Use official weights",
  open: "Use official weights…",
  intro:
    "The makers of Apertus publish their weights as a folder of files. Lethe turns such a folder into one file that runs here; the folder stays as it is.",
  advice: "Choose the folder that holds config.json and the .safetensors files.",
  choose: "Choose a folder…",
  or: "or paste the path of the folder",
  path: "Path of the folder with the weights",
  pathPlaceholder: "/path/to/weights",
  import: "Look",
  busy: "Reading the folder…",
  another: "Another folder",
  facts: {
    format: "Format",
    parameters: "Parameters",
    size: "Size",
    repository: "Repository",
    path: "Folder",
  },
  parameters,
  size: (bytes: number) => fileSize(bytes),
  noCard: "Lethe knows no card of these weights. Ask their makers for the terms of use.",
  make: "What to make of them",
  noChoices: "Lethe can make nothing of these weights.",
  recommended: "recommended",
  exact: "exact",
  noFit: "does not fit in memory",
  noFitWhy: "It may run very slowly on this machine, or not at all.",
  start: "Convert",
  starting: "Starting…",
  needsTerms: "Accept the terms to go on.",
  running: (model: string) => `Converting ${model}`,
  steps: {
    measuring: "Measuring the weights",
    converting: "Converting",
    quantizing: "Making it smaller",
    checking: "Checking the file",
  } satisfies Record<ConversionStep, string>,
  stepOf: (n: number, of: number) => `Step ${n} of ${of}`,
  percent: (share: number) => `${Math.floor(share * 100)}%`,
  goesOn: "It goes on when this window is closed.",
  cancel: "Stop",
  cancelling: "Stopping…",
  cancelled: "The conversion was stopped.",
  doneHeading: (name: string) => `${name} is ready`,
  doneBody: (bytes: number, format: string) => `${format} · ${fileSize(bytes)}`,
  use: "Use it now",
  more: "Convert other weights",
  failedHeading: "The conversion did not work",
  failedToast: (reason: string) => `The conversion did not work: ${reason}`,
  back: "Back",
  /** In the status line. */
  short: (share: number) => `Converting ${Math.floor(share * 100)}%`,
} as const;
