export type ConversationId = number;
export type MessageId = number;

/** A run of text, or the place of something that was removed. */
export type Segment =
  | { type: "text"; text: string }
  | { type: "removed"; kind: string; list: string | null; entry: string | null };

export type Role = "user" | "assistant";
/** streaming only while a channel is open; length = token limit reached; interrupted = crash, kill, error. */
export type MessageState = "streaming" | "complete" | "stopped" | "length" | "interrupted";

export type Stats = { promptTokens: number; cachedTokens: number; completionTokens: number; ttftMs: number; tokensPerS: number; contextUsed: number; contextSize: number };

export type Message = {
  id: MessageId; role: Role; segments: Segment[]; state: MessageState; createdAt: number ;
  variant: number; variants: number;
  model: string | null; stats: Stats | null;
  note: string | null;
};
export type ConversationSummary = { id: ConversationId; title: string; updatedAt: number; messages: number };
export type Conversation = { id: ConversationId; title: string; messages: Message[] };
export type SnippetPart = { text: string; hit: boolean };
export type SearchHit = { conversation: ConversationId; message: MessageId; title: string; snippet: SnippetPart[]; createdAt: number };

export type ApiError = { code: "no_model" | "model_unusable" | "engine_died" | "busy" | "not_found" | "bad_input" | "store" | "internal"; message: string };

export type ChatEvent =
  | { type: "started"; conversation: ConversationSummary; user: Message | null; answer: Message }
  | { type: "reading"; done: number; total: number }
  | { type: "text"; segments: Segment[]; completionTokens: number; tokensPerS: number; contextUsed: number; contextSize: number }
  | { type: "notice"; text: string }
  | { type: "finished"; message: Message; conversation: ConversationSummary }
  | { type: "failed"; error: ApiError; message: Message | null };

export type EngineState =
  | { state: "none" }
  | { state: "probing"; text: string }
  | { state: "loading"; model: string; fraction: number }
  | { state: "ready"; model: string; contextSize: number; threads: number; variant: string }
  | { state: "failed"; model: string; error: ApiError };

export type Notice = { level: "info" | "warning" | "error"; text: string };
export type AppEvent =
  | { type: "engine"; engine: EngineState }
  | { type: "conversations" }
  | { type: "filter"; filter: FilterStatus }
  | { type: "notice"; notice: Notice };

export type ModelView = { id: string; name: string; path: string; bytes: number; architecture: string; quantization: string; contextTrained: number; problem: string | null };
export type ListView = { id: string; name: string; entries: number; enabled: boolean; importedAt: number; problem: string | null };
export type FilterStatus = { lists: number; entries: number; detectors: string[]; problem: string | null };

export type Theme = "system" | "light" | "dark";
export type Settings = {
  theme: Theme; model: string | null; systemPrompt: string;
  temperature: number; topP: number; topK: number; minP: number; repeatPenalty: number; seed: number | null;
  maxTokens: number | null; contextSize: number | null; threads: number | null;
  detectors: { email: boolean; iban: boolean; ip: boolean };
};
export type Store = { encrypted: boolean; keyPlace: "keychain" | "file" | "none"; dataDir: string };
export type AppState = { version: string; store: Store; engine: EngineState; filter: FilterStatus; settings: Settings; models: ModelView[]; notices: Notice[] };
