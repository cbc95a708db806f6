// A plain table for what fits a screen or two. For long lists use VirtualList.

import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import { ColumnHead, sortDirection } from './ColumnHead.tsx';
import type { Column, Sort } from './column.ts';
import css from './lists.module.css';

interface DataTableProps<Row> {
  /** Read out as the table's name. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly currentKey?: string | undefined;
  readonly sort?: Sort | undefined;
  readonly onSortChange?: (sort: Sort) => void;
  /** A press anywhere on the row does this too; put a real button or link into a cell for the keyboard. */
  readonly onRowPress?: (row: Row) => void;
  /** 24 px rows. */
  readonly isTight?: boolean;
  /** No padding at the sides, inside a block or card. */
  readonly isFlush?: boolean;
  /** Bold last row: the sum. */
  readonly hasTotal?: boolean;
  readonly empty?: ReactNode;
}

/** Pixels for a column that says no width. */
const leastColumn = 112;

/** Narrower than its columns a fixed table would write one over the other; whatever holds it scrolls instead. */
function leastWidth<Row>(columns: readonly Column<Row>[]): number {
  return (
    columns.reduce((sum, { width = '' }) => sum + (width.endsWith('px') ? Number.parseInt(width, 10) : 0), 0) +
    leastColumn * columns.filter(({ width = '' }) => !width.endsWith('px')).length
  );
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, keyOf, currentKey, sort, onSortChange, onRowPress } = props;
  if (rows.length === 0 && props.empty !== undefined) return <>{props.empty}</>;
  return (
    <table
      style={props.isTight ? undefined : { minWidth: leastWidth(columns) }}
      className={cx(
        css.table,
        props.isTight && css.tight,
        props.isFlush && css.flush,
        props.hasTotal && css.total,
        onRowPress && css.pressable,
      )}
    >
      <caption className="visually-hidden">{caption}</caption>
      <colgroup>
        {columns.map((column) => (
          <col key={column.id} style={{ width: column.width }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.id}
              scope="col"
              className={cx(column.align === 'end' && css.end)}
              {...(column.isSortable ? { 'aria-sort': sortDirection(column.id, sort) } : {})}
            >
              <ColumnHead column={column} sort={sort} onSortChange={onSortChange} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const key = keyOf(row);
          const isCurrent = key === currentKey;
          return (
            <tr
              key={key}
              aria-current={isCurrent ? 'true' : undefined}
              onClick={onRowPress && (() => onRowPress(row))}
              onKeyDown={undefined}
            >
              {columns.map((column) => (
                <td key={column.id} className={cx(column.align === 'end' && css.end, column.isMono && css.mono)}>
                  {column.cell(row, { isCurrent, isSelected: false })}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
