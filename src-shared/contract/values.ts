// Value schemas that several features share: ids, instants, severities, pages. Wire form: snake_case, RFC 3339 with milliseconds.
import { z } from 'zod';
import { severities } from '../alert-words.ts';

export const uuid = z.uuid();
/** RFC 3339 in UTC with milliseconds, as every answer writes it. */
export const instant = z.iso.datetime({ precision: 3 });
/** RFC 3339 with any offset and precision, as callers may write it. */
export const instantIn = z.iso.datetime({ offset: true });
export const severity = z.enum(severities);
export type Severity = z.infer<typeof severity>;
/** Query parameters are at most 200 characters (spec 02). */
export const queryText = z.string().min(1).max(200);
/** Items a page where the caller doesn't say. */
export const defaultLimit = 50;
export const pageInput = {
  cursor: z.string().max(200).optional().describe('next_cursor of the page before'),
  limit: z.int().min(1).max(500).optional().describe(`items a page, ${defaultLimit} unless said`),
};

/** Lists answer `{items, next_cursor}`; `next_cursor` is null on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() });
}

export const done = z.strictObject({ ok: z.literal(true) });
export const nothing = z.strictObject({});
