// The events an alert rests on: a line each with the hash that proves it, and the raw record of the one that is opened.

import { useState } from 'react';
import type { AlertFull } from '../../../src-shared/contract/alerts.ts';
import { formatCount } from '../../lib/numbers.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Time } from '../../ui/data/Time.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import css from './queue.module.css';

type EvidenceEvent = AlertFull['events'][number];

function fieldOf(event: EvidenceEvent, name: string): string {
  const value = event.record[name];
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

const timeColumn: Column<EvidenceEvent> = {
  id: 'time',
  title: 'Time',
  width: '112px',
  isMono: true,
  cell: (event) => <Time at={event.time} format="precise" />,
};
const restColumns: readonly Column<EvidenceEvent>[] = [
  { id: 'type', title: 'Type', cell: (event) => <span className="clip">{fieldOf(event, 'event_type')}</span> },
  { id: 'actor', title: 'Actor', cell: (event) => <span className="clip">{fieldOf(event, 'actor')}</span> },
  {
    id: 'address',
    title: 'Address',
    width: '120px',
    isMono: true,
    cell: (event) => <span className="clip">{fieldOf(event, 'ip_address')}</span>,
  },
];
const hashColumn: Column<EvidenceEvent> = {
  id: 'hash',
  title: 'SHA-256',
  width: '88px',
  isMono: true,
  cell: (event) => <span title={event.sha256}>{event.sha256.slice(0, 8)}</span>,
};

export function EventTable({ events }: { readonly events: readonly EvidenceEvent[] }) {
  return (
    <DataTable
      caption="Events this alert rests on"
      isTight
      isFlush
      columns={[timeColumn, ...restColumns, hashColumn]}
      rows={events}
      keyOf={(event) => event.id}
      empty={<p className="small muted">The events are no longer stored; their hashes are in the JSON.</p>}
    />
  );
}

export function EventsTab({ alert }: { readonly alert: AlertFull }) {
  const [openId, setOpenId] = useState<string>();
  const open = alert.events.find((event) => event.id === openId) ?? alert.events[0];
  const timeButton: Column<EvidenceEvent> = {
    ...timeColumn,
    cell: (event) => (
      <button type="button" className={css.eventButton} onClick={() => setOpenId(event.id)}>
        <Time at={event.time} format="precise" />
      </button>
    ),
  };
  return (
    <div className={css.events}>
      {alert.events_total > alert.events.length && (
        <p className={css.shown}>
          The newest {formatCount(alert.events.length)} of {formatCount(alert.events_total)} events.
        </p>
      )}
      <DataTable
        caption="Events this alert rests on"
        isTight
        columns={[timeButton, ...restColumns, hashColumn]}
        rows={alert.events}
        keyOf={(event) => event.id}
        currentKey={open?.id}
        onRowPress={(event) => setOpenId(event.id)}
        empty={<p className={css.shown}>The events are no longer stored; their hashes are in the JSON.</p>}
      />
      {open !== undefined && (
        <div className={css.json}>
          <CopyButton value={JSON.stringify(open.record, null, 2)} what="the event as JSON">
            Copy JSON
          </CopyButton>
          <p className={css.hash}>
            sha256 {open.sha256} <CopyButton value={open.sha256} what="the event's SHA-256" />
          </p>
          <pre>{JSON.stringify(open.record, null, 2)}</pre>
        </div>
      )}
    </div>
  );
}
