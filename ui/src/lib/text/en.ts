// Every word the interface says, in English. A translation is another module of the same shape.

const number = new Intl.NumberFormat("en");
const decimal = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const count = (n: number, one: string, many: string) => `${number.format(n)} ${n === 1 ? one : many}`;

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
const kindSentences: Record<string, string> = {
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

const kind = (name: string) => kinds[name] ?? name.replaceAll("_", " ");

export const text = {
  product: "Lethe",

  general: {
    close: "Close",
    cancel: "Cancel",
    retry: "Try again",
    copy: "Copy",
    copied: "Copied",
    copyRefused: "The system did not take the copy. Select the text and copy it with the keyboard.",
    dismiss: "Dismiss",
    undo: "Undo",
    reset: "Reset",
    remove: "Remove",
    loading: "Loading…",
  },

  boot: {
    loading: "Opening your conversations…",
    failed: "Lethe could not start",
    advice: "Try again, or restart Lethe.",
  },

  sidebar: {
    label: "Conversations",
    show: "Show the sidebar",
    hide: "Hide the sidebar",
    newChat: "New chat",
    search: "Search",
    searchLabel: "Search in all conversations",
    clearSearch: "Clear the search",
    settings: "Settings",
    palette: "Commands",
    empty: "No conversations yet",
    emptyAdvice: "What you write is kept here, on this machine.",
    failed: "The conversations could not be read",
    rename: "Rename",
    renameLabel: "Title of the conversation",
    delete: "Delete",
    export: "Export as Markdown",
    untitled: "Untitled",
    deleted: (title: string) => `Deleted “${title}”`,
    restored: "Restored",
    exported: (path: string) => `Saved to ${path}`,
    keys: "Up and down to move, Enter to open, F2 to rename, Delete to delete",
  },

  days: { today: "Today", yesterday: "Yesterday", week: "Previous 7 days", month: "Previous 30 days" },

  search: {
    label: "Search results",
    running: "Searching…",
    empty: (query: string) => `Nothing found for “${query}”`,
    emptyAdvice: "What was removed from an answer can't be found, here or anywhere.",
    failed: "The search did not work",
    found: (n: number) => count(n, "message found", "messages found"),
  },

  chat: {
    label: "Conversation",
    newTitle: "New chat",
    loading: "Opening the conversation…",
    failed: "This conversation could not be opened",
    welcome: "What would you like to know?",
    welcomeAdvice: "Answers are made on this machine. Listed personal data is removed before you see them.",
    you: "You",
    answer: "Answer",
    reading: "Reading your message…",
    waiting: "Starting…",
    stopping: "Stopping…",
    newest: "Jump to newest",
    stopped: "You stopped this answer.",
    length: "The answer reached the length limit. You can raise it in Settings.",
    interrupted: "This answer was interrupted. What had arrived is kept.",
    regenerate: "Answer again",
    copyMessage: "Copy message",
    previousVariant: "Previous version",
    nextVariant: "Next version",
    variant: (n: number, of: number) => `${n}/${of}`,
    variantLabel: (n: number, of: number) => `Version ${n} of ${of}`,
    tokens: (n: number) => count(n, "token", "tokens"),
    speed: (perSecond: number) => `${decimal.format(perSecond)} tokens/s`,
    copyCode: "Copy code",
    plainCode: "text",
    linkTarget: "Link. Lethe opens nothing; the address is:",
    copyLink: "Copy address",
    image: (alt: string) => (alt ? `Image: ${alt}` : "Image"),
  },

  announce: {
    started: "Answer started",
    finished: "Answer finished",
    stopped: "Answer stopped",
    failed: "The answer failed",
    ready: (model: string) => `${model} is ready`,
  },

  redaction: {
    label: (name: string) => kind(name),
    spoken: "removed: personal data",
    /** As every other part of Lethe writes it. */
    copied: (name: string) => `[removed: ${name}]`,
    what: (name: string) => `${kindSentences[name] ?? "Personal data"} was removed here.`,
    byList: (list: string, entry: string | null) =>
      entry ? `Listed in “${list}”, entry ${entry}.` : `Listed in “${list}”.`,
    byDetector: (name: string) => `Recognised by the ${kind(name)} detector.`,
    notKept: "Lethe does not keep what it removes.",
  },

  composer: {
    label: "Message",
    placeholder: "Write a message",
    send: "Send",
    stop: "Stop",
    noModel: "No model is loaded.",
    loading: "The model is still loading.",
    failed: "The model could not be loaded.",
    busy: "Another conversation is being answered.",
    choose: "Choose a model",
    hint: "Enter to send, Shift+Enter for a new line",
  },

  errors: {
    heading: "The answer could not be made",
    brokenOff: "The answer broke off",
    advice: {
      no_model: "Choose a model in the line below, then try again.",
      model_unusable: "This model can't be used. Choose another one in the line below.",
      engine_died: "Your messages are kept, and the engine starts anew with the next one.",
      busy: "Another answer is being made. Wait for it to end, then try again.",
      not_found: "It may have been deleted. Choose another conversation.",
      bad_input: "Change the message, then try again.",
      store: "Check that the disk is not full and can be written, then try again.",
      filter:
        "No answer is made while a list can't be applied. Open the filter settings to mend or switch off the list.",
      internal: "Try again. If it happens once more, restart Lethe.",
    },
  },

  status: {
    label: "Status",
    none: "No model",
    choose: "Choose a model",
    probing: "Finding the fastest safe settings",
    loading: (model: string, percent: number) => `Loading ${model} ${percent}%`,
    failed: (model: string) => `${model} failed`,
    ready: "ready",
    answering: "answering",
    context: (used: number, size: number) =>
      `${number.format(used)} of ${number.format(size)} tokens of context used`,
    contextShort: (used: number, size: number) => `${compact(used)} / ${compact(size)}`,
    filter: (lists: number, detectors: number) =>
      `${count(lists, "list", "lists")}, ${count(detectors, "detector", "detectors")}`,
    filterOff: "Filter is off",
    filterProblem: "Filter needs attention",
    filterLabel: "Filter settings",
  },

  models: {
    heading: "Models",
    empty: "No models yet",
    choose: "Choose a file…",
    or: "or paste the path of a .gguf file",
    path: "Path of a .gguf file",
    pathPlaceholder: "/path/to/model.gguf",
    import: "Import",
    importing: "Reading the file…",
    imported: (name: string) => `${name} was added`,
    forget: (name: string) => `Forget ${name}`,
    forgot: (name: string) => `${name} was taken off the list. The file is still on the disk.`,
    inUse: "in use",
    size: (bytes: number) => fileSize(bytes),
    context: (tokens: number) => `${compact(tokens)} context`,
    firstHeading: "Choose a model to begin",
    firstBody:
      "A language model is one large file with the ending .gguf. Lethe runs it on this machine: nothing you write leaves it.",
    firstHave: "If you have a model already, import it. It stays where it is.",
    /** Around the command that starts Lethe from its source. */
    firstNone: ["If you have none,", "npm start", "fetches a small starter model by itself."],
    pickHeading: "Choose a model to begin",
    pickBody: "These models are on your disk. Loading one takes a few seconds.",
  },

  filter: {
    heading: "Filter",
    intro: "What is found in an answer is removed before the answer is shown, stored, copied or exported.",
    lists: "Deletion lists",
    listsIntro:
      "Each list names people and data that must not appear in answers. Its entries are not readable here.",
    listsEmpty: "No lists yet. Only the detectors work.",
    listsFailed: "The lists could not be read",
    entries: (n: number) => count(n, "entry", "entries"),
    importedOn: (date: string) => `imported ${date}`,
    toggle: (name: string) => `Use ${name}`,
    removeList: (name: string) => `Remove ${name}`,
    removed: (name: string) => `${name} was removed`,
    confirmRemove: "Remove this list?",
    imported: (name: string) => `${name} is in use`,
    choose: "Import a list…",
    or: "or paste the path of a list file",
    path: "Path of a list file",
    pathPlaceholder: "/path/to/people.jsonl",
    import: "Import",
    detectors: "Detectors",
    detectorsIntro: "They recognise data by its form, without a list.",
    detector: {
      email: { name: "E-mail addresses", why: "Any address such as name@example.org." },
      iban: { name: "Bank account numbers", why: "IBANs whose check digits are right." },
      ip: { name: "IP addresses", why: "Version 4 and version 6." },
      phone: { name: "Phone numbers", why: "International, and as written in CH, LI, DE, AT, FR and IT." },
      card: { name: "Payment cards", why: "Card numbers whose check digit is right." },
      ahv: { name: "AHV numbers", why: "Swiss social security numbers whose check digit is right." },
      national_id: {
        name: "National ids",
        why: "Tax and social security numbers of DE, FR, IT, AT, UK and US.",
      },
    },
    test: "Try it",
    testIntro: "What would be removed from this text? It is not stored.",
    testLabel: "Text to try the filter on",
    testPlaceholder: "Paste or write a text",
    testNothing: "Nothing would be removed.",
    testSome: (n: number) => count(n, "place would be removed.", "places would be removed."),
  },

  settings: {
    heading: "Settings",
    sections: {
      appearance: "Appearance",
      behaviour: "Model behaviour",
      filter: "Filter",
      privacy: "Privacy & storage",
    },
    saved: "Saved",
    failed: "The settings could not be saved",
    theme: "Theme",
    themes: { system: "System", light: "Light", dark: "Dark" },
    themeWhy: "System follows the setting of your desktop.",
    automatic: "Automatic",
    applies:
      "Changes apply to the next answer. A new context size or number of threads loads the model again.",
    resetAll: "Reset all",
    fields: {
      systemPrompt: {
        name: "System prompt",
        why: "An instruction the model reads before every conversation.",
      },
      temperature: {
        name: "Temperature",
        why: "Higher is more varied, lower more predictable; 0 always takes the likeliest word.",
      },
      topP: { name: "Top p", why: "Considers only the likeliest words that together reach this share." },
      topK: { name: "Top k", why: "Considers only this many of the likeliest words; 0 for no limit." },
      minP: { name: "Min p", why: "Drops words less likely than this share of the likeliest one." },
      repeatPenalty: { name: "Repeat penalty", why: "Above 1 makes words that were just used less likely." },
      seed: {
        name: "Seed",
        why: "The same number gives the same answer again; empty for a new one each time.",
      },
      maxTokens: {
        name: "Longest answer",
        why: "In tokens, about three quarters of a word each; empty for as long as the context allows.",
      },
      contextSize: {
        name: "Context size",
        why: "How many tokens the model can see at once; more needs more memory.",
      },
      threads: {
        name: "Threads",
        why: "How many processor cores work on an answer; empty for the best number.",
      },
    },
    resetField: (name: string) => `Reset ${name}`,
    outOfRange: (min: number, max: number) => `Between ${number.format(min)} and ${number.format(max)}`,
    privacy: {
      network: "Network",
      networkBody: "Your messages and the answers stay on this machine.",
      place: "Where your data is",
      copyPlace: "Copy path",
      protection: "Protection",
      encryptedKeychain: "Encrypted. The key is in the keychain of your system.",
      encryptedFile:
        "Encrypted. This system has no keychain, so the key is in a file that only your user account may read.",
      encrypted: "Encrypted.",
      notEncrypted: "Not encrypted. Whoever can read your files can read your conversations.",
      kept: "What is kept",
      keptBody:
        "Your own words, as you typed them, and the answers as you see them. What was removed from an answer is not kept.",
      version: "Version",
    },
  },

  palette: {
    label: "Commands",
    placeholder: "Type a command, a conversation or a model",
    empty: "No such command",
    groups: { commands: "Commands", conversations: "Conversations", models: "Models" },
    newChat: "New chat",
    search: "Search in conversations",
    settings: "Open settings",
    filter: "Filter settings",
    copyLast: "Copy the last answer",
    regenerate: "Answer again",
    stop: "Stop the answer",
    rename: "Rename this conversation",
    export: "Export this conversation as Markdown",
    delete: "Delete this conversation",
    sidebar: "Show or hide the sidebar",
    shortcuts: "Keyboard shortcuts",
    theme: (name: string) => `Theme: ${name}`,
    useModel: (name: string) => `Use ${name}`,
  },

  shortcuts: {
    heading: "Keyboard shortcuts",
    palette: "Commands",
    newChat: "New chat",
    search: "Search",
    settings: "Settings",
    copyLast: "Copy the last answer",
    help: "This list",
    send: "Send",
    newline: "New line",
    escape: "Stop the answer, or leave what is open",
    move: "Move in the list of conversations",
    rename: "Rename the conversation in focus",
    delete: "Delete the conversation in focus",
  },
} as const;

/** 4096 -> "4.1k": for the gauge, where the exact number is in the label. */
export function compact(n: number): string {
  if (n < 1000) return String(n);
  const thousands = n / 1000;
  return `${thousands < 10 ? thousands.toFixed(1).replace(/\.0$/, "") : Math.round(thousands)}k`;
}

export function fileSize(bytes: number): string {
  if (bytes >= 1e9) return `${decimal.format(bytes / 1e9)} GB`;
  if (bytes >= 1e6) return `${number.format(Math.round(bytes / 1e6))} MB`;
  return `${number.format(Math.max(1, Math.round(bytes / 1e3)))} kB`;
}

export function shortDate(time: number): string {
  return new Date(time).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}
