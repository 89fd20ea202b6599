// A client for tests: every command can be given, none is answered by itself, and what was called is remembered. Fixtures of
// the page of models are in lib/manager/fake.ts.
import type { Client } from "../api/client";
import type {
  AppState,
  BackupFile,
  CardView,
  Catalog,
  DownloadView,
  EngineState,
  Estimate,
  FilterStatus,
  FoundModel,
  HubRepo,
  HubVariant,
  LedgerEntry,
  LedgerPage,
  ListView,
  Message,
  ModelPage,
  ModelView,
  Offer,
  OfficialWeights,
  PromptMeasure,
  Receipt,
  Settings,
  Sweep,
  WatchChange,
  WeightChoice,
} from "../api/types";
import { DEFAULTS } from "./settings.svelte";

type Ready = Extract<EngineState, { state: "ready" }>;

export type Call = { name: string; arguments: unknown[] };

export function fakeClient(commands: Partial<Client> = {}): { client: Client; calls: Call[] } {
  const calls: Call[] = [];
  const client = new Proxy({} as Client, {
    get(_, name: keyof Client) {
      const command = commands[name] as ((...values: unknown[]) => unknown) | undefined;
      // The window listens to it in every session, and few tests are about it.
      if (name === "onFileDrop" && !command) return async () => () => {};
      return async (...values: unknown[]) => {
        calls.push({ name, arguments: values });
        if (!command) throw { code: "internal", message: `the test gave no ${name}` };
        return command(...values);
      };
    },
  });
  return { client, calls };
}

/** A command that always fails. */
export const failing = async (): Promise<never> => {
  throw { code: "store", message: "the disk is full" };
};

/** The way from official weights to a model, where everything goes well. */
export function weightsClient(commands: Partial<Client> = {}): { client: Client; calls: Call[] } {
  return fakeClient({
    weightsInspect: async () => officialWeights(),
    convertStart: async () => null,
    convertCancel: async () => null,
    modelList: async () => [model()],
    modelSelect: async () => null,
    ...commands,
  });
}

/** A command that is answered, or refused, when the test says so. */
export function held<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const reply = new Promise<T>((done, refused) => {
    resolve = done;
    reject = refused;
  });
  return { command: () => reply, resolve, reject };
}

let nextId = 1;

export function message(part: Partial<Message> = {}): Message {
  return {
    id: nextId++,
    role: "assistant",
    segments: [],
    thinking: [],
    summary: false,
    state: "complete",
    createdAt: 0,
    variant: 1,
    variants: 1,
    model: null,
    stats: null,
    note: null,
    ...part,
  };
}

export function appState(part: Partial<AppState> = {}): AppState {
  const settings: Settings = DEFAULTS;
  return {
    version: "1.2.3",
    store: { encrypted: true, keyPlace: "keychain", dataDir: "/data" },
    engine: engineReady(),
    filter: filterStatus(),
    settings,
    models: [],
    notices: [],
    sweep: sweep(),
    conversion: { state: "idle" },
    network: { offline: false, forced: false },
    downloads: [],
    ...part,
  };
}

export function engineReady(part: Partial<Ready> = {}): Ready {
  return {
    state: "ready",
    model: "Tiny",
    contextSize: 2048,
    threads: 4,
    variant: "avx2",
    deliberates: false,
    device: "CPU (avx2)",
    remote: false,
    ...part,
  };
}

export function filterStatus(part: Partial<FilterStatus> = {}): FilterStatus {
  return {
    lists: 1,
    entries: 10,
    detectors: ["email"],
    problem: null,
    warning: null,
    checkedAt: null,
    ...part,
  };
}

/** A local file; see `feed` for a list that is refreshed. */
export function list(part: Partial<ListView> = {}): ListView {
  return {
    id: "l",
    name: "Requests",
    entries: 10,
    enabled: true,
    importedAt: 0,
    problem: null,
    source: { type: "file" },
    signed: false,
    hashed: false,
    version: null,
    issuedAt: null,
    expiresAt: null,
    checkedAt: null,
    failure: null,
    change: null,
    ...part,
  };
}

export function feed(part: Partial<ListView> = {}): ListView {
  const source = { type: "feed", url: "https://lists.example.org/requests/" } as const;
  return list({ id: "f", name: "Feed", source, signed: true, hashed: true, version: "7", ...part });
}

export function sweep(part: Partial<Sweep> = {}): Sweep {
  return { state: "idle", done: 0, total: 0, changed: 0, removed: 0, at: null, failure: null, ...part };
}

export function watchChange(part: Partial<WatchChange> = {}): WatchChange {
  return {
    id: 1,
    repository: "swiss-ai/Apertus-8B",
    at: 0,
    added: ["The output filter is published."],
    removed: [],
    repositories: [],
    ...part,
  };
}

export function receipt(part: Partial<Receipt> = {}): Receipt {
  return {
    lethe: "1.2.3",
    remote: null,
    model: { name: "Tiny", bytes: 2_000_000, sha256: "ab".repeat(32) },
    engine: {
      build: "lethe 1.2.3, llama.cpp b1",
      kernels: "avx2",
      threads: 4,
      prompt_threads: 8,
      context: 2048,
    },
    prompt: {
      template_sha256: null,
      template: "Prompts are made by the template in the model file.",
      tokenizer: "Text is cut by llama.cpp.",
      tokens: 20,
      tokens_sha256: "cd".repeat(32),
    },
    sampling: { temperature: 0.8, top_p: 0.9, top_k: 0, min_p: 0, repeat_penalty: 1, seed: 42 },
    filter: { canonical_form: "lethe-canon-1", lists: [], detectors: ["email"] },
    redactions: [],
    thinking: [],
    swept: [],
    ...part,
  };
}

export function model(part: Partial<ModelView> = {}): ModelView {
  return {
    id: "m",
    name: "Tiny",
    path: "/models/tiny.gguf",
    bytes: 400_000_000,
    architecture: "apertus",
    quantization: "Q4_0",
    contextTrained: 4096,
    problem: null,
    remote: null,
    repository: null,
    speed: null,
    duplicates: [],
    ...part,
  };
}

export function card(part: Partial<CardView> = {}): CardView {
  return {
    id: "tiny-instruct",
    name: "Tiny Instruct",
    repository: "example/Tiny-Instruct",
    license: "Apache-2.0",
    terms: ["Apply the output filter.", "Keep the filter up to date."],
    termsSource: "https://models.example.org/terms",
    acceptedAt: 0,
    intendedUse: ["Conversation in many languages."],
    limits: ["It may be wrong."],
    evaluation: [{ benchmark: "Reading", value: "61.2", note: "5 examples" }],
    evaluationSource: "https://models.example.org/report",
    languages: "More than a thousand.",
    contact: "removal@example.org",
    citation: "@misc{tiny, title={Tiny}}",
    released: "2026-06",
    context: 4096,
    ...part,
  };
}

export function modelPage(part: Partial<ModelPage> = {}): ModelPage {
  return {
    model: model(),
    sha256: "ab".repeat(32),
    parameters: 500_000_000,
    card: card(),
    age: { months: 2, old: false, text: "Released two months ago." },
    newer: null,
    tokenizer: { source: "inside", text: "With the tokenizer that its file holds." },
    template: { source: "file", text: "With the template that its file holds." },
    deliberates: true,
    origin: {
      repository: "example/Tiny-Instruct",
      revision: "0123abc",
      license: "Apache-2.0",
      convertedBy: null,
    },
    ...part,
  };
}

export function weightChoice(part: Partial<WeightChoice> = {}): WeightChoice {
  return {
    type: "q4_0",
    label: "Q4_0",
    bytes: 400_000_000,
    recommended: false,
    exact: false,
    fits: true,
    why: "Fastest on this processor.",
    ...part,
  };
}

export function officialWeights(part: Partial<OfficialWeights> = {}): OfficialWeights {
  return {
    path: "/weights/tiny",
    name: "Tiny Instruct",
    format: "BF16",
    parameters: 500_000_000,
    bytes: 1_000_000_000,
    card: card(),
    repository: "example/Tiny-Instruct",
    choices: [
      weightChoice({
        type: "bf16",
        label: "BF16",
        bytes: 1_000_000_000,
        exact: true,
        fits: false,
        why: "All of it.",
      }),
      weightChoice({ recommended: true }),
    ],
    ...part,
  };
}

export function measure(part: Partial<PromptMeasure> = {}): PromptMeasure {
  return { used: 100, draft: 10, contextSize: 2048, left: 0, leaving: 0, fits: true, about: false, ...part };
}

export function estimate(part: Partial<Estimate> = {}): Estimate {
  return {
    type: "Q4_K_M",
    diskBytes: 5_100_000_000,
    memoryBytes: 6_200_000_000,
    fits: "well",
    recommended: true,
    ...part,
  };
}

/** An Apertus of the catalogue whose terms nobody has accepted yet. */
export function offer(part: Partial<Offer> = {}): Offer {
  return {
    id: "apertus-8b",
    name: "Apertus 8B Instruct",
    maker: "Swiss National AI Institute",
    family: "apertus",
    repository: "example/Apertus-8B-GGUF",
    parameters: 8_050_000_000,
    context: 65_536,
    license: "Apache-2.0",
    licenseNote: null,
    languages: "More than a thousand languages.",
    goodFor: "An assistant for text in many languages.",
    source: "https://models.example.org/apertus-8b",
    runs: "here",
    runsNote: null,
    converts: false,
    cardId: "tiny-instruct",
    termsAccepted: false,
    estimates: [estimate()],
    installed: [],
    ...part,
  };
}

/** The small model that starts at once, as the catalogue offers it. */
export function starterOffer(part: Partial<Offer> = {}): Offer {
  return offer({
    id: "smollm2-135m",
    name: "SmolLM2 135M Instruct",
    maker: "Hugging Face",
    family: "open",
    repository: "example/SmolLM2-135M-GGUF",
    parameters: 135_000_000,
    goodFor: "Trying Lethe out.",
    cardId: null,
    termsAccepted: true,
    estimates: [estimate({ type: "Q4_1", diskBytes: 98_000_000, memoryBytes: 300_000_000 })],
    ...part,
  });
}

export function catalog(part: Partial<Catalog> = {}): Catalog {
  return {
    offers: [offer(), starterOffer()],
    memoryBytes: 16_000_000_000,
    memoryFree: 9_000_000_000,
    diskFree: 80_000_000_000,
    recommended: "apertus-8b",
    ...part,
  };
}

export function hubVariant(part: Partial<HubVariant> = {}): HubVariant {
  return {
    name: "Q4_K_M",
    files: [],
    bytes: 5_100_000_000,
    converts: false,
    memoryBytes: 6_200_000_000,
    fits: "well",
    fitText: null,
    recommended: true,
    installed: null,
    inCache: false,
    ...part,
  };
}

export function hubRepo(part: Partial<HubRepo> = {}): HubRepo {
  return {
    repository: "example/Apertus-8B-GGUF",
    revision: "ab".repeat(20),
    license: "apache-2.0",
    gated: false,
    card: null,
    variants: [hubVariant()],
    note: null,
    ...part,
  };
}

export function download(part: Partial<DownloadView> = {}): DownloadView {
  return {
    id: "d",
    name: "Apertus 8B Instruct",
    repository: "example/Apertus-8B-GGUF",
    revision: "ab".repeat(20),
    bytes: 5_100_000_000,
    done: 1_275_000_000,
    bytesPerS: 24_000_000,
    secondsLeft: 159,
    state: "running",
    text: null,
    error: null,
    model: null,
    converts: false,
    ...part,
  };
}

export function foundModel(part: Partial<FoundModel> = {}): FoundModel {
  return {
    path: "/models/other.gguf",
    name: "Other 3B",
    app: "LM Studio",
    bytes: 2_000_000_000,
    problem: null,
    ...part,
  };
}

export function backupFile(part: Partial<BackupFile> = {}): BackupFile {
  const at = part.at ?? Date.UTC(2026, 10, 28, 9, 30);
  return { path: `/data/backups/${at}.backup`, bytes: 2_400_000, reason: "daily", ...part, at };
}

export function ledgerEntry(part: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    id: 1,
    at: 0,
    purpose: "a model file",
    host: "models.example.org",
    proxy: null,
    status: 200,
    sentBytes: 400,
    receivedBytes: 5_100_000_000,
    over: true,
    ...part,
  };
}

export function ledgerPage(part: Partial<LedgerPage> = {}): LedgerPage {
  const total = { host: "models.example.org", requests: 1, sentBytes: 400, receivedBytes: 5_100_000_000 };
  return { entries: [ledgerEntry()], more: false, totals: [total], ...part };
}
