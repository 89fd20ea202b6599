// The banner above the conversation and the words in the status line: what each state of the filter looks like.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FilterStatus } from "../api/types";
import InSession from "../chat/InSession.test.svelte";
import { fakeClient, filterStatus } from "../state/fake";
import { Session } from "../state/session.svelte";
import StatusLine from "../status/StatusLine.svelte";
import FilterBanner from "./FilterBanner.svelte";

const NOW = new Date(2026, 6, 24, 12).getTime();
const DAY = 24 * 60 * 60 * 1000;

function show(component: unknown, part: Partial<FilterStatus>) {
  const session = new Session(fakeClient().client);
  session.app.filter = filterStatus(part);
  render(InSession, { props: { session, component, props: {} } as never });
  const change = (next: Partial<FilterStatus>) => {
    session.app.handle({ type: "filter", filter: filterStatus(next) });
    flushSync();
  };
  return { session, change };
}

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

describe("the banner", () => {
  const shown = () => screen.queryByTestId("filter-banner");

  it("is_not_there_while_all_is_well", () => {
    show(FilterBanner, {});
    expect(shown()).toBeNull();
  });

  it("of_a_warning_is_calm_and_leads_to_the_filter_page", async () => {
    const { session } = show(FilterBanner, { warning: "A list is seven months old." });
    expect(shown()?.getAttribute("role")).toBe("status");
    expect(shown()?.textContent).toContain("A list is seven months old.");
    await fireEvent.click(screen.getByRole("button", { name: "Open the filter page" }));
    expect([session.view.dialog, session.view.section]).toEqual(["settings", "filter"]);
  });

  it("of_a_warning_is_dismissed_until_there_is_another_one", async () => {
    const { change } = show(FilterBanner, { warning: "A list is old." });
    await fireEvent.click(screen.getByRole("button", { name: "Dismiss until the next start" }));
    expect(shown()).toBeNull();
    change({ warning: "A list is old.", entries: 11 });
    expect(shown(), "the same words were dismissed").toBeNull();
    change({ warning: "A source fails." });
    expect(shown()?.textContent).toContain("A source fails.");
  });

  it("of_a_problem_is_louder_takes_the_warning's_place_and_stays", () => {
    show(FilterBanner, { problem: "Nothing is answered.", warning: "A list is old." });
    expect(shown()?.getAttribute("role")).toBe("alert");
    expect(shown()?.textContent).toContain("Nothing is answered.");
    expect(shown()?.textContent).not.toContain("A list is old.");
    expect(screen.queryByTestId("filter-banner-dismiss")).toBeNull();
  });
});

describe("the status line says", () => {
  const words = () => screen.getByTestId("filter-state").textContent?.trim();

  it.each<[Partial<FilterStatus>, string]>([
    [{ lists: 2, checkedAt: NOW }, "2 lists, checked today"],
    [{ lists: 1, checkedAt: NOW - DAY }, "1 list, checked yesterday"],
    [{ lists: 1, checkedAt: NOW - 215 * DAY }, "1 list, checked 7 months ago"],
    [{ lists: 2, checkedAt: null }, "2 lists, 1 detector"],
    [{ lists: 0, checkedAt: NOW }, "0 lists, 1 detector"],
    [{ lists: 0, detectors: [] }, "Filter is off"],
    [{ lists: 2, checkedAt: NOW, problem: "x" }, "Filter needs attention"],
  ])("%j: %s", (part, expected) => {
    show(StatusLine, part);
    expect(words()).toBe(expected);
  });

  it("on_the_next_day_that_the_check_was_yesterday", () => {
    show(StatusLine, { lists: 1, checkedAt: NOW });
    expect(words()).toBe("1 list, checked today");
    vi.advanceTimersByTime(DAY);
    flushSync();
    expect(words()).toBe("1 list, checked yesterday");
  });

  it("in_its_tooltip_what_the_warning_is", () => {
    show(StatusLine, { warning: "A list is old." });
    expect(screen.getByTestId("filter-state").title).toBe("A list is old.");
  });
});
