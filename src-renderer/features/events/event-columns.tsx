// The columns of the event list: wide, beside the pane, and in a narrow window; and what a row announces.

import type { EventOut } from '../../../src-shared/contract/events.ts';
import { Time } from '../../ui/data/Time.tsx';
import type { Column } from '../../ui/lists/column.ts';

export function resultWord({ success }: EventOut): string {
  return success === undefined ? '' : success ? 'success' : 'failure';
}

export function labelOf(event: EventOut): string {
  return [event.event_type, event.actor, event.ip_address, resultWord(event), event.time].filter(Boolean).join(', ');
}

const clip = (text: string | undefined) => (
  <span className="clip" title={text}>
    {text}
  </span>
);
const time: Column<EventOut> = {
  id: 'time',
  title: 'Time',
  width: '176px',
  isMono: true,
  cell: (event) => <Time at={event.time} />,
};
const type: Column<EventOut> = {
  id: 'type',
  title: 'Type',
  width: '160px',
  cell: (event) => <span className="clip row-title">{event.event_type}</span>,
};
const actor: Column<EventOut> = { id: 'actor', title: 'Actor', width: '144px', cell: (event) => clip(event.actor) };
const address: Column<EventOut> = {
  id: 'address',
  title: 'Address',
  width: '136px',
  isMono: true,
  cell: (event) => clip(event.ip_address),
};
const what: Column<EventOut> = {
  id: 'what',
  title: 'What',
  leastWidth: 780,
  cell: (event) => (
    <span className="clip muted">
      {[event.action, event.resource_type, event.resource_id].filter(Boolean).join(' ')}
    </span>
  ),
};
const result: Column<EventOut> = {
  id: 'result',
  title: 'Result',
  width: '64px',
  cell: (event) => (event.success === false ? <b>failure</b> : <span className="muted">{resultWord(event)}</span>),
};
const source: Column<EventOut> = {
  id: 'source',
  title: 'Source',
  width: '152px',
  // With it, what happened would have no room left.
  leastWidth: 960,
  cell: (event) => <span className="clip faint">{event.source}</span>,
};
export const wideColumns = [time, type, actor, address, what, result, source];
export const narrowColumns = [time, type, actor, address, result];
export const slimColumns: Column<EventOut>[] = [
  { ...time, width: '148px', cell: (event) => <Time at={event.time} format="minute" /> },
  { ...type, width: 'minmax(0, 1fr)' },
  { ...actor, width: 'minmax(0, 1fr)' },
  result,
];
