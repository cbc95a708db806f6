// The head of a column; a button where the column can be sorted.

import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon } from '../Icon.tsx';
import type { Sort } from './column.ts';
import css from './lists.module.css';

interface ColumnHeadProps {
  readonly column: {
    readonly id: string;
    readonly title: string;
    readonly hidesTitle?: boolean;
    readonly head?: () => ReactNode;
    readonly align?: 'start' | 'end';
    readonly isSortable?: boolean;
  };
  readonly sort: Sort | undefined;
  readonly onSortChange: ((sort: Sort) => void) | undefined;
}

export function sortDirection(column: string, sort: Sort | undefined): 'ascending' | 'descending' | 'none' {
  return sort?.column === column ? sort.direction : 'none';
}

export function ColumnHead({ column, sort, onSortChange }: ColumnHeadProps) {
  const direction = sortDirection(column.id, sort);
  if (column.head !== undefined) return column.head();
  const title = column.hidesTitle === true ? <span className="visually-hidden">{column.title}</span> : column.title;
  if (column.isSortable !== true || onSortChange === undefined) {
    if (direction === 'none') return <>{title}</>;
    // The order is fixed, and still said.
    return (
      <span className={cx(css.sort, css.sorted)}>
        <Arrow direction={direction} />
        {title}
      </span>
    );
  }
  return (
    <button
      type="button"
      className={cx(css.sort, column.align === 'end' && css.sortEnd, direction !== 'none' && css.sorted)}
      onClick={() =>
        onSortChange({ column: column.id, direction: direction === 'descending' ? 'ascending' : 'descending' })
      }
    >
      {column.align === 'end' && <Arrow direction={direction} />}
      {title}
      {column.align !== 'end' && <Arrow direction={direction} />}
    </button>
  );
}

function Arrow({ direction }: { readonly direction: 'ascending' | 'descending' | 'none' }) {
  if (direction === 'none') return null;
  return <Icon of={direction === 'ascending' ? ArrowUp : ArrowDown} size={12} />;
}
