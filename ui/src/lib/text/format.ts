// How numbers, sizes and times are written.

export const number = new Intl.NumberFormat("en");
export const decimal = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const count = (n: number, one: string, many: string) => `${number.format(n)} ${n === 1 ? one : many}`;

/** 0.8 for what travelled as 0.800000011920929. */
export function plainNumber(n: number): string {
  return String(Number(n.toFixed(4)));
}

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

/** By the minute, as a person names a moment. */
export function dateTime(time: number): string {
  return new Date(time).toLocaleString(undefined, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

const DAY = 24 * 60 * 60 * 1000;
const DAYS_IN_MONTH = 30.4375;

/** By the calendar, as a reader thinks of days, and not by hours passed; what lies ahead is today. */
export function daysBetween(time: number, now: number): number {
  const startOfDay = (moment: number) => new Date(moment).setHours(0, 0, 0, 0);
  // Rounded, because a day on which the clock changes is not 24 hours long.
  return Math.max(0, Math.round((startOfDay(now) - startOfDay(time)) / DAY));
}

export function monthsBetween(time: number, now: number): number {
  return Math.floor(daysBetween(time, now) / DAYS_IN_MONTH);
}

/** "7 months", in the largest unit that still says something. */
export function duration(time: number, now: number): string {
  const days = daysBetween(time, now);
  const months = monthsBetween(time, now);
  if (days < 14) return count(days, "day", "days");
  if (months < 2) return count(Math.floor(days / 7), "week", "weeks");
  if (months < 24) return count(months, "month", "months");
  return count(Math.floor(months / 12), "year", "years");
}

/** "today", "yesterday", "7 months ago". */
export function age(time: number, now: number): string {
  const days = daysBetween(time, now);
  if (days === 0) return "today";
  return days === 1 ? "yesterday" : `${duration(time, now)} ago`;
}
