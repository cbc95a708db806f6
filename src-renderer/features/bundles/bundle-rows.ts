// An entry of a bundle as one line and as a whole, read from its bytes. Whatever the bytes say is shown as text and nothing else:
// bundles come from strangers, and this also runs on those that are not genuine.

import { printable } from '../../../src-shared/evidence/verdict.ts';

export interface BundleRow {
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
}

export const keptBack = 'kept back';

export function readRow(bytes: Uint8Array, index: number, seq: number, isSuspect: boolean): BundleRow {
  const entry = parseObject(bytes);
  const leaf = objectAt(entry, 'leaf');
  const commitments = objectAt(leaf, 'commitments');
  const opened = (path: string): unknown => objectAt(objectAt(entry, 'open'), path).value;
  /** What was committed to but not opened was kept back by the exporter; that differs from not being there. */
  const field = (path: string, show: (value: unknown) => string): string => {
    const value = opened(path);
    return value === undefined && Object.hasOwn(commitments, path) ? keptBack : show(value);
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

/** The entry's JSON for reading, or the bytes as they are where they hold none. */
export function readWhole(bytes: Uint8Array): string {
  const written = new TextDecoder().decode(bytes);
  try {
    return JSON.stringify(JSON.parse(written), null, 2);
  } catch {
    return written;
  }
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(new TextDecoder().decode(bytes)));
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
