// An entry of a bundle as one line for people, read from its bytes. Whatever the bytes say is shown as text and nothing else:
// bundles come from strangers, and this also runs on those that are not genuine.

import { decodeUtf8Strict } from './bytes.ts';
import { type ErasedFields, printable } from './verdict.ts';

export type BundleRow = {
  readonly index: number;
  readonly seq: number;
  readonly time: string;
  readonly actor: string;
  readonly eventType: string;
  readonly action: string;
  readonly target: string;
  /** undefined: the entry does not say. */
  readonly success: boolean | undefined;
  readonly ipAddress: string;
  /** A finding names this entry. */
  readonly isSuspect: boolean;
};

export const keptBack = 'kept back';
/** Nobody can open it any more. */
export const erasedWord = 'erased';

export function readRow(
  bytes: Uint8Array,
  index: number,
  seq: number,
  isSuspect: boolean,
  erased?: ErasedFields,
): BundleRow {
  const entry = parseObject(bytes);
  const leaf = objectAt(entry, 'leaf');
  const commitments = objectAt(leaf, 'commitments');
  const opened = (path: string): unknown => objectAt(objectAt(entry, 'open'), path).value;
  const gone = erased?.get(seq);
  /** What was committed to but not opened was kept back by the exporter, or erased; that differs from not being there. */
  const field = (path: string, show: (value: unknown) => string): string => {
    const value = opened(path);
    if (value !== undefined || !Object.hasOwn(commitments, path)) return show(value);
    return gone?.includes(path) ? erasedWord : keptBack;
  };
  return {
    index,
    seq,
    time: text(leaf.time),
    actor: field('actor', (value) => text(asObject(value).name)),
    eventType: text(leaf.event_type),
    action: text(leaf.action),
    target: field('resource', (value) =>
      [text(asObject(value).type), text(asObject(value).id)].filter(Boolean).join(' '),
    ),
    success: typeof leaf.success === 'boolean' ? leaf.success : undefined,
    ipAddress: field('ip_address', text),
    isSuspect,
  };
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(decodeUtf8Strict(bytes)));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function objectAt(holder: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  return Object.hasOwn(holder, name) ? asObject(holder[name]) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? printable(value) : '';
}
