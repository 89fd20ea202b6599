// What happens when something inside a set text is pointed at, focused or pressed: pills explain themselves, links show
// where they would lead, code can be copied.
import type { View } from "../state/view.svelte";

export function touch(root: HTMLElement, view: View): () => void {
  const listeners = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    handle: (event: HTMLElementEventMap[K]) => void,
  ) => root.addEventListener(type, handle, { signal: listeners.signal });

  const explain = (event: Event) => {
    const pill = closest(event, ".pill");
    if (pill) view.explain(pill);
  };
  const forget = (event: Event) => {
    if (closest(event, ".pill")) view.leavePopover();
  };

  on("mouseover", explain);
  on("focusin", explain);
  on("mouseout", forget);
  on("focusout", forget);
  on("click", (event) => press(event, view));
  on("keydown", (event) => {
    const target = event.target as HTMLElement;
    if ((event.key === "Enter" || event.key === " ") && target.matches("a, .pill")) {
      event.preventDefault();
      press(event, view);
    }
  });
  return () => listeners.abort();
}

function press(event: Event, view: View): void {
  const pill = closest(event, ".pill");
  if (pill) return view.explain(pill);

  const copy = closest(event, ".code-copy");
  if (copy) {
    // The element's own text holds "[removed: …]" where a pill stands, so it is what a copy should yield.
    const code = copy.closest(".code")?.querySelector("code")?.textContent ?? "";
    return void view.copy(code.replace(/\n$/, ""));
  }

  const link = closest(event, "a");
  if (link) {
    event.preventDefault();
    view.showLink(link, link.dataset["target"] ?? "");
  }
}

function closest(event: Event, selector: string): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
}
