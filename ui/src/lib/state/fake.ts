// A client for tests: every command can be given, none is answered by itself, and what was called is remembered.
import type { Client } from "../api/client";
import type {
  AppState,
  FilterStatus,
  ListView,
  Message,
  Receipt,
  Settings,
  Sweep,
  WatchChange,
} from "../api/types";
import { DEFAULTS } from "./settings.svelte";

export type Call = { name: string; arguments: unknown[] };

export function fakeClient(commands: Partial<Client> = {}): { client: Client; calls: Call[] } {
  const calls: Call[] = [];
  const client = new Proxy({} as Client, {
    get(_, name: keyof Client) {
      const command = commands[name] as ((...values: unknown[]) => unknown) | undefined;
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
    engine: { state: "ready", model: "Tiny", contextSize: 2048, threads: 4, variant: "avx2" },
    filter: filterStatus(),
    settings,
    models: [],
    notices: [],
    sweep: sweep(),
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
    model: { name: "Tiny", bytes: 2_000_000, sha256: "ab".repeat(32) },
    engine: {
      build: "lethe 1.2.3, llama.cpp b1",
      kernels: "avx2",
      threads: 4,
      prompt_threads: 8,
      context: 2048,
    },
    prompt: { template_sha256: null, tokens: 20, tokens_sha256: "cd".repeat(32) },
    sampling: { temperature: 0.8, top_p: 0.9, top_k: 0, min_p: 0, repeat_penalty: 1, seed: 42 },
    filter: { canonical_form: "lethe-canon-1", lists: [], detectors: ["email"] },
    redactions: [],
    swept: [],
    ...part,
  };
}
