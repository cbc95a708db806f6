// What a list or table is made of. Give columns a stable identity (module level or useMemo): rows are drawn again when they change.

import type { ReactNode } from 'react';

export interface RowState {
  /** The row the keyboard stands on and the pane shows. */
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
}

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** The title is for screen readers alone: select boxes, icons. */
  readonly hidesTitle?: boolean;
  /** In place of the title: a control that acts on the whole column, such as the box that selects all rows. */
  readonly head?: () => ReactNode;
  /** VirtualList: a grid track ('80px', 'minmax(0, 1fr)'). DataTable: a CSS width, or nothing for what is left. */
  readonly width?: string;
  readonly align?: 'start' | 'end';
  readonly isMono?: boolean;
  /** 8 px at both sides of head and cells, for a column of words between columns of figures. */
  readonly isPadded?: boolean;
  /** VirtualList: under the other cells of its row, over the whole width, where the list is too narrow for one line. */
  readonly isSecondLine?: boolean;
  /** VirtualList: shown only while the list is at least that many pixels wide. */
  readonly leastWidth?: number;
  readonly isSortable?: boolean;
  readonly cell: (row: Row, state: RowState) => ReactNode;
}

export interface Sort {
  readonly column: string;
  readonly direction: 'ascending' | 'descending';
}
