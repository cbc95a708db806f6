// The first lines of a file as they would be read: what was recognised of each, and why a line would be refused.

import type { ImportPreview } from '../../../src-shared/contract/events.ts';
import { cx } from '../../lib/cx.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { Time } from '../../ui/data/Time.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import css from './events.module.css';
import { formatLabel } from './import-words.ts';
import type { Previewed } from './preview-file.ts';

interface ImportPreviewTableProps {
  readonly previewed: Previewed;
  /** Another one is on its way. */
  readonly isOld: boolean;
  /** The format was said, not found out. */
  readonly isTold: boolean;
}

type Row = ImportPreview['items'][number];

export function ImportPreviewTable({ previewed, isOld, isTold }: ImportPreviewTableProps) {
  const { format, detected, reason, inner, records, rejected, items, bad_lines, isWhole } = previewed;
  const shown = new Set(items.map(({ line }) => line));
  const others = bad_lines.filter(({ line }) => !shown.has(line));
  return (
    <section className={cx(css.preview, isOld && css.old)} aria-label="Preview" aria-busy={isOld}>
      <div className="line wrap" role="status">
        <Outcome kind={format === null ? 'bad' : rejected === 0 ? 'good' : rejected === records ? 'bad' : 'limited'}>
          {format === null ? 'Not recognised' : `${isTold ? 'Read' : 'Recognised'} as ${formatLabel(format)}`}
        </Outcome>
        {format !== null && (
          <span className="muted">
            {isWhole ? 'All' : 'The first'} {formatCount(records)} {records === 1 ? 'record' : 'records'}
            {isWhole ? '' : ' looked at'}: {formatCount(records - rejected)} understood, {formatCount(rejected)} not
            {inner !== null && ` (${inner}, the first file in it)`}
          </span>
        )}
        {isTold && detected !== null && detected !== format && (
          <span className="warn small">It looks like {formatLabel(detected)}.</span>
        )}
      </div>
      {reason !== null && <p className="warn">This file can’t be read: {reason}.</p>}
      {records === 0 && format !== null && <p className="muted">No whole record is in it.</p>}
      {items.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a box that scrolls, not a form's group
        // biome-ignore lint/a11y/noNoninteractiveTabindex: by keys too
        <div className={css.previewBox} role="group" aria-label="The first records" tabIndex={0}>
          <DataTable
            caption="The first records as they would be read"
            columns={columns}
            rows={items}
            keyOf={keyOf}
            isFlush
          />
        </div>
      )}
      {others.length > 0 && (
        <>
          <h3 className="small strong">
            Further lines that would be refused
            {rejected > bad_lines.length && `, the first of ${formatCount(rejected)}`}
          </h3>
          {/* biome-ignore lint/a11y/useSemanticElements: a box that scrolls, not a form's group */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: by keys too */}
          <div className={css.previewBox} role="group" aria-label="Lines that would be refused" tabIndex={0}>
            <DataTable caption="Lines that would be refused" columns={columns} rows={others} keyOf={keyOf} isFlush />
          </div>
        </>
      )}
    </section>
  );
}

function keyOf({ line, raw }: Row): string {
  return `${line} ${raw ?? ''}`;
}

const columns: readonly Column<Row>[] = [
  { id: 'line', title: 'Line', width: '56px', align: 'end', cell: ({ line }) => formatCount(line) },
  {
    id: 'time',
    title: 'Time',
    width: '200px',
    cell: ({ event, reason }) =>
      event === null ? (
        <Outcome kind="limited" isSmall>
          {reason === null ? '' : 'refused'}
        </Outcome>
      ) : (
        <Time at={event.time} />
      ),
  },
  {
    id: 'what',
    title: 'Recognised as',
    cell: ({ event, reason, raw }) => (
      <div className={css.recognised}>
        {event === null ? (
          <span className="warn">{reason}</span>
        ) : (
          <span>
            <b>{event.event_type}</b>
            {event.success !== null && (event.success ? ', succeeded' : ', failed')}
            {event.actor !== null && <> by {event.actor}</>}
            {event.ip_address !== null && <> from {event.ip_address}</>}
            {event.action !== null && <span className="muted"> · {event.action}</span>}
            <span className="muted"> · {event.source}</span>
          </span>
        )}
        {raw !== null && (
          <span className={css.raw} title={raw}>
            {raw}
          </span>
        )}
      </div>
    ),
  },
];
