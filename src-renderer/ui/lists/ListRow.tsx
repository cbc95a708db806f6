// One row of a VirtualList, drawn again only when something of its own changes. Quick actions exist under the pointer, on the row with
// the focus and on the current row, so that scrolling stays light; their room is kept on every row.

import { memo, type ReactNode, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon, type IconShape } from '../Icon.tsx';
import type { Column, RowState } from './column.ts';
import css from './lists.module.css';

export interface RowEvents {
  press(index: number, isRange: boolean): void;
  open(index: number): void;
  select(index: number, isRange: boolean): void;
}

interface ListRowProps {
  readonly row: unknown;
  readonly index: number;
  readonly start: number;
  readonly height: number;
  readonly template: string;
  readonly columns: readonly Column<unknown>[];
  readonly label: string;
  readonly isCurrent: boolean;
  readonly isStop: boolean;
  readonly isSelectable: boolean;
  readonly isSelected: boolean;
  readonly isMuted: boolean;
  /** In a tree. */
  readonly level: number | undefined;
  readonly isExpanded: boolean | undefined;
  readonly actions: ((row: unknown, state: RowState) => ReactNode) | undefined;
  readonly events: RowEvents;
}

export const ListRow = memo(function ListRow(props: ListRowProps) {
  const { row, index, columns, isCurrent, isSelected, isSelectable, events } = props;
  const [isPointed, setIsPointed] = useState(false);
  const [hasFocus, setHasFocus] = useState(false);
  const state = { isCurrent, isSelected };
  const showsActions = row !== undefined && (isCurrent || isPointed || hasFocus);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table row cannot be placed by hand
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it handles the keys
    <div
      role="row"
      data-index={index}
      tabIndex={props.isStop ? 0 : -1}
      aria-rowindex={index + 2}
      aria-label={props.label}
      aria-level={props.level}
      aria-expanded={props.isExpanded}
      aria-current={isCurrent ? 'true' : undefined}
      aria-selected={isSelectable ? isSelected : undefined}
      className={cx(css.row, css.item, props.isMuted && css.muted)}
      style={{ height: props.height, transform: `translateY(${props.start}px)`, gridTemplateColumns: props.template }}
      onClick={(event) => events.press(index, event.shiftKey)}
      onDoubleClick={() => events.open(index)}
      onPointerEnter={() => setIsPointed(true)}
      onPointerLeave={() => setIsPointed(false)}
      onFocus={() => setHasFocus(true)}
      onBlur={() => setHasFocus(false)}
    >
      {row === undefined
        ? columns.map((column) => (
            // biome-ignore lint/a11y/useSemanticElements: see above
            <div
              key={column.id}
              role="gridcell"
              tabIndex={-1}
              className={cx(css.cell, css.missing, column.isSecondLine && css.secondLine)}
            />
          ))
        : columns.map((column) => (
            // biome-ignore lint/a11y/useSemanticElements: see above
            <div
              key={column.id}
              role="gridcell"
              tabIndex={-1}
              className={cx(
                css.cell,
                column.align === 'end' && css.end,
                column.isMono && css.mono,
                column.isPadded && css.padded,
                column.isSecondLine && css.secondLine,
              )}
            >
              {column.cell(row, state)}
            </div>
          ))}
      {props.actions !== undefined && (
        // biome-ignore lint/a11y/useSemanticElements: see above
        <div role="gridcell" tabIndex={-1} className={css.actions}>
          {showsActions && props.actions(row, state)}
        </div>
      )}
    </div>
  );
});

interface RowActionProps {
  /** With the key: 'Acknowledge, A'. */
  readonly label: string;
  readonly icon: IconShape;
  readonly onPress: () => void;
}

/** A plain button of 24 px: rows come and go too often for more. */
export function RowAction({ label, icon, onPress }: RowActionProps) {
  return (
    <button
      type="button"
      className={css.action}
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.stopPropagation();
        onPress();
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <Icon of={icon} />
    </button>
  );
}

interface RowCheckProps {
  readonly label: string;
  readonly isSelected: boolean;
  /** Of the box over all rows: some are selected, some are not. */
  readonly isPartly?: boolean;
  readonly onToggle: (isRange: boolean) => void;
}

/** The select box of a row. The keyboard selects with x and Shift+arrows, all with Ctrl+A, so it takes no tab stop. */
export function RowCheck({ label, isSelected, isPartly = false, onToggle }: RowCheckProps) {
  return (
    <label className={css.check} onClick={(event) => event.stopPropagation()} onKeyDown={undefined}>
      <input
        ref={(input) => {
          if (input !== null) input.indeterminate = isPartly;
        }}
        type="checkbox"
        tabIndex={-1}
        aria-label={label}
        checked={isSelected}
        onChange={(event) => onToggle(event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
      />
    </label>
  );
}
