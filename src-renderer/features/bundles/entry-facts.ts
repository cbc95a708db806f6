// What an entry of a bundle says, line by line for reading. Its bytes come from strangers: everything is text, and fields that were kept
// back or erased are named as such.

import { erasedWord, keptBack } from '../../../src-shared/evidence/bundle-rows.ts';
import { printableWhole } from '../../../src-shared/evidence/verdict.ts';

export interface EntryFact {
  readonly name: string;
  readonly value: string;
  /** Nobody here can read it. */
  readonly isGone: boolean;
}

export interface EntryFacts {
  readonly time: string | undefined;
  readonly facts: readonly EntryFact[];
  readonly details: readonly EntryFact[];
}

const names: Readonly<Record<string, string>> = {
  event_type: 'Type',
  actor: 'Actor',
  resource: 'Target',
  success: 'Result',
  ip_address: 'Address',
  user_agent: 'User agent',
  session_id: 'Session',
  trace_id: 'Trace',
  workspace: 'Workspace',
  data_accessed: 'Data read',
};
const detailPrefix = 'details.';
const mostFacts = 500;

/** @param erased paths that nobody can open any more. Undefined for what is no entry. */
export function entryFacts(json: string, erased: readonly string[]): EntryFacts | undefined {
  const entry = parse(json);
  const leaf = record(entry?.leaf);
  const open = record(entry?.open);
  if (entry === undefined || Object.keys(leaf).length === 0) return undefined;
  const committed = record(leaf.commitments);
  const fact = (path: string, name: string): EntryFact => {
    if (Object.hasOwn(open, path)) return { name, value: words(record(open[path]).value), isGone: false };
    if (Object.hasOwn(leaf, path)) return { name, value: leafWords(path, leaf[path]), isGone: false };
    return { name, value: erased.includes(path) ? erasedWord : keptBack, isGone: true };
  };
  const isThere = (path: string) => Object.hasOwn(leaf, path) || Object.hasOwn(committed, path);
  const details = [...new Set([...Object.keys(committed), ...Object.keys(open)])]
    .filter((path) => path.startsWith(detailPrefix))
    .sort()
    .slice(0, mostFacts);
  return {
    time: typeof leaf.time === 'string' ? leaf.time : undefined,
    facts: Object.entries(names)
      .filter(([path]) => isThere(path))
      .map(([path, name]) => fact(path, name))
      .filter(({ value }) => value !== ''),
    details: details.map((path) => fact(path, printableWhole(path.slice(detailPrefix.length)))),
  };
}

function leafWords(path: string, value: unknown): string {
  return path === 'success' && typeof value === 'boolean' ? (value ? 'done' : 'refused') : words(value);
}

function words(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return printableWhole(value);
  const parts = record(value);
  // An actor or a target.
  const named = [parts.kind ?? parts.type, parts.name ?? parts.id].filter((part) => typeof part === 'string');
  return printableWhole(named.length === 2 ? named.join(' ') : JSON.stringify(value));
}

/** The same JSON with what would show as something else, or turn a line around, written as an escape. */
export function printableJson(json: string): string {
  return json.replace(/[\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (sign) =>
    Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return record(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : {};
}
