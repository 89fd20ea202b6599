// One conversation on the screen, and the answer being made in it.
//
// Text may arrive some sixty times a second. It is gathered and applied with one change of state per frame; only the entry
// of the growing answer changes, so nothing else on the page is touched.
import type {
  ApiError,
  ChatEvent,
  Conversation,
  ConversationId,
  Message,
  MessageId,
  PromptMeasure,
  Segment,
} from "../api/types";

/** A message with an identity of its own: the list of entries stays the same while an answer grows. */
export class Entry {
  readonly id: number;
  message = $state.raw() as Message;

  constructor(message: Message) {
    this.id = message.id;
    this.message = message;
  }
}

export type Run = {
  /** Prompt tokens read so far, until the first text arrives. */
  reading: { done: number; total: number } | null;
  tokensPerS: number;
  contextUsed: number;
  contextSize: number;
  stopping: boolean;
};

/** The id that the user's words have before the store has given them one. */
const PROVISIONAL = -1;
/** A hidden window gets no frames; its text is applied this often, in milliseconds. */
const HIDDEN_FRAME = 250;

export class Chat {
  id = $state<ConversationId | null>(null);
  title = $state("");
  phase = $state<"loading" | "ready" | "failed">("ready");
  /** Why the conversation could not be opened, or why the last answer failed. */
  error = $state.raw<ApiError | null>(null);
  entries = $state.raw<Entry[]>([]);
  run = $state.raw<Run | null>(null);
  notices = $state.raw<string[]>([]);
  draft = $state("");
  /** Whether the model is asked to think before it answers. */
  deliberation = $state(false);
  /** The first message that the prompt still holds; null: it holds all. */
  promptFrom = $state<MessageId | null>(null);
  /** What the prompt would take with the draft, as last counted; null while that is not known. */
  measure = $state.raw<PromptMeasure | null>(null);
  /** What was asked for last: trying again asks for the same. */
  asked = $state<"answer" | "summary">("answer");

  readonly last = $derived(this.entries.at(-1));
  readonly lastStats = $derived(this.entries.findLast(({ message }) => message.stats)?.message.stats ?? null);
  readonly lastAnswer = $derived(
    this.entries.findLast(({ message }) => message.role === "assistant" && !message.summary),
  );
  /** Messages above the first one that the prompt still holds. */
  readonly left = $derived(
    Math.max(
      0,
      this.entries.findIndex(({ id }) => id === this.promptFrom),
    ),
  );

  /** Resolves when the answer being made has ended on the screen. */
  ended: Promise<void> = Promise.resolve();

  #live: Entry | null = null;
  #resolveEnded = () => {};
  #pending: Segment[] = [];
  #pendingThinking: Segment[] = [];
  #progress: Partial<Run> = {};
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: ConversationId | null, draft = "") {
    this.id = id;
    this.draft = draft;
    if (id !== null) this.phase = "loading";
  }

  show(conversation: Conversation): void {
    this.title = conversation.title;
    this.deliberation = conversation.deliberation;
    this.promptFrom = conversation.promptFrom;
    const known = new Map(this.entries.map((entry) => [entry.id, entry]));
    this.entries = conversation.messages.map((message) => {
      const entry = known.get(message.id);
      if (entry) entry.message = message;
      return entry ?? new Entry(message);
    });
    this.phase = "ready";
    this.error = null;
  }

  /** An answer was asked for. The user's words are shown at once, though the store has not confirmed them yet. */
  begin(words: string | null, asked: Chat["asked"] = "answer"): void {
    this.error = null;
    this.notices = [];
    this.measure = null;
    this.asked = asked;
    this.run = { reading: null, tokensPerS: 0, contextUsed: 0, contextSize: 0, stopping: false };
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    if (words !== null) this.entries = [...this.entries, new Entry(provisional(words))];
  }

  handle(event: ChatEvent): void {
    switch (event.type) {
      case "started":
        return this.#start(event);
      case "reading":
        this.#progress = { ...this.#progress, reading: { done: event.done, total: event.total } };
        return this.#schedule();
      case "text":
        this.#pending.push(...event.segments);
        this.#pendingThinking.push(...event.thinking);
        this.#progress = {
          reading: null,
          tokensPerS: event.tokensPerS,
          contextUsed: event.contextUsed,
          contextSize: event.contextSize,
        };
        return this.#schedule();
      case "redrawn":
        return this.#redraw(event);
      case "notice":
        this.notices = [...this.notices, event.text];
        return;
      case "finished":
        if (event.conversation) this.title = event.conversation.title;
        if (isUsable(event.message)) this.promptFrom = event.message.id;
        return this.#end(event.message);
      case "failed":
        this.error = event.error;
        return this.#end(event.message);
    }
  }

  /** The command ended without an event that says so: nothing is left running on the screen. */
  settle(error: ApiError | null): void {
    if (!this.run) return;
    if (error) this.error = error;
    this.#end(this.#live?.message ?? null);
  }

  /** Takes back what `begin` showed, and returns the words for the composer. */
  takeBack(): string | null {
    const entry = this.entries.find(({ id }) => id === PROVISIONAL);
    if (!entry) return null;
    this.entries = this.entries.filter((other) => other !== entry);
    return entry.message.segments.map((segment) => (segment.type === "text" ? segment.text : "")).join("");
  }

  #start({ conversation, user, answer }: Extract<ChatEvent, { type: "started" }>): void {
    this.id = conversation.id;
    this.title = conversation.title;
    this.#live = new Entry(answer);
    let kept = this.entries.filter(({ id }) => id !== PROVISIONAL);
    // Without words of the user this is a summary, or another version of the last answer, and takes its place.
    if (user === null && !answer.summary && kept.at(-1)?.message.role === "assistant")
      kept = kept.slice(0, -1);
    this.entries = [...kept, ...(user ? [new Entry(user)] : []), this.#live];
  }

  /** Lists have changed: what was shown of the answer goes, together with what waits to be shown. */
  #redraw({ thinking, segments }: Extract<ChatEvent, { type: "redrawn" }>): void {
    this.#apply();
    if (this.#live) this.#live.message = { ...this.#live.message, thinking, segments };
  }

  #schedule(): void {
    if (this.#frame !== undefined) return;
    const apply = () => this.#apply();
    this.#frame = requestAnimationFrame(apply);
    this.#timer = setTimeout(apply, HIDDEN_FRAME);
  }

  #apply(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = undefined;
    if (this.run) this.run = { ...this.run, ...this.#progress };
    this.#progress = {};
    if (this.#live && this.#pending.length + this.#pendingThinking.length > 0) {
      const { message } = this.#live;
      this.#live.message = {
        ...message,
        segments: append(message.segments, this.#pending),
        thinking: append(message.thinking, this.#pendingThinking),
      };
    }
    this.#pending = [];
    this.#pendingThinking = [];
  }

  #end(message: Message | null): void {
    this.#apply();
    const live = this.#live;
    if (live) {
      if (message)
        live.message = message.state === "streaming" ? { ...message, state: "interrupted" } : message;
      else this.entries = this.entries.filter((entry) => entry !== live);
    }
    this.#live = null;
    this.run = null;
    this.#resolveEnded();
  }
}

/** A summary that came to its end: the model goes on from it. */
export function isUsable({ summary, state }: Message): boolean {
  return summary && (state === "complete" || state === "length");
}

/** Neighbouring runs of text become one, so that a long answer is a few segments and not thousands. */
export function append(segments: readonly Segment[], more: readonly Segment[]): Segment[] {
  const result = [...segments];
  for (const segment of more) {
    const last = result.at(-1);
    if (segment.type === "text" && last?.type === "text") {
      result[result.length - 1] = { type: "text", text: last.text + segment.text };
    } else {
      result.push(segment);
    }
  }
  return result;
}

function provisional(words: string): Message {
  return {
    id: PROVISIONAL,
    role: "user",
    segments: [{ type: "text", text: words }],
    thinking: [],
    summary: false,
    state: "complete",
    createdAt: 0,
    variant: 1,
    variants: 1,
    model: null,
    stats: null,
    note: null,
  };
}
