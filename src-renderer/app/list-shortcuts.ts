// The keys every list of the console shares, registered by the screen so that they also work while its pane has the focus.

import { movedIndex, type SelectionChange } from '../ui/lists/list-moves.ts';
import { useShortcuts } from './KeyboardProvider.tsx';
import type { Shortcut } from './keyboard.ts';

interface ListShortcuts {
  readonly count: number;
  readonly currentIndex: number;
  readonly onCurrentChange: (index: number) => void;
  readonly onSelect?: ((change: SelectionChange) => void) | undefined;
  readonly onFilter?: (() => void) | undefined;
  readonly onShowNew?: (() => void) | undefined;
  /** The list handles Enter while it has the focus; this is for the moment after one arrived on the screen. */
  readonly onOpen?: ((index: number) => void) | undefined;
}

export function useListShortcuts(screen: string, title: string, list: ListShortcuts): void {
  const { count, currentIndex, onCurrentChange, onSelect, onFilter, onShowNew, onOpen } = list;
  const to = (move: 'next' | 'previous') => () => onCurrentChange(movedIndex(move, currentIndex, count, 1));
  const shortcuts: Shortcut[] = [
    { id: `${screen}.next`, keys: 'j', label: 'Next', repeats: true, run: to('next') },
    { id: `${screen}.previous`, keys: 'k', label: 'Previous', repeats: true, run: to('previous') },
    { id: `${screen}.pane-next`, keys: ']', label: 'Next, in the pane', repeats: true, run: to('next') },
    { id: `${screen}.pane-previous`, keys: '[', label: 'Previous, in the pane', repeats: true, run: to('previous') },
  ];
  if (onOpen && count > 0) {
    shortcuts.push(
      { id: `${screen}.open`, keys: 'Enter', label: 'Open', run: () => onOpen(currentIndex) },
      { id: `${screen}.preview`, keys: 'Space', label: 'Preview' },
    );
  }
  if (onSelect) {
    shortcuts.push(
      {
        id: `${screen}.select`,
        keys: 'x',
        label: 'Select',
        run: () => onSelect({ kind: 'toggle', index: currentIndex }),
      },
      { id: `${screen}.select-range`, keys: 'Shift+ArrowDown', label: 'Select a range' },
      { id: `${screen}.select-all`, keys: '*', label: 'Select all', run: () => onSelect({ kind: 'all' }) },
    );
  }
  if (onFilter) shortcuts.push({ id: `${screen}.filter`, keys: '/', label: 'Filter', run: onFilter });
  if (onShowNew) shortcuts.push({ id: `${screen}.new`, keys: '.', label: 'Show new', run: onShowNew });
  useShortcuts(screen, title, shortcuts);
}
