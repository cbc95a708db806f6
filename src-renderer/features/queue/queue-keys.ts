// The keys that act on alerts, beside those every list has. They act on the selection, or else on the alert one stands on.

import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import type { Shortcut } from '../../app/keyboard.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { acknowledgeTargets, assignTo, closeTargets, showDialog, targets, triage } from './queue-state.ts';

interface QueueKeys {
  readonly me: string;
  readonly mayTriage: boolean;
  /** Escape outside of the pane: close it, or let go of the selection. */
  readonly onLeave: () => void;
}

export function useQueueKeys({ me, mayTriage, onLeave }: QueueKeys): void {
  const acting: readonly Shortcut[] = [
    { id: 'queue.acknowledge', keys: 'a', label: 'Acknowledge', run: acknowledgeTargets },
    { id: 'queue.assign-me', keys: 'Shift+a', label: 'Assign to me', run: () => assignTo(targets(), me) },
    {
      id: 'queue.close',
      keys: 'c',
      label: 'Close with a verdict',
      run: closeTargets,
    },
    {
      id: 'queue.note',
      keys: 'n',
      label: 'Add a note',
      run: () => {
        const rows = targets();
        if (rows.length === 1) showDialog({ kind: 'note', rows });
      },
    },
    { id: 'queue.undo', keys: 'z', label: 'Take the last change back', run: undo },
    { id: 'queue.undo-also', keys: 'Mod+z', label: 'Take the last change back', run: undo },
  ];
  useShortcuts('queue', 'Queue', [
    ...(mayTriage ? acting : []),
    { id: 'queue.leave', keys: 'Escape', label: 'Close the pane, let go of the selection', run: onLeave },
  ]);
}

/** The menu of what the current row names. The list handles the context menu's own keys where it has the focus. */
export function useValueKeys(onMenu: (row: HTMLElement) => void): void {
  useShortcuts('queue', 'Queue', [
    {
      id: 'queue.values',
      keys: 'f',
      label: 'Filter by a value of it: its menu',
      run() {
        const row = document.querySelector<HTMLElement>('main [role="row"][data-index][aria-current="true"]');
        if (row !== null) onMenu(row);
      },
    },
    { id: 'queue.values-menu', keys: 'Shift+F10', label: 'Filter by a value of it: its menu' },
  ]);
}

/** The message knows its own undo and goes with it; after ten seconds the change itself is remembered. */
function undo(): void {
  if (!toasts.undoLast()) void triage.undoLast();
}
