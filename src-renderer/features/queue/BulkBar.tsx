// What can be done to the selected alerts at once, and how many they are.

import { Archive, Check, X } from 'lucide-react';
import { useStore } from 'zustand';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import css from './queue.module.css';
import { acknowledge, queue, showDialog, targets } from './queue-state.ts';

export function BulkBar({ count, loaded }: { readonly count: number; readonly loaded: number }) {
  const matching = useStore(queue, (state) => state.summary?.matching);
  return (
    <div className={css.bulk} role="toolbar" aria-label="Selected alerts">
      <span className="nowrap">
        <b className="tn">{formatCount(count)}</b>{' '}
        <span className="muted">
          of {formatCount(loaded)} loaded selected
          {matching !== undefined && matching > loaded && `, ${formatCount(matching)} match`}
        </span>
      </span>
      {count < loaded && (
        <Button size="small" keys="*" onPress={() => queue.select({ kind: 'all' })}>
          Select all loaded
        </Button>
      )}
      <span className="grow" />
      <Button size="small" icon={Check} keys="a" onPress={() => acknowledge(targets())}>
        Acknowledge
      </Button>
      <Button
        size="small"
        icon={Archive}
        keys="c"
        onPress={() => {
          const rows = targets().filter((row) => row.status !== 'closed');
          if (rows.length > 0) showDialog({ kind: 'close', rows });
        }}
      >
        Close
      </Button>
      <Button size="small" tone="quiet" icon={X} onPress={() => queue.select({ kind: 'none' })}>
        Clear
      </Button>
    </div>
  );
}
