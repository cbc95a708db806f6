// One field of the event under evaluation: read at most once an event, its texts and their folded forms made when first needed.
import type { Event, JsonValue } from '../event.ts';
import { compileField, eventTexts, type FieldReader } from '../field.ts';
import { foldCase } from '../rules/fold.ts';

export interface Slot {
  readonly read: FieldReader | undefined;
  epoch: number;
  value: JsonValue | undefined;
  texts: readonly string[];
  foldedEpoch: number;
  folded: readonly string[];
  /** Held for the common case of one text, so that it costs no array. */
  readonly oneText: string[];
  readonly oneFolded: string[];
}

const none: readonly string[] = [];

/** @param field null for all texts of the event. */
export function createSlot(field: string | null): Slot {
  const read = field === null ? undefined : compileField(field);
  return {
    read,
    epoch: 0,
    value: undefined,
    texts: none,
    foldedEpoch: 0,
    folded: none,
    oneText: [''],
    oneFolded: [''],
  };
}

export function loadSlot(slot: Slot, event: Event, epoch: number): void {
  if (slot.read !== undefined) setSlot(slot, slot.read(event), epoch);
  else {
    slot.epoch = epoch;
    slot.texts = eventTexts(event);
    slot.value = '';
  }
}

/** Texts of a value: one for a scalar, one per scalar of a list, none for an absent value, a null or a map. */
export function setSlot(slot: Slot, value: JsonValue | undefined, epoch: number): void {
  slot.epoch = epoch;
  slot.value = value;
  if (typeof value === 'string') {
    slot.oneText[0] = value;
    slot.texts = slot.oneText;
  } else if (value === undefined || value === null) slot.texts = none;
  else if (typeof value !== 'object') {
    slot.oneText[0] = String(value);
    slot.texts = slot.oneText;
  } else if (Array.isArray(value)) slot.texts = textsOf(value);
  else slot.texts = none;
}

function textsOf(list: readonly JsonValue[]): string[] {
  const texts: string[] = [];
  for (const item of list) if (item !== null && typeof item !== 'object') texts.push(String(item));
  return texts;
}

export function foldSlot(slot: Slot, epoch: number): readonly string[] {
  if (slot.foldedEpoch === epoch) return slot.folded;
  slot.foldedEpoch = epoch;
  const { texts } = slot;
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) {
    slot.oneFolded[0] = foldCase(only);
    slot.folded = slot.oneFolded;
  } else slot.folded = texts.length === 0 ? none : texts.map(foldCase);
  return slot.folded;
}
