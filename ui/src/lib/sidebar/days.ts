// Conversations under the day they were last written in, as a reader thinks of days: by the calendar, not by hours passed.
import type { ConversationSummary } from "../api/types";
import { text } from "../text/en";
import { daysBetween } from "../text/format";

export type Group = { name: string; conversations: ConversationSummary[] };

export function groupByDay(list: readonly ConversationSummary[], now: number): Group[] {
  const groups: Group[] = [];
  for (const conversation of list) {
    const name = dayName(conversation.updatedAt, now);
    const group = groups.find((other) => other.name === name);
    if (group) group.conversations.push(conversation);
    else groups.push({ name, conversations: [conversation] });
  }
  return groups;
}

function dayName(time: number, now: number): string {
  const days = daysBetween(time, now);
  if (days === 0) return text.days.today;
  if (days === 1) return text.days.yesterday;
  if (days <= 7) return text.days.week;
  if (days <= 30) return text.days.month;
  return new Date(time).toLocaleDateString(undefined, { month: "long", year: "numeric" });
}
