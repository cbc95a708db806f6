// What of a stored event is searched: its values as texts, and the values at a path. Index and matching walk events with these.
import { foldText } from '../../../../src-shared/words.ts';

/** An event's canonical record, parsed, with the format beside it. */
export type SearchRecord = Readonly<Record<string, unknown>>;

// Each event has its own, so words for them would only fill the index: they are found by their own conditions.
const notWords: ReadonlySet<string> = new Set(['id', 'time', 'format']);

/** Every value of the event but id and time. */
export function eachText(record: SearchRecord, take: (text: string) => void): void {
  for (const name in record) if (!notWords.has(name)) eachLeaf(record[name], take);
}

/** Texts, numbers and truth values in `value`, however deep. Records are bounded in depth by the canonical form. */
export function eachLeaf(value: unknown, take: (text: string) => void): void {
  if (typeof value === 'string') take(value);
  else if (typeof value === 'number' || typeof value === 'boolean') take(String(value));
  else if (Array.isArray(value)) for (const each of value) eachLeaf(each, take);
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) eachLeaf(each, take);
}

/** The dotted paths of the details, folded, those of objects within included. */
export function eachPath(details: unknown, take: (path: string) => void, above = ''): void {
  if (Array.isArray(details)) {
    for (const each of details) eachPath(each, take, above);
    return;
  }
  if (typeof details !== 'object' || details === null) return;
  for (const [key, value] of Object.entries(details)) {
    const path = above === '' ? foldText(key) : `${above}.${foldText(key)}`;
    take(path);
    if (typeof value === 'object' && value !== null) eachPath(value, take, path);
  }
}

/** The values at a folded path of the details; a key may itself hold dots. */
export function eachAt(details: unknown, path: string, take: (value: unknown) => void): void {
  if (Array.isArray(details)) {
    for (const each of details) eachAt(each, path, take);
    return;
  }
  if (typeof details !== 'object' || details === null) return;
  for (const [key, value] of Object.entries(details)) {
    const name = foldText(key);
    if (name === path) take(value);
    else if (path.length > name.length && path[name.length] === '.' && path.startsWith(name)) {
      eachAt(value, path.slice(name.length + 1), take);
    }
  }
}
