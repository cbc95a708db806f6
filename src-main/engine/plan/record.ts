// A record as it stands in a file, in the place of an event: fields are read from its bytes when a rule asks for them.
import type { Event, JsonObject, JsonValue } from '../event.ts';
import { keysOfField } from '../field.ts';
import { createRecordScanner, type ValueKind } from './record-scanner.ts';
import { loadSlot, type Slot, setSlot } from './slot.ts';
import type { FieldPlan, Unit } from './sub-plan.ts';
import { createValueCache, type ValueCache } from './value-cache.ts';

/** The event that a record is to rules for raw logs: nothing of its own, everything under `details`. */
export function recordEvent(record: JsonObject): Event {
  return { id: '', timeMs: 0, source: '', event_type: '', details: record };
}

export interface RecordSource {
  /** @returns false when the bytes are not a JSON object. */
  take(bytes: Uint8Array): boolean;
  load(slot: number, epoch: number): void;
  json(): string;
  /** Of a field that is one key: what its value is; `other` of fields that are more. */
  kind(slot: number): ValueKind;
  /** Of a text: its place among `seen`, or -1. */
  place(slot: number): number;
  /** Texts met before, with what they led to. */
  readonly seen: ValueCache<FieldPlan, readonly Unit[]>;
}

export function createRecordSource(fields: readonly (string | null)[], slots: readonly Slot[]): RecordSource {
  const keys: string[] = [];
  const numbers = new Map<string, number>();
  function numberOf(key: string): number {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    keys.push(key);
    numbers.set(key, keys.length - 1);
    return keys.length - 1;
  }
  const keysOf = fields.map((field) => (field === null ? undefined : keysOfField(field)?.map(numberOf)));
  const only = Int32Array.from(keysOf, (found) => (found?.length === 1 ? (found[0] ?? -1) : -1));
  const scanner = createRecordScanner(keys);
  const seen = createValueCache<FieldPlan, readonly Unit[]>();
  const places = new Int32Array(slots.length);
  const placed = new Int32Array(slots.length);
  const versions = new Int32Array(slots.length);
  let taken = 0;
  let whole: Event | undefined;

  function partOf(wanted: readonly number[]): Event {
    const entries = wanted.flatMap((key): [string, JsonValue][] => {
      const value = scanner.value(key);
      return value === undefined ? [] : [[keys[key] ?? '', value]];
    });
    // As JSON.parse does, it makes own properties of all names.
    return recordEvent(Object.fromEntries(entries));
  }
  function place(index: number): number {
    const known = places[index] ?? -1;
    // Another field's value may have been put there since.
    if (placed[index] === taken && (known < 0 || seen.versions[known] === versions[index])) return known;
    const key = only[index] ?? -1;
    const found = seen.find(scanner.words(), key, scanner.start(key), scanner.end(key));
    placed[index] = taken;
    places[index] = found;
    versions[index] = found < 0 ? 0 : (seen.versions[found] ?? 0);
    return found;
  }

  /** Of a text that was met before, the same text: it need not be made, and maps know it by sight. */
  function valueAt(index: number, key: number): JsonValue | undefined {
    const kind = scanner.kind(key);
    if (kind === 'absent') return undefined;
    const at = kind === 'other' ? -1 : place(index);
    if (at < 0) return scanner.value(key);
    const known = seen.texts[at];
    if (known !== undefined) return known;
    const made = scanner.value(key);
    if (typeof made === 'string') seen.texts[at] = made;
    return made;
  }
  return {
    seen,
    place,
    take(bytes) {
      whole = undefined;
      taken = (taken + 1) & 0x3fffffff;
      if (taken === 0) placed.fill(-1);
      return scanner.scan(bytes);
    },
    load(index, epoch) {
      const slot = slots[index];
      if (slot === undefined) throw new Error('no such field in the plan');
      const key = only[index] ?? -1;
      const wanted = keysOf[index];
      if (key >= 0) setSlot(slot, valueAt(index, key), epoch);
      else if (wanted !== undefined) loadSlot(slot, partOf(wanted), epoch);
      else {
        whole ??= recordEvent(JSON.parse(scanner.text()) as JsonObject);
        loadSlot(slot, whole, epoch);
      }
    },
    json: scanner.text,
    kind: (index) => ((only[index] ?? -1) < 0 ? 'other' : scanner.kind(only[index] ?? -1)),
  };
}
