// Whether the view of a conversation keeps to its end, and who may change that.
//
// Only the reader may: by wheel, touch, keys, the scrollbar, a selection that is drawn past the edge, or a step of the focus
// to something above. A position that changes by itself says nothing: the list corrects its estimates of heights upwards
// and downwards, and an answer grows below. So the view that follows is put back to the end after every such change, and
// the view of a reader who went elsewhere is never moved. Coming back to the end, by the same means, follows again.

/** How near to the end, in pixels, still counts as being there. */
const NEAR = 48;
/** After this many frames in which nothing changed its size, a movement is nobody's correction any more. */
const SETTLED_AFTER = 3;

const UP = new Set(["ArrowUp", "PageUp", "Home"]);
const DOWN = new Set(["ArrowDown", "PageDown", "End"]);
/** Where keys edit a text, or the space bar presses something. */
const OWN_KEYS = "input, textarea, select, [contenteditable]";
const PRESSED = "button, a, summary, [role=button]";

type Direction = "up" | "down" | null;

export class Follow {
  /** Whether the view keeps to the end. */
  following = $state(true);

  readonly #growing: () => boolean;
  readonly #observer = new ResizeObserver(() => this.resized());
  #scroller: HTMLElement | undefined;
  #offset = 0;
  /** Where the reader goes; kept, because a wheel's movement goes on after its last event. */
  #wish: Direction = null;
  #onScrollbar = false;
  #touchedAt: number | null = null;
  #restless = 0;
  #frame = 0;

  /** `growing` tells whether an answer is being written. */
  constructor(growing: () => boolean) {
    this.#growing = growing;
  }

  /** Watches the scroller and its content until the function that it gives back is called. */
  watch(scroller: HTMLElement): () => void {
    this.#scroller = scroller;
    this.#offset = scroller.scrollTop;
    const listeners = new AbortController();
    const { signal } = listeners;
    const passive = { signal, passive: true };
    scroller.addEventListener("scroll", () => this.#scrolled(), passive);
    scroller.addEventListener("wheel", (event) => this.#wheel(event), passive);
    scroller.addEventListener("keydown", (event) => this.#key(event), { signal });
    scroller.addEventListener("focusin", (event) => this.#focus(event), { signal });
    scroller.addEventListener("touchstart", (event) => this.#touch(event), passive);
    scroller.addEventListener("touchmove", (event) => this.#touch(event), passive);
    scroller.addEventListener("pointerdown", (event) => this.#press(event), passive);
    window.addEventListener("pointermove", (event) => this.#drag(event), passive);
    for (const end of ["pointerup", "pointercancel", "blur"] as const) {
      window.addEventListener(end, () => (this.#onScrollbar = false), passive);
    }
    // The scroller as well: a lower window or a higher composer covers the end just as a growing answer does.
    this.#observer.observe(scroller);
    for (const child of scroller.children) this.#observer.observe(child);
    return () => {
      listeners.abort();
      this.#observer.disconnect();
      cancelAnimationFrame(this.#frame);
      this.#frame = 0;
      this.#scroller = undefined;
    };
  }

  /**
   * Watches a message as well, until the function that it gives back is called. The list gives its content the new height
   * one frame after a message has grown; by then the old end has been drawn.
   */
  watchMessage(message: HTMLElement): () => void {
    this.#observer.observe(message);
    return () => this.#observer.unobserve(message);
  }

  /** From now on the end is kept in view, wherever the view was. */
  begin(): void {
    this.following = true;
    this.#wish = null;
    this.resized();
  }

  /** The view was led elsewhere, by a search hit for example. */
  leave(): void {
    this.following = false;
    this.#wish = null;
  }

  /** Something has changed its size. */
  resized(): void {
    this.#toEnd();
    this.#restless = SETTLED_AFTER;
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#rest());
  }

  #rest(): void {
    this.#restless -= 1;
    this.#frame = this.#restless > 0 ? requestAnimationFrame(() => this.#rest()) : 0;
  }

  #toEnd(): void {
    const scroller = this.#scroller;
    if (!this.following || !scroller) return;
    scroller.scrollTop = scroller.scrollHeight;
    this.#offset = scroller.scrollTop;
  }

  #distance(): number {
    const scroller = this.#scroller;
    return scroller ? scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight : 0;
  }

  #scrolled(): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const moved = scroller.scrollTop - this.#offset;
    this.#offset = scroller.scrollTop;
    if (this.#onScrollbar && moved !== 0) this.#wants(moved < 0 ? "up" : "down");
    else if (this.#wish === "down") this.#wants("down");
    if (!this.following || this.#distance() <= 1) return;
    // Nobody's wish is known. Long after anything changed its size it was one all the same, of a program that reads the
    // screen aloud for example; otherwise it was a correction.
    const correction = this.#growing() || this.#restless > 0;
    if (correction) this.#toEnd();
    else if (moved < 0 && this.#distance() >= NEAR) this.leave();
  }

  #wants(direction: Direction): void {
    this.#wish = direction;
    if (direction === "up" && (this.#scroller?.scrollTop ?? 0) + this.#distance() > 0) this.following = false;
    else if (direction === "down" && this.#distance() < NEAR) this.following = true;
  }

  #wheel(event: WheelEvent): void {
    // With Ctrl it changes the size of the page, with Shift it goes sideways.
    if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
    const direction = event.deltaY < 0 ? "up" : "down";
    if (!this.#takenInside(event.target, direction)) this.#wants(direction);
  }

  /** Whether something that scrolls by itself lies between and can still go that way. */
  #takenInside(target: EventTarget | null, direction: Direction): boolean {
    let element = target instanceof Element ? target : null;
    for (; element && element !== this.#scroller; element = element.parentElement) {
      const room = element.scrollHeight - element.clientHeight;
      if (room <= 1 || !/auto|scroll/.test(getComputedStyle(element).overflowY)) continue;
      if (direction === "up" ? element.scrollTop > 0 : element.scrollTop < room - 1) return true;
    }
    return false;
  }

  #key(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    if (event.defaultPrevented || target?.matches(OWN_KEYS)) return;
    if (UP.has(event.key) || (event.key === " " && event.shiftKey && !target?.matches(PRESSED)))
      this.#wants("up");
    else if (DOWN.has(event.key) || (event.key === " " && !target?.matches(PRESSED))) this.#wants("down");
  }

  /** The page shows what gets the focus: where that lies above the view, the reader goes there. */
  #focus(event: FocusEvent): void {
    const scroller = this.#scroller;
    if (!scroller || event.target === scroller || !(event.target instanceof Element)) return;
    if (event.target.getBoundingClientRect().top < scroller.getBoundingClientRect().top) this.#wants("up");
  }

  #touch(event: TouchEvent): void {
    const at = event.touches[0]?.clientY ?? null;
    const moved =
      at === null || this.#touchedAt === null || event.type === "touchstart" ? 0 : at - this.#touchedAt;
    this.#touchedAt = at;
    // The page follows the finger, so a finger that goes down leads up.
    if (moved !== 0) this.#wants(moved > 0 ? "up" : "down");
  }

  #press(event: PointerEvent): void {
    // Nothing of the scroller itself can be met but its scrollbar: the content is as wide and as high.
    this.#onScrollbar = event.target === this.#scroller;
  }

  #drag(event: PointerEvent): void {
    const scroller = this.#scroller;
    if (event.buttons === 0) this.#onScrollbar = false;
    if (event.buttons === 0 || !scroller || this.#onScrollbar || !this.#selects(scroller)) return;
    const { top, bottom } = scroller.getBoundingClientRect();
    if (event.clientY < top) this.#wants("up");
    else if (event.clientY > bottom) this.#wants("down");
  }

  /** Whether a text in here is being selected: past the edge the page scrolls after it. */
  #selects(scroller: HTMLElement): boolean {
    const selection = scroller.ownerDocument.getSelection();
    return selection?.type === "Range" && scroller.contains(selection.anchorNode);
  }
}
