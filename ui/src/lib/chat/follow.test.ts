// The view keeps to the end until the reader goes elsewhere, and only the reader can.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Follow } from "./follow.svelte";

const HEIGHT = 400;

let resize: () => void = () => {};
let frames: (() => void)[] = [];
let stop: () => void = () => {};
let watched: Element[] = [];
let answering = true;

beforeEach(() => {
  frames = [];
  watched = [];
  answering = true;
  class Observer {
    constructor(changed: () => void) {
      resize = changed;
    }
    observe = (element: Element) => void watched.push(element);
    unobserve = (element: Element) => (watched = watched.filter((other) => other !== element));
    disconnect = () => {};
  }
  vi.stubGlobal("ResizeObserver", Observer);
  vi.stubGlobal("requestAnimationFrame", (frame: () => void) => frames.push(frame));
});

afterEach(() => {
  stop();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

/** A scroller that knows its heights, as a laid out one does. */
class Page {
  readonly element = document.createElement("div");
  readonly content = document.createElement("div");
  readonly link = document.createElement("a");
  readonly follow = new Follow(() => answering);
  height = 2000;
  room = HEIGHT;
  #top = 0;

  constructor() {
    const define = (name: string, get: () => number, set?: (value: number) => void) =>
      Object.defineProperty(this.element, name, { get, set });
    define("scrollHeight", () => this.height);
    define("clientHeight", () => this.room);
    define(
      "scrollTop",
      () => this.#top,
      (top) => (this.#top = Math.max(0, Math.min(top, this.height - this.room))),
    );
    this.content.append(this.link);
    this.element.append(this.content);
    document.body.append(this.element);
    stop = this.follow.watch(this.element);
    this.follow.begin();
  }

  get distance() {
    return this.height - this.#top - this.room;
  }

  /** The position changes: by the browser after an input, or by the list that corrects an estimate. */
  move(by: number) {
    this.element.scrollTop = this.#top + by;
    this.element.dispatchEvent(new Event("scroll"));
  }

  grow(by: number) {
    this.height += by;
    resize();
  }

  send(event: Event, target: Element = this.content) {
    target.dispatchEvent(event);
  }
}

/** The frames of a page on which nothing changes its size. */
function settle() {
  for (let frame = frames.shift(); frame; frame = frames.shift()) frame();
}

const wheel = (deltaY: number, more: WheelEventInit = {}) =>
  new WheelEvent("wheel", { deltaY, bubbles: true, ...more });
const key = (name: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
const pointer = (type: string, more: PointerEventInit = {}) =>
  new MouseEvent(type, { bubbles: true, buttons: 1, ...more });
const touch = (type: string, clientY: number) =>
  Object.assign(new Event(type, { bubbles: true }), { touches: [{ clientY }] });

describe("keeps to the end", () => {
  it.each([-109, -3, -700, 90])("a_list_that_corrects_its_estimate_by_%d_does_not_end_it", (by) => {
    const page = new Page();
    page.grow(600);
    page.move(by);
    expect(page.follow.following).toBe(true);
    expect(page.distance).toBe(0);
  });

  it("a_correction_after_the_answer_has_ended_does_not_end_it", () => {
    const page = new Page();
    answering = false;
    page.grow(-200);
    page.move(-150);
    expect(page.distance).toBe(0);
    expect(page.follow.following).toBe(true);
  });

  it("a_lower_window_keeps_the_end_in_view", () => {
    const page = new Page();
    expect(watched).toContain(page.element);
    page.room = 150;
    resize();
    expect(page.distance).toBe(0);
  });

  it("a_message_that_grows_is_followed_in_the_same_frame", () => {
    const page = new Page();
    const forget = page.follow.watchMessage(page.link);
    expect(watched).toContain(page.link);
    page.grow(300);
    expect(page.distance).toBe(0);
    forget();
    expect(watched).not.toContain(page.link);
  });

  it.each<[string, (page: Page) => Event]>([
    ["zooming", () => wheel(-120, { ctrlKey: true })],
    ["scrolling_sideways", () => wheel(-120, { shiftKey: true })],
    ["a_wheel_without_a_height", () => wheel(0)],
    ["a_key_that_scrolls_nothing", () => key("a")],
    ["a_click_on_the_text", () => pointer("pointerdown")],
  ])("%s_does_not_end_it", (_name, event) => {
    const page = new Page();
    page.send(event(page));
    page.grow(300);
    expect(page.follow.following).toBe(true);
    expect(page.distance).toBe(0);
  });

  it("a_wheel_over_something_that_scrolls_by_itself_does_not_end_it", () => {
    const page = new Page();
    const inner = document.createElement("div");
    inner.style.overflowY = "auto";
    Object.defineProperties(inner, { scrollHeight: { value: 900 }, clientHeight: { value: 100 } });
    inner.scrollTop = 50;
    page.content.append(inner);
    page.send(wheel(-120), inner);
    expect(page.follow.following).toBe(true);
    inner.scrollTop = 0;
    page.send(wheel(-120), inner);
    expect(page.follow.following).toBe(false);
  });

  it("a_wheel_where_nothing_can_scroll_does_not_end_it", () => {
    const page = new Page();
    page.height = HEIGHT;
    page.element.scrollTop = 0;
    page.send(wheel(-120));
    expect(page.follow.following).toBe(true);
  });
});

/** How a reader goes up, and how down again. */
const WAYS: [name: string, up: (page: Page) => void, down: (page: Page) => void][] = [
  ["wheel", (page) => page.send(wheel(-120)), (page) => page.send(wheel(120))],
  ["arrow keys", (page) => page.send(key("ArrowUp")), (page) => page.send(key("ArrowDown"))],
  ["page keys", (page) => page.send(key("PageUp")), (page) => page.send(key("PageDown"))],
  ["home and end", (page) => page.send(key("Home")), (page) => page.send(key("End"))],
  ["space bar", (page) => page.send(key(" ", { shiftKey: true })), (page) => page.send(key(" "))],
  [
    "scrollbar",
    (page) => page.send(pointer("pointerdown"), page.element),
    (page) => page.send(pointer("pointerdown"), page.element),
  ],
  [
    "touch",
    (page) => [touch("touchstart", 100), touch("touchmove", 140)].forEach((event) => page.send(event)),
    (page) => [touch("touchstart", 100), touch("touchmove", 60)].forEach((event) => page.send(event)),
  ],
];

describe("follows the reader", () => {
  it.each(WAYS)("who leaves and comes back by %s", (_name, up, down) => {
    const page = new Page();
    up(page);
    page.move(-500);
    expect(page.follow.following).toBe(false);
    const top = page.element.scrollTop;
    page.grow(700);
    page.grow(1);
    expect(page.element.scrollTop, "a reader who went away is not moved").toBe(top);

    document.body.dispatchEvent(pointer("pointerup"));
    down(page);
    page.move(5000);
    expect(page.follow.following).toBe(true);
    page.grow(300);
    expect(page.distance).toBe(0);
  });

  it("a_small_step_up_is_enough_and_is_not_taken_back", () => {
    const page = new Page();
    page.send(wheel(-4));
    page.move(-4);
    page.grow(100);
    expect(page.distance).toBe(104);
  });

  it("a_correction_near_the_end_does_not_call_the_reader_back", () => {
    const page = new Page();
    page.send(wheel(-120));
    page.move(-60);
    page.move(30);
    page.grow(100);
    expect(page.follow.following).toBe(false);
  });

  it("a_selection_that_is_drawn_past_the_edge_is_a_wish", () => {
    const page = new Page();
    page.link.textContent = "text";
    document.getSelection()?.selectAllChildren(page.link);
    page.send(pointer("pointermove", { clientY: -20 }));
    expect(page.follow.following).toBe(false);
  });

  it("a_focus_above_the_view_is_a_wish_and_one_within_it_is_none", () => {
    const page = new Page();
    page.link.getBoundingClientRect = () => new DOMRect(0, 10, 10, 10);
    page.send(new FocusEvent("focusin", { bubbles: true }), page.link);
    expect(page.follow.following).toBe(true);
    page.link.getBoundingClientRect = () => new DOMRect(0, -900, 10, 10);
    page.send(new FocusEvent("focusin", { bubbles: true }), page.link);
    expect(page.follow.following).toBe(false);
  });

  it("a_program_that_scrolls_a_page_at_rest_is_heard", () => {
    const page = new Page();
    answering = false;
    settle();
    page.move(-600);
    expect(page.follow.following).toBe(false);
    expect(page.distance).toBe(600);
  });

  it("a_new_question_follows_again", () => {
    const page = new Page();
    page.send(wheel(-120));
    page.move(-600);
    page.follow.begin();
    expect(page.distance).toBe(0);
    page.grow(500);
    expect(page.distance).toBe(0);
  });
});
