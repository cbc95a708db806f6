// Parts of dates, as the time modifiers of rules ask for them: the numbers that stand in the text, whatever zone it names.
import type { DatePart } from '../rules/rule.ts';

const shape =
  /^\s*(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:[.,]\d{1,9})?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?\s*$/i;

/** NaN for a text that isn't a date (`2026-11-21`, `2026-11-21 07:50:12.123Z`), and for a time that it doesn't tell. */
export function datePartOf(text: string, part: DatePart): number {
  const match = text.length > 40 ? null : shape.exec(text);
  if (match === null) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour, minute] = match.slice(1).map((digits) => Number(digits));
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return Number.NaN;
  switch (part) {
    case 'year':
      return year;
    case 'month':
      return month;
    case 'day':
      return day;
    case 'week':
      return isoWeek(date);
    case 'hour':
      return hour !== undefined && hour < 24 ? hour : Number.NaN;
    case 'minute':
      return minute !== undefined && minute < 60 ? minute : Number.NaN;
  }
}

/** ISO 8601: the week of its Thursday. */
function isoWeek(date: Date): number {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - first) / 604_800_000) + 1;
}
