// A client for tests: every command can be given, none is answered by itself, and what was called is remembered.
import type { Client } from "../api/client";
import type { AppState, Message, Settings } from "../api/types";
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
    filter: { lists: 1, entries: 10, detectors: ["email"], problem: null },
    settings,
    models: [],
    notices: [],
    ...part,
  };
}
