// Which entries of the audit log are asked for: the bar's fields, the address, and the contract's filters. Also used by the export.

import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { isDay } from '../../lib/instants.ts';

export interface AuditQuery {
  readonly eventType: string;
  readonly actor: string;
  readonly session: string;
  readonly result: 'any' | 'success' | 'failure';
  readonly within: 'all' | '1h' | '24h' | '7d' | '30d' | 'days';
  /** Days in UTC as typed, both included; empty means open. Asked for where `within` is days. */
  readonly since: string;
  readonly until: string;
  /** Text as typed; empty means open. */
  readonly fromSeq: string;
  readonly toSeq: string;
}

export const noAuditQuery: AuditQuery = {
  eventType: '',
  actor: '',
  session: '',
  result: 'any',
  within: 'all',
  since: '',
  until: '',
  fromSeq: '',
  toSeq: '',
};

export type AuditFilters = Omit<CallInput<'audit.export'>, 'reason' | 'redact'>;

const withinMs = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 } as const;
const names: Readonly<Record<keyof AuditQuery, string>> = {
  eventType: 'type',
  actor: 'actor',
  session: 'session',
  result: 'result',
  within: 'within',
  since: 'since',
  until: 'until',
  fromSeq: 'from',
  toSeq: 'to',
};

export function auditQueryOf(address: Readonly<Record<string, string>>): AuditQuery {
  const text = (key: keyof AuditQuery) => (address[names[key]] ?? '').slice(0, 200);
  const result = text('result');
  const within = text('within');
  return {
    eventType: text('eventType'),
    actor: text('actor'),
    session: text('session'),
    result: result === 'success' || result === 'failure' ? result : 'any',
    within: within === 'days' || Object.hasOwn(withinMs, within) ? (within as AuditQuery['within']) : 'all',
    since: text('since').slice(0, 10),
    until: text('until').slice(0, 10),
    fromSeq: digits(text('fromSeq')),
    toSeq: digits(text('toSeq')),
  };
}

export function addressOf(query: AuditQuery): Record<string, string> {
  return Object.fromEntries(
    (Object.keys(names) as (keyof AuditQuery)[])
      .filter((key) => query[key].trim() !== noAuditQuery[key])
      .map((key) => [names[key], query[key].trim()]),
  );
}

/** '#45,009' and '45009' mean the same entry. */
export function digits(text: string): string {
  return text.replace(/[^0-9]/g, '').slice(0, 15);
}

/** What is wrong with a day as typed, if anything. */
export function dayFault(text: string): string | undefined {
  return text.trim() === '' || isDay(text.trim()) ? undefined : 'A day, such as 2026-11-21.';
}

function periodOf({ within, since, until }: AuditQuery, now: number): Pick<AuditFilters, 'since' | 'until'> {
  if (within === 'all') return {};
  if (within !== 'days') return { since: new Date(now - withinMs[within]).toISOString() };
  return {
    ...(isDay(since.trim()) ? { since: `${since.trim()}T00:00:00.000Z` } : {}),
    ...(isDay(until.trim()) ? { until: `${until.trim()}T23:59:59.999Z` } : {}),
  };
}

/** `now` in milliseconds UTC. `eventTypes`: those there are; another word asks for nothing and is left to the caller to say. */
export function auditFiltersOf(query: AuditQuery, now: number): AuditFilters {
  const from = Number(digits(query.fromSeq));
  const to = Number(digits(query.toSeq));
  return {
    ...(query.eventType.trim() === '' ? {} : { event_type: query.eventType.trim() }),
    ...(query.actor.trim() === '' ? {} : { actor: query.actor.trim() }),
    ...(query.session.trim() === '' ? {} : { session_id: query.session.trim() }),
    ...(query.result === 'any' ? {} : { success: query.result === 'success' }),
    ...periodOf(query, now),
    ...(from > 0 ? { from_seq: from } : {}),
    ...(to > 0 ? { to_seq: to } : {}),
  };
}

export function isFiltered(query: AuditQuery): boolean {
  return Object.keys(addressOf(query)).length > 0;
}

/** A bundle of a whole range proves that nothing is missing; one with any other condition only that each entry is in the log. */
export function isWholeRange(filters: AuditFilters): boolean {
  const { from_seq: _, to_seq: __, ...others } = filters;
  return Object.keys(others).length === 0;
}
