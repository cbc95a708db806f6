// Which entries of the audit log are asked for: the bar's fields, the address, and the contract's filters. Also used by the export.

import type { CallInput } from '../../../src-shared/contract/contract.ts';

export interface AuditQuery {
  readonly eventType: string;
  readonly actor: string;
  readonly session: string;
  readonly result: 'any' | 'success' | 'failure';
  readonly within: 'all' | '1h' | '24h' | '7d' | '30d';
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
    within: Object.hasOwn(withinMs, within) ? (within as keyof typeof withinMs) : 'all',
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

/** `now` in milliseconds UTC. `eventTypes`: those there are; another word asks for nothing and is left to the caller to say. */
export function auditFiltersOf(query: AuditQuery, now: number): AuditFilters {
  const from = Number(digits(query.fromSeq));
  const to = Number(digits(query.toSeq));
  return {
    ...(query.eventType.trim() === '' ? {} : { event_type: query.eventType.trim() }),
    ...(query.actor.trim() === '' ? {} : { actor: query.actor.trim() }),
    ...(query.session.trim() === '' ? {} : { session_id: query.session.trim() }),
    ...(query.result === 'any' ? {} : { success: query.result === 'success' }),
    ...(query.within === 'all' ? {} : { since: new Date(now - withinMs[query.within]).toISOString() }),
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
