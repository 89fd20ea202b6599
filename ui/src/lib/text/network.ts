// What the interface says of the network: what was sent, how to send nothing, and models that run on a server.
import { count, fileSize, number } from "./format";

const bytes = (n: number) => (n < 1000 ? `${number.format(n)} B` : fileSize(n));

export const network = {
  heading: "Network",
  show: "Show what was sent over the network",
  open: "What was sent…",
  intro:
    "Every request that Lethe makes is listed here, and Lethe makes no others: no telemetry, no account, no search for updates.",

  offline: {
    name: "Offline",
    why: "Nothing is sent over the network. Models on this machine answer as before.",
    forced:
      "Lethe was started with --offline or LETHE_OFFLINE. Start it without them to use the network again.",
  },
  wentOffline: "Lethe is offline: nothing is sent",
  wentOnline: "Lethe may use the network again",
  mark: "offline",
  markWhy: "Nothing is sent over the network",

  limit: {
    name: "Download limit",
    why: "In megabytes a second; empty for as fast as possible.",
    unit: "MB/s",
    none: "None",
    invalid: (min: string, max: string) => `Between ${min} and ${max}`,
    reset: "Reset the download limit",
  },
  pageWhy: "Every request, with its time, purpose and size.",

  totals: "By host",
  host: "Host",
  requests: "Requests",
  sent: "Sent",
  received: "Received",
  log: "Requests",
  refresh: "Look again",
  loading: "Reading what was sent…",
  failed: "The list of requests could not be read",
  empty: "Nothing was sent yet",
  emptyAdvice: "When Lethe asks for a list, a model or an answer from a server, it is noted here.",
  status: "Answer",
  underway: "under way",
  noAnswer: "no answer",
  through: (proxy: string) => `through the proxy ${proxy}`,
  bytes,
  more: "Show older ones",
  moreLoading: "Reading…",
  end: "These are all.",
  clear: "Clear the list",
  clearConfirm: "Clear it for good?",
  cleared: "The list of requests was cleared",

  token: {
    heading: "Access token of the model hub",
    intro:
      "Some makers give their models only to people who have signed in. The token is sent to the hub and to nobody else.",
    loading: "Looking for a token…",
    failed: "It could not be looked up whether there is a token",
    none: "No token is set.",
    places: {
      keychain: "A token is kept in the keychain of your system.",
      database: "A token is kept in Lethe's own database.",
      environment: "A token comes from the environment that Lethe was started in. It can't be changed here.",
    },
    present: "A token is set.",
    label: "Token",
    why: "It is not shown again.",
    set: "Keep the token",
    replace: "Replace the token",
    setting: "Saving…",
    forget: "Forget the token",
    kept: "The token is kept",
    forgotten: "The token was forgotten",
  },
} as const;

export const remote = {
  heading: "Use a server",
  intro:
    "Any server that speaks the protocol of OpenAI: vLLM, llama-server, a hosted one. Its answers pass through the filter as all others do.",
  leavesHeading: "Text leaves this machine",
  leaves: (host: string | null) =>
    `Sent to ${host ?? "the server"} with every message: what you write, what was said before in the conversation as it is stored here, and your system prompt. What the server does with it is up to whoever runs it.`,
  here: "This address is on this machine: text leaves Lethe, and not the machine, unless that program sends it on.",
  plain: (host: string) =>
    `http:// is not encrypted: anyone on the way to ${host} can read your text and the key. Use https:// if the server has it.`,
  fields: {
    url: { label: "Address", placeholder: "https://server.example.org/v1" },
    key: {
      label: "Key",
      why: "Leave it empty if the server asks for none. It stays on this machine, goes to this server only, and is not shown again.",
    },
    model: { label: "Model", choose: "Choose a model", write: "Name of the model on the server" },
    name: { label: "Name", why: "As it is called in Lethe." },
  },
  list: "List models",
  listing: "Asking the server…",
  listed: (n: number) => count(n, "model is offered.", "models are offered."),
  listEmpty: "The server offers no models. Write the name of one, if you know it.",
  listFailed: "If the server lists no models, write the name of one.",
  add: "Add and use it",
  adding: "Adding…",
  added: (name: string) => `${name} was added`,
  invalid: {
    noUrl: "Give the address of the server.",
    badUrl: "This is not an address. It begins with https://",
    credentials: "Put the key into its own field: an address with a password in it is not kept.",
    model: "Choose a model of the server.",
    name: "Give it a name.",
  },
  offline: "Lethe is offline. Go online to ask a server.",

  mark: (host: string, here: boolean, proxy: string | null) =>
    here
      ? `text goes to another program: ${host}`
      : `text leaves this machine: ${host}${proxy === null ? "" : ` through the proxy ${proxy}`}`,
  line: (host: string, here: boolean, proxy: string | null) =>
    here
      ? `Text you send goes to another program on this machine, ${host}`
      : `Text you send leaves this machine and goes to ${host}${proxy === null ? "" : `, through the proxy ${proxy}`}`,
  lineOffline: (host: string) =>
    `Lethe is offline, so ${host} can't answer. Go online, or choose another model.`,
  welcome: (host: string) =>
    `Answers come from ${host}. Listed personal data is removed before you see them.`,
} as const;
