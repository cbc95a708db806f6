// Where a key takes the row one stands on. Shared by the list itself (arrows) and the screens' shortcuts (j, k).

export type ListMove = 'next' | 'previous' | 'first' | 'last' | 'page-down' | 'page-up';

/** The new index, kept inside the list; -1 only when the list is empty. */
export function movedIndex(move: ListMove, current: number, count: number, pageSize: number): number {
  if (count === 0) return -1;
  const last = count - 1;
  const from = current < 0 ? (move === 'previous' || move === 'page-up' ? count : -1) : current;
  const target = {
    next: from + 1,
    previous: from - 1,
    first: 0,
    last,
    'page-down': from + pageSize,
    'page-up': from - pageSize,
  }[move];
  return Math.min(last, Math.max(0, target));
}

const moves: Readonly<Record<string, ListMove>> = {
  ArrowDown: 'next',
  ArrowUp: 'previous',
  Home: 'first',
  End: 'last',
  PageDown: 'page-down',
  PageUp: 'page-up',
};

export function moveOfKey(key: string): ListMove | undefined {
  return moves[key];
}

/** How the selection of rows changes; which rows that are is the owner's matter. */
export type SelectionChange =
  | { readonly kind: 'toggle'; readonly index: number }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'none' };
