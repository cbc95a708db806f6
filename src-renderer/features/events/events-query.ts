// What the event search is asked, from the fields of its bar, and back: the address holds the same words. Pure.

import type { CallInput } from '../../../src-shared/contract/contract.ts';

export interface EventsQuery {
  readonly text: string;
  readonly eventType: string;
  readonly source: string;
  readonly actor: string;
  readonly address: string;
  readonly result: 'any' | 'success' | 'failure';
  readonly within: 'all' | '1h' | '24h' | '7d';
}

export const noEventsQuery: EventsQuery = {
  text: '',
  eventType: '',
  source: '',
  actor: '',
  address: '',
  result: 'any',
  within: 'all',
};

const withinMs = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
const names: Readonly<Record<keyof EventsQuery, string>> = {
  text: 'text',
  eventType: 'type',
  source: 'source',
  actor: 'actor',
  address: 'ip',
  result: 'result',
  within: 'within',
};

export function eventsQueryOf(address: Readonly<Record<string, string>>): EventsQuery {
  const text = (key: keyof EventsQuery) => (address[names[key]] ?? '').slice(0, 200);
  const result = text('result');
  const within = text('within');
  return {
    text: text('text'),
    eventType: text('eventType'),
    source: text('source'),
    actor: text('actor'),
    address: text('address'),
    result: result === 'success' || result === 'failure' ? result : 'any',
    within: within === '1h' || within === '24h' || within === '7d' ? within : 'all',
  };
}

export function addressOf(query: EventsQuery): Record<string, string> {
  return Object.fromEntries(
    (Object.keys(names) as (keyof EventsQuery)[])
      .filter((key) => query[key].trim() !== noEventsQuery[key])
      .map((key) => [names[key], query[key].trim()]),
  );
}

/** `now` in milliseconds UTC. */
export function eventsInput(query: EventsQuery, now: number): CallInput<'events.list'> {
  const given = {
    text: query.text.trim(),
    event_type: query.eventType.trim(),
    source: query.source.trim(),
    actor: query.actor.trim(),
    ip_address: query.address.trim(),
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
    ...(query.result === 'any' ? {} : { success: query.result === 'success' }),
    ...(query.within === 'all' ? {} : { since: new Date(now - withinMs[query.within]).toISOString() }),
  };
}

export function isFiltered(query: EventsQuery): boolean {
  return Object.keys(addressOf(query)).length > 0;
}
