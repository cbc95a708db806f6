// ArcSight Common Event Format, version 0. It has seven header fields and any number of key=value pairs after them; what separates them
// must not come from the event, or whoever wrote the event could make fields of their own.

import { plainAddress } from '../../base/addresses.ts';
import type { Event } from '../event.ts';
import type { OutputEvent, OutputSource } from './output-event.ts';
import { printableText } from './wire.ts';

const longestValue = 4_000;

export function cefLine({ event, format, receivedAtMs }: OutputEvent, { version }: OutputSource): string {
  const name = event.action ?? event.event_type;
  return cefText(
    version,
    event.event_type,
    name,
    event.success === false ? 5 : 3,
    pairsOf(event, format, receivedAtMs),
  );
}

export type CefPair = readonly [key: string, value: string | number | undefined];

/** A whole line. Pairs without a value are left out. */
export function cefText(
  version: string,
  classId: string,
  name: string,
  severity: number,
  pairs: readonly CefPair[],
): string {
  const header = [
    'CEF:0',
    'Gatehouse',
    'Gatehouse',
    headerText(version),
    headerText(classId),
    headerText(name),
    String(severity),
  ];
  const extension = pairs
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${valueText(String(value))}`)
    .join(' ');
  return `${header.join('|')}|${extension}`;
}

function pairsOf(event: Event, format: string, receivedAtMs: number): CefPair[] {
  return [
    ['rt', event.timeMs],
    ['externalId', event.id],
    ['dvchost', event.source],
    ['cat', event.event_type],
    ['act', event.action],
    ['outcome', event.success === undefined ? undefined : event.success ? 'success' : 'failure'],
    ['suser', event.actor],
    ...addressPairs(event.ip_address),
    ['requestClientApplication', event.user_agent],
    ['out', event.bytes],
    ...labelled('cs1', 'resourceType', event.resource_type),
    ...labelled('cs2', 'resourceId', event.resource_id),
    ...labelled('cs3', 'sessionId', event.session_id),
    ...labelled('cs4', 'traceId', event.trace_id),
    ...labelled('cs5', 'details', Object.keys(event.details).length === 0 ? undefined : JSON.stringify(event.details)),
    ...labelled('cs6', 'format', format),
    ...labelled('deviceCustomDate1', 'received', receivedAtMs),
  ];
}

export function addressPairs(address: string | undefined): CefPair[] {
  const plain = address === undefined ? undefined : plainAddress(address);
  if (plain === undefined) return address === undefined ? [] : [['shost', address]];
  return plain.includes(':')
    ? [
        ['c6a2', plain],
        ['c6a2Label', 'Source IPv6 Address'],
      ]
    : [['src', plain]];
}

export function labelled(key: string, label: string, value: string | number | undefined): CefPair[] {
  return value === undefined
    ? []
    : [
        [key, value],
        [`${key}Label`, label],
      ];
}

// SECURITY: these two are what keeps an event's text in its field.
function headerText(text: string): string {
  return printableText(text.slice(0, 512).toWellFormed()).replaceAll(/[\\|]/g, '\\$&');
}

function valueText(text: string): string {
  const escaped = text
    .slice(0, longestValue)
    .toWellFormed()
    .replaceAll(/[\\=]/g, '\\$&')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n');
  return printableText(escaped);
}
