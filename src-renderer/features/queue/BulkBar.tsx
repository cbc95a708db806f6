// What can be done to the selected alerts at once, or to all of a selected group, and how many they are.

import { Archive, Check, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { linesOf } from './group-tree.ts';
import { groupName } from './group-words.ts';
import css from './queue.module.css';
import { acknowledgeTargets, closeTargets, queue } from './queue-state.ts';

export function BulkBar() {
  const count = useStore(queue, (state) => state.selected.size);
  const loaded = useStore(queue, (state) => state.rows.length);
  const matching = useStore(queue, (state) => state.summary?.matching);
  if (count === 0) return null;
  return (
    <Bar onClear={() => queue.select({ kind: 'none' })}>
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
    </Bar>
  );
}

export function GroupBulkBar() {
  const state = useStore(queue.groups);
  const { selected, selectedGroup } = state;
  const line = selectedGroup === undefined ? undefined : linesOf(state).find((each) => each.id === selectedGroup);
  if (selected.size === 0 && line?.kind !== 'group') return null;
  return (
    <Bar onClear={() => queue.groups.clearSelection()}>
      {line?.kind === 'group' ? (
        <span className="clip">
          All <b className="tn">{formatCount(line.group.count)}</b>{' '}
          <span className="muted">
            {line.group.count === 1 ? 'alert' : 'alerts'} of {groupName(line.by, line.group)}
          </span>
        </span>
      ) : (
        <span className="nowrap">
          <b className="tn">{formatCount(selected.size)}</b> <span className="muted">selected</span>
        </span>
      )}
    </Bar>
  );
}

function Bar({ children, onClear }: { readonly children: ReactNode; readonly onClear: () => void }) {
  return (
    <div className={css.bulk} role="toolbar" aria-label="Selected alerts">
      {children}
      <span className="grow" />
      <Button size="small" icon={Check} keys="a" onPress={acknowledgeTargets}>
        Acknowledge
      </Button>
      <Button size="small" icon={Archive} keys="c" onPress={closeTargets}>
        Close
      </Button>
      <Button size="small" tone="quiet" icon={X} onPress={onClear}>
        Clear
      </Button>
    </div>
  );
}
