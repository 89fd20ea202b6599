// Which page is shown, and what is open on the screen besides it: sidebar, dialogs, the popover, toasts, and what a screen reader is told.
import { text } from "../text/en";

export type Dialog =
  | "settings"
  | "palette"
  | "shortcuts"
  | "receipt"
  | "model"
  | "weights"
  | "inspection"
  | "deletion"
  | "fit"
  | "network"
  | "remote";
/** What stands in the place of the conversation. */
export type Page = "chat" | "models";
export type ModelsTab = "machine" | "get" | "search" | "downloads";
export type SettingsSection = keyof typeof text.settings.sections;

export type Popover =
  | { type: "removed"; anchor: HTMLElement; kind: string; list: string | null; entry: string | null }
  | { type: "link"; anchor: HTMLElement; target: string };

export type Toast = {
  id: number;
  level: "info" | "error";
  message: string;
  action?: { label: string; run: () => void };
};

/** Below this width the sidebar lies over the page instead of beside it. */
export const NARROW = 760;
const TOAST_SECONDS = 4;
const ERROR_TOAST_SECONDS = 9;

export class View {
  narrow = $state(false);
  sidebarOpen = $state(true);
  page = $state<Page>("chat");
  tab = $state<ModelsTab>("machine");
  dialog = $state<Dialog | null>(null);
  section = $state<SettingsSection>("appearance");
  modelsOpen = $state(false);
  contextOpen = $state(false);
  popover = $state.raw<Popover | null>(null);
  toasts = $state.raw<Toast[]>([]);
  announcement = $state("");
  /** Raised to ask the search field, or the composer, to take the focus. */
  searchFocus = $state(0);
  composerFocus = $state(0);

  #nextToast = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  fit(width: number): void {
    const narrow = width < NARROW;
    if (narrow !== this.narrow) {
      this.narrow = narrow;
      this.sidebarOpen = !narrow;
    }
  }

  openSettings(section: SettingsSection = "appearance"): void {
    this.section = section;
    this.modelsOpen = false;
    this.dialog = "settings";
  }

  openModels(tab: ModelsTab = "machine"): void {
    this.tab = tab;
    this.modelsOpen = false;
    this.dialog = null;
    this.page = "models";
    this.leaveSidebar();
  }

  focusSearch(): void {
    this.dialog = null;
    this.sidebarOpen = true;
    this.searchFocus += 1;
  }

  focusComposer(): void {
    this.page = "chat";
    this.composerFocus += 1;
  }

  /** After a choice in a sidebar that lies over the page. */
  leaveSidebar(): void {
    if (this.narrow) this.sidebarOpen = false;
  }

  explain(pill: HTMLElement): void {
    const { kind = "text", list = null, entry = null } = pill.dataset;
    this.popover = { type: "removed", anchor: pill, kind, list, entry };
  }

  showLink(anchor: HTMLElement, target: string): void {
    this.popover = { type: "link", anchor, target };
  }

  /** Leaves an explanation, which needs no answer; a link's popover holds a button and stays. */
  leavePopover(): void {
    if (this.popover?.type === "removed") this.popover = null;
  }

  closePopover(): void {
    if (this.popover?.type === "link" && this.popover.anchor.isConnected) this.popover.anchor.focus();
    this.popover = null;
  }

  async copy(value: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(value);
      this.toast(text.general.copied);
    } catch {
      this.toast(text.general.copyRefused, { level: "error" });
    }
  }

  toast(
    message: string,
    options: { level?: Toast["level"]; action?: Toast["action"]; seconds?: number } = {},
  ): number {
    const { level = "info", action } = options;
    const seconds = options.seconds ?? (level === "error" ? ERROR_TOAST_SECONDS : TOAST_SECONDS);
    const id = this.#nextToast++;
    this.toasts = [...this.toasts, { id, level, message, ...(action && { action }) }];
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), seconds * 1000),
    );
    return id;
  }

  fail(error: { message: string }): void {
    this.toast(error.message, { level: "error" });
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  announce(message: string): void {
    // The same words twice are announced once unless the text changes in between.
    this.announcement = this.announcement === message ? `${message}\u200b` : message;
  }
}
