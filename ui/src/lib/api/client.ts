// The only file that talks to the Rust side: one typed function per command, and the stream of application events.
// Every rejection that leaves this module is an ApiError.
import { Channel, invoke, type InvokeArgs } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import type {
  ApiError,
  AppEvent,
  AppState,
  BackupFile,
  CardView,
  Catalog,
  ChatEvent,
  ChosenBackup,
  Conversation,
  ConversationId,
  ConversationSummary,
  Deletion,
  DeviceView,
  DownloadView,
  FitView,
  FoundModel,
  HubHit,
  HubRepo,
  Imported,
  Inspection,
  LedgerPage,
  ListView,
  MessageId,
  ModelPage,
  ModelView,
  NetworkState,
  OfficialWeights,
  PromptMeasure,
  Receipt,
  Restored,
  Salvaged,
  SearchHit,
  Segment,
  Settings,
  Sweep,
  TokenState,
  WatchChange,
} from "./types";

export type ChatHandler = (event: ChatEvent) => void;

/** Files or folders that are dragged over the window; their paths are told when they are dropped. */
export type FileDrop = { type: "over" } | { type: "left" } | { type: "dropped"; paths: string[] };

export const client = {
  appState: () => call<AppState>("app_state"),
  /** Tries once more to open the history; `appState` says what came of it. */
  appReopen: () => call<null>("app_reopen"),

  /** The newest first. */
  backupList: () => call<BackupFile[]>("backup_list"),
  /** The newest one that can be read whole. */
  backupNewest: () => call<BackupFile | null>("backup_newest"),
  backupCreate: () => call<BackupFile>("backup_create"),
  /** In a folder that is chosen in the system's dialog; `null` when that was left. */
  backupCreateElsewhere: () => call<BackupFile | null>("backup_create_elsewhere"),
  /** The path of the file that was named in the system's dialog; `null` when that was left. */
  backupCarry: (passphrase: string) => call<string | null>("backup_carry", { passphrase }),
  /** Rejects for one that is damaged, with what is wrong with it. */
  backupVerify: (path: string) => call<null>("backup_verify", { path }),
  /** `null` when the file dialog was left without a choice. */
  backupPick: () => call<ChosenBackup | null>("backup_pick"),
  /** Everything that was loaded before is out of date when it resolves. */
  backupRestore: (path: string, passphrase: string | null) =>
    call<Restored>("backup_restore", { path, passphrase }),
  backupSalvage: () => call<Salvaged>("backup_salvage"),

  conversationList: () => call<ConversationSummary[]>("conversation_list"),
  conversationOpen: (id: ConversationId) => call<Conversation>("conversation_open", { id }),
  conversationRename: (id: ConversationId, title: string) =>
    call<ConversationSummary>("conversation_rename", { id, title }),
  /** The number is the seconds in which `conversationRestore` still works. */
  conversationDelete: (id: ConversationId) => call<number>("conversation_delete", { id }),
  conversationRestore: (id: ConversationId) => call<ConversationSummary>("conversation_restore", { id }),
  /** The path of the Markdown file that was written. */
  conversationExport: (id: ConversationId) => call<string>("conversation_export", { id }),
  /** Whether the model is asked to think first, from now on in this conversation. */
  conversationDeliberate: (id: ConversationId, deliberation: boolean) =>
    call<null>("conversation_deliberate", { id, deliberation }),
  historySearch: (query: string) => call<SearchHit[]>("history_search", { query }),

  /** Resolves when the answer has ended; `null` starts a new conversation. */
  chatSend: (
    conversation: ConversationId | null,
    text: string,
    deliberation: boolean,
    handler: ChatHandler,
  ) => call<null>("chat_send", { conversation, text, deliberation, onEvent: channel(handler) }),
  chatRegenerate: (conversation: ConversationId, deliberation: boolean, handler: ChatHandler) =>
    call<null>("chat_regenerate", { conversation, deliberation, onEvent: channel(handler) }),
  /** The answer is a summary, from which the model goes on; it is appended at the end. */
  chatSummarise: (conversation: ConversationId, handler: ChatHandler) =>
    call<null>("chat_summarise", { conversation, onEvent: channel(handler) }),
  chatStop: (conversation: ConversationId) => call<null>("chat_stop", { conversation }),
  messageVariant: (message: MessageId, variant: number) =>
    call<Conversation>("message_variant", { message, variant }),
  /** What the prompt would take with this draft; `null` while no model is loaded. */
  promptMeasure: (conversation: ConversationId | null, draft: string) =>
    call<PromptMeasure | null>("prompt_measure", { conversation, draft }),

  modelList: () => call<ModelView[]>("model_list"),
  modelSelect: (id: string) => call<null>("model_select", { id }),
  modelImport: (path: string) => call<ModelView>("model_import", { path }),
  /** `null` when the file dialog was left without a choice. */
  modelPick: () => call<ModelView | null>("model_pick"),
  modelRemove: (id: string) => call<null>("model_remove", { id }),
  modelPage: (id: string) => call<ModelPage>("model_page", { id }),
  /** The card, with the moment from which its terms are accepted on this machine. */
  termsAccept: (card: string) => call<CardView>("terms_accept", { card }),

  /** A folder; `null` when the dialog was left without a choice. */
  weightsPick: () => call<string | null>("weights_pick"),
  weightsInspect: (path: string) => call<OfficialWeights>("weights_inspect", { path }),
  /** Resolves when it has begun; how it goes is told by the events of the application. */
  convertStart: (path: string, type: string) => call<null>("convert_start", { path, type }),
  convertCancel: () => call<null>("convert_cancel"),

  listAll: () => call<ListView[]>("list_all"),
  listImport: (path: string) => call<ListView>("list_import", { path }),
  listPick: () => call<ListView | null>("list_pick"),
  listEnable: (id: string, enabled: boolean) => call<ListView>("list_enable", { id, enabled }),
  listRemove: (id: string) => call<null>("list_remove", { id }),
  /** With a root a signed feed; without one a plain file, unsigned, whose hashes the descriptor describes. */
  listSubscribe: (name: string, url: string, root: string | null, descriptor: string | null) =>
    call<ListView>("list_subscribe", { name, url, root, descriptor }),
  /** The lists that were refreshed; `null` refreshes all that have an address. */
  listUpdate: (id: string | null) => call<ListView[]>("list_update", { id }),
  /** From an archive or a folder, for machines without a network. */
  listUpdateFrom: (id: string, path: string) => call<ListView>("list_update_from", { id, path }),
  /** The paths that are chosen in the system's dialogs; `null` when one was left without a choice. */
  rootPick: () => call<string | null>("root_pick"),
  descriptorPick: () => call<string | null>("descriptor_pick"),
  archivePick: () => call<string | null>("archive_pick"),
  filterTest: (text: string) => call<Segment[]>("filter_test", { text }),

  sweepStart: () => call<Sweep>("sweep_start"),
  sweepCancel: () => call<Sweep>("sweep_cancel"),
  /** `null` for an answer that has none. */
  answerReceipt: (message: MessageId) => call<Receipt | null>("answer_receipt", { message }),
  /** The path of what was written: a page to read and the same as JSON. */
  reportExport: () => call<string>("report_export"),
  watchChanges: () => call<WatchChange[]>("watch_changes"),
  watchDismiss: (id: number) => call<null>("watch_dismiss", { id }),

  /** The models that Lethe knows of, with what they would take on this machine. */
  catalog: () => call<Catalog>("catalog"),
  /** What the makers say of a model of the catalogue, with its terms. */
  modelCard: (card: string) => call<CardView>("model_card", { card }),
  hubSearch: (query: string) => call<HubHit[]>("hub_search", { query }),
  /** `null` for the newest revision. */
  hubRepo: (repository: string, revision: string | null) =>
    call<HubRepo>("hub_repo", { repository, revision }),

  /** Resolves when it is in the queue; how it goes is told by the events of the application. */
  downloadStart: (repository: string, revision: string, variant: string) =>
    call<DownloadView>("download_start", { repository, revision, variant }),
  downloadPause: (id: string) => call<null>("download_pause", { id }),
  /** Also tries one again that failed. */
  downloadResume: (id: string) => call<null>("download_resume", { id }),
  /** Takes away what was fetched so far; of one that is done only the line. */
  downloadCancel: (id: string) => call<null>("download_cancel", { id }),
  downloadAll: () => call<DownloadView[]>("download_all"),

  /** Models of other programs on this machine that are not in the list yet. */
  modelsFound: () => call<FoundModel[]>("models_found"),
  /** Files and folders, each used where it is. */
  modelsImport: (paths: string[]) => call<Imported>("models_import", { paths }),
  modelDeletion: (id: string) => call<Deletion>("model_deletion", { id }),
  /** Without its files it is only taken off the list. */
  modelDelete: (id: string, files: boolean) => call<null>("model_delete", { id, files }),
  modelInspect: (id: string) => call<Inspection>("model_inspect", { id }),
  /** `null` leaves the number to what is kept for the model, or else to Lethe. */
  modelFit: (id: string, context: number | null, layers: number | null) =>
    call<FitView>("model_fit", { id, context, layers }),
  /** As `modelFit`, and kept for this model; `null` leaves the number to Lethe from now on. */
  modelTune: (id: string, context: number | null, layers: number | null) =>
    call<FitView>("model_tune", { id, context, layers }),
  devices: () => call<DeviceView[]>("devices"),

  /** Requests, the newest first; `before` is the id of the last one that is known, `null` begins with the newest. */
  ledger: (before: number | null) => call<LedgerPage>("ledger", { before }),
  ledgerClear: () => call<null>("ledger_clear"),
  networkOffline: (offline: boolean) => call<NetworkState>("network_offline", { offline }),
  tokenState: () => call<TokenState>("token_state"),
  /** `null` forgets it. */
  tokenSet: (token: string | null) => call<TokenState>("token_set", { token }),
  /** The names of the models that a server offers. */
  remoteList: (url: string, key: string | null) => call<string[]>("remote_list", { url, key }),
  remoteAdd: (name: string, url: string, model: string, key: string | null) =>
    call<ModelView>("remote_add", { name, url, model, key }),

  settingsSet: (settings: Settings) => call<Settings>("settings_set", { settings }),

  onApp: (handler: (event: AppEvent) => void) => listen<AppEvent>("app", (event) => handler(event.payload)),
  onFileDrop: async (handler: (drop: FileDrop) => void) =>
    getCurrentWebview().onDragDropEvent(({ payload }) => {
      // What is dragged may be text: only files bring paths.
      if (payload.type === "drop") handler({ type: "dropped", paths: payload.paths });
      else if (payload.type === "leave") handler({ type: "left" });
      else if (payload.type === "enter" && payload.paths.length > 0) handler({ type: "over" });
    }),
};

export type Client = typeof client;

async function call<T>(command: string, args?: InvokeArgs): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    throw toApiError(error);
  }
}

function channel(handler: ChatHandler): Channel<ChatEvent> {
  const channel = new Channel<ChatEvent>();
  channel.onmessage = handler;
  return channel;
}

/** Tauri itself rejects with a bare string (an unknown command, arguments that do not parse). */
export function toApiError(error: unknown): ApiError {
  if (typeof error === "object" && error !== null && "code" in error && "message" in error) {
    return error as ApiError;
  }
  return { code: "internal", message: error instanceof Error ? error.message : String(error) };
}
