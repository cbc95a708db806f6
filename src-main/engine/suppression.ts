// Suppression: after an alert, further ones of the same detector and the same values are kept quiet for a while. Here is what keeps
// findings apart for it; which windows there are is the caller's to know.
import { sha256Hex } from '../base/hashes.ts';
import type { Event } from './event.ts';
import { compileField, type FieldReader } from './field.ts';
import { scalarText } from './rules/rule-set.ts';

export interface Suppression {
  /** An alert is kept quiet by one before it that has the same values in all of these. */
  readonly fields: readonly string[];
  readonly windowMs: number;
  /** Of an alert that lacks one of the fields: it has the value null, or is never kept quiet. */
  readonly missing: 'as_null' | 'not_suppressed';
}

export interface CompiledSuppression extends Suppression {
  readonly ruleId: string;
  readonly readers: readonly FieldReader[];
}

/** In event time, from the alert that it begins with on; later ones don't lengthen it. */
export interface QuietWindow {
  readonly fromMs: number;
  /** The first millisecond that it doesn't cover. */
  readonly untilMs: number;
}

/** What a finding is kept quiet by, or keeps others quiet by. All of its events lie within one window, or in none. */
export interface Lane {
  readonly key: string;
  readonly values: readonly { readonly field: string; readonly value: string | null }[];
  readonly windowMs: number;
  /** Of the window that was known, or that begins if this finding becomes an alert. */
  readonly fromMs: number;
}

/** Where an event goes of those that fire a rule. Undefined: it is not suppressed. @param isSingle the event is all that the rule looks at */
export type FindLane = (
  ruleId: string,
  group: () => Readonly<Record<string, string>>,
  event: Event,
  isSingle: boolean,
) => Lane | undefined;

/** @throws Error for a field that can't be read. */
export function compileSuppression(ruleId: string, suppression: Suppression): CompiledSuppression {
  return { ...suppression, ruleId, readers: suppression.fields.map(compileField) };
}

/**
 * For one call of evaluate: a window that may begin within it is known to the events after it.
 * @param findWindow the window that covers an instant, the last to begin of several
 */
export function createLanes(
  suppressionOf: (ruleId: string) => CompiledSuppression | undefined,
  findWindow: (key: string, windowMs: number, atMs: number) => QuietWindow | undefined,
): FindLane {
  const known = new Map<string, QuietWindow[]>();
  return (ruleId, group, event, isSingle) => {
    const suppression = suppressionOf(ruleId);
    if (suppression === undefined) return undefined;
    const values = valuesOf(suppression, group(), event, isSingle);
    if (values === undefined) return undefined;
    const key = keyOf(suppression, values);
    const { timeMs } = event;
    let windows = known.get(key);
    if (windows === undefined) {
      windows = [];
      known.set(key, windows);
    }
    let window = windows.findLast(({ fromMs, untilMs }) => fromMs <= timeMs && timeMs < untilMs);
    if (window === undefined) {
      window = findWindow(key, suppression.windowMs, timeMs) ?? {
        fromMs: timeMs,
        untilMs: timeMs + suppression.windowMs,
      };
      windows.push(window);
    }
    return { key, values, windowMs: suppression.windowMs, fromMs: window.fromMs };
  };
}

function valuesOf(
  { fields, readers, missing }: CompiledSuppression,
  group: Readonly<Record<string, string>>,
  event: Event,
  isSingle: boolean,
): Lane['values'] | undefined {
  const values: { field: string; value: string | null }[] = [];
  for (const [index, field] of fields.entries()) {
    // What only the last event of a run says does not stand for the run.
    const read = isSingle ? scalarText(readers[index]?.(event)) : undefined;
    const value = (Object.hasOwn(group, field) ? group[field] : read) ?? '';
    // A correlation that no longer groups by the field must not become one group: what its text says now is raised.
    if (value === '' && (missing === 'not_suppressed' || !isSingle)) return undefined;
    values.push({ field, value: value === '' ? null : value });
  }
  return values;
}

/** Of fixed length whatever the values. Another setting begins with no windows: what it keeps quiet is what it says. */
function keyOf({ ruleId, fields, windowMs, missing }: CompiledSuppression, values: Lane['values']): string {
  const parts = [ruleId, fields, windowMs, missing, values.map(({ value }) => value)];
  return sha256Hex(JSON.stringify(parts)).slice(0, 32);
}
