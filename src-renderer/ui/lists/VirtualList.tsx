// A grid of any length of which only what is in view exists. One row is in the tab order; keys move it, and focus follows.
// The row one stands on stays mounted wherever one scrolls. Data, selection and paging belong to the caller.

import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { cx } from '../../lib/cx.ts';
import { DisplayContext, rowHeights } from '../display.ts';
import { ColumnHead, sortDirection } from './ColumnHead.tsx';
import type { Column, RowState, Sort } from './column.ts';
import { ListRow, type RowEvents } from './ListRow.tsx';
import { movedIndex, moveOfKey, type SelectionChange } from './list-moves.ts';
import css from './lists.module.css';

export interface VirtualListProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly count: number;
  /** Undefined while not loaded: drawn as a quiet placeholder, never as a hole. */
  readonly rowAt: (index: number) => Row | undefined;
  readonly keyOf: (row: Row) => string;
  /** What a screen reader hears: 'Critical, risk 92, failed logins alice, 3 min, SLA 9 min left'. */
  readonly labelOf: (row: Row) => string;
  /** -1: none. */
  readonly currentIndex: number;
  readonly onCurrentChange: (index: number) => void;
  /** Enter or double press. */
  readonly onOpen?: (index: number) => void;
  /** Space or press. */
  readonly onPreview?: (index: number) => void;
  /** The menu of a row: by the context menu's key or Shift+F10 at the row, by the pointer at what it points at. */
  readonly onMenu?: ((index: number, target: HTMLElement) => void) | undefined;
  readonly isSelected?: (row: Row) => boolean;
  readonly onSelect?: (change: SelectionChange) => void;
  /** Up to three quick actions at the end of the row, under the pointer and on the current row, in a column of their own. Use RowAction. */
  readonly actions?: (row: Row, state: RowState) => ReactNode;
  /** Makes it a tree: how deep a row stands, from 1, and whether what is under it shows; undefined for a row with nothing under it. */
  readonly treeOf?: (row: Row) => { readonly level: number; readonly isExpanded?: boolean | undefined };
  /** Quieter title, e.g. acknowledged. */
  readonly isMuted?: (row: Row) => boolean;
  readonly sort?: Sort | undefined;
  readonly onSortChange?: (sort: Sort) => void;
  /** First and last row in view, to load what is missing. */
  readonly onRange?: (first: number, last: number) => void;
  /** In place of the rows when there are none. */
  readonly empty?: ReactNode;
}

const overscan = 16;
const headHeight = 28;
const secondLineHeight = 24;
const actionsTrack = '74px';

export function VirtualList<Row>(props: VirtualListProps<Row>) {
  const { count, rowAt, currentIndex, onSelect, sort, onSortChange, onRange } = props;
  const { density } = useContext(DisplayContext);
  const scroller = useRef<HTMLDivElement>(null);
  const focusedIndex = useRef(-1);
  const columns = useColumnsThatFit(scroller, props.columns);
  const hasActions = props.actions !== undefined;
  const template = useMemo(() => templateOf(columns, hasActions), [columns, hasActions]);
  const hasTwoLines = columns.some((column) => column.isSecondLine);
  const rowHeight = rowHeights[density] + (hasTwoLines ? secondLineHeight : 0);

  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    rangeExtractor: (range) => {
      // The row with the focus stays until focus has moved to the new one; without it the focus would fall to the page.
      const kept = [currentIndex, focusedIndex.current].filter((index) => index >= 0 && index < count);
      return Array.from(new Set([...defaultRangeExtractor(range), ...kept])).sort((left, right) => left - right);
    },
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height of all rows changes with the density
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);

  // Focus follows the current row, but only when it already is in the list: a pane or a field keeps it. The list itself may stand in
  // a screen that scrolls.
  useLayoutEffect(() => {
    if (currentIndex < 0 || currentIndex >= count) return;
    virtualizer.scrollToIndex(currentIndex, { align: 'auto' });
    const list = scroller.current;
    if (list === null || !list.contains(document.activeElement)) return;
    const row = list.querySelector<HTMLElement>(`[data-index="${currentIndex}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  }, [virtualizer, currentIndex, count]);

  const items = virtualizer.getVirtualItems();
  const firstShown = virtualizer.range?.startIndex ?? 0;
  const lastShown = virtualizer.range?.endIndex ?? 0;
  useEffect(() => onRange?.(firstShown, lastShown), [onRange, firstShown, lastShown]);

  const anchor = useRef(-1);
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });

  const select = useCallback((index: number, isRange: boolean) => {
    const { onSelect: change } = latest.current;
    if (change === undefined) return;
    if (isRange && anchor.current >= 0) change({ kind: 'range', from: anchor.current, to: index });
    else change({ kind: 'toggle', index });
    anchor.current = index;
  }, []);

  const events: RowEvents = useMemo(
    () => ({
      press(index, isRange) {
        latest.current.onCurrentChange(index);
        if (isRange) select(index, true);
        else latest.current.onPreview?.(index);
      },
      open: (index) => latest.current.onOpen?.(index),
      select,
    }),
    [select],
  );

  function onKeyDown(event: KeyboardEvent): void {
    const isRow = event.target instanceof HTMLElement && event.target.dataset.index !== undefined;
    const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
    const move = moveOfKey(event.key);
    if (move !== undefined && !hasModifier) {
      event.preventDefault();
      const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 2);
      const next = movedIndex(move, currentIndex, count, page);
      if (event.shiftKey && onSelect) {
        if (anchor.current < 0) anchor.current = currentIndex;
        onSelect({ kind: 'range', from: Math.max(0, anchor.current), to: next });
      } else anchor.current = -1;
      props.onCurrentChange(next);
    } else if (props.onMenu && (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey))) {
      const row = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-index]') : null;
      if (row === null) return;
      event.preventDefault();
      props.onMenu(Number(row.dataset.index), event.target instanceof HTMLElement ? event.target : row);
    } else if (isRow && event.key === 'Enter' && !hasModifier && !event.shiftKey && props.onOpen) {
      event.preventDefault();
      props.onOpen(currentIndex);
    } else if (isRow && event.key === ' ' && !hasModifier && props.onPreview) {
      event.preventDefault();
      props.onPreview(currentIndex);
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && onSelect) {
      event.preventDefault();
      onSelect({ kind: 'all' });
    }
  }

  function onContextMenu(event: MouseEvent): void {
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    const row = target?.closest<HTMLElement>('[data-index]');
    if (!props.onMenu || target === undefined || row == null) return;
    event.preventDefault();
    props.onMenu(Number(row.dataset.index), target.closest<HTMLElement>('[role="gridcell"]') === null ? row : target);
  }

  // Without a current row the first one takes the tab stop, so that the list can be entered at all.
  const stop = currentIndex >= 0 && currentIndex < count ? currentIndex : 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it has one of two roles; a table element cannot hold rows that are placed by hand
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both have a label
    <div
      ref={scroller}
      className={css.list}
      role={props.treeOf === undefined ? 'grid' : 'treegrid'}
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length + (hasActions ? 1 : 0)}
      aria-multiselectable={onSelect ? true : undefined}
      onKeyDown={onKeyDown}
      onContextMenu={onContextMenu}
      onFocus={(event) => {
        const row = event.target.closest<HTMLElement>('[data-index]');
        focusedIndex.current = row === null ? -1 : Number(row.dataset.index);
      }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <div
        role="row"
        tabIndex={-1}
        aria-rowindex={1}
        className={cx(css.row, css.head)}
        style={{ gridTemplateColumns: template }}
      >
        {columns.map((column) => (
          // biome-ignore lint/a11y/useSemanticElements: see above
          <div
            key={column.id}
            role="columnheader"
            tabIndex={-1}
            className={cx(
              css.cell,
              column.align === 'end' && css.end,
              column.isPadded && css.padded,
              column.isSecondLine && 'visually-hidden',
            )}
            {...(column.isSortable || sort?.column === column.id
              ? { 'aria-sort': sortDirection(column.id, sort) }
              : {})}
          >
            <ColumnHead column={column} sort={sort} onSortChange={onSortChange} />
          </div>
        ))}
        {hasActions && (
          // biome-ignore lint/a11y/useSemanticElements: see above
          <div role="columnheader" tabIndex={-1}>
            <span className="visually-hidden">Actions</span>
          </div>
        )}
      </div>
      {count === 0 ? (
        props.empty
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: see above
        <div role="rowgroup" className={css.body} style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rowAt(item.index);
            const branch = row === undefined ? undefined : props.treeOf?.(row);
            return (
              <ListRow
                key={row === undefined ? `#${item.index}` : props.keyOf(row)}
                row={row}
                index={item.index}
                start={item.start - headHeight}
                height={rowHeight}
                template={template}
                columns={columns as readonly Column<unknown>[]}
                label={row === undefined ? 'Loading' : props.labelOf(row)}
                isCurrent={item.index === currentIndex}
                isStop={item.index === stop}
                isSelectable={onSelect !== undefined}
                isSelected={row !== undefined && (props.isSelected?.(row) ?? false)}
                level={branch?.level}
                isExpanded={branch?.isExpanded}
                isMuted={row !== undefined && (props.isMuted?.(row) ?? false)}
                actions={props.actions as ((row: unknown, state: RowState) => ReactNode) | undefined}
                events={events}
              />
            );
          })}
        </div>
      )}
    </div>
  );
}

function templateOf<Row>(columns: readonly Column<Row>[], hasActions: boolean): string {
  const tracks = columns.filter((column) => !column.isSecondLine).map((column) => column.width ?? 'minmax(0, 1fr)');
  return [...tracks, ...(hasActions ? [actionsTrack] : [])].join(' ');
}

function useColumnsThatFit<Row>(
  list: { readonly current: HTMLElement | null },
  columns: readonly Column<Row>[],
): readonly Column<Row>[] {
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);
  // The same array as long as the same columns fit, whatever the pixel: rows are drawn again when it changes.
  const shown = columns.filter((column) => column.leastWidth === undefined || width >= column.leastWidth);
  const key = shown.map((column) => column.id).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for `shown`
  return useMemo(() => shown, [columns, key]);
}
