// The three things one does most, at the end of a row: under the pointer and on the row the keyboard stands on.

import { Archive, Check, UserPlus } from 'lucide-react';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { RowAction } from '../../ui/lists/ListRow.tsx';
import { acknowledge, assignTo, showDialog } from './queue-state.ts';

export function QuickActions({ row, me }: { readonly row: AlertRow; readonly me: string }) {
  return (
    <>
      {row.status === 'open' && <RowAction label="Acknowledge, A" icon={Check} onPress={() => acknowledge([row])} />}
      {row.assignee !== me && row.status !== 'closed' && (
        <RowAction label="Assign to me, Shift A" icon={UserPlus} onPress={() => assignTo([row], me)} />
      )}
      {row.status !== 'closed' && (
        <RowAction label="Close, C" icon={Archive} onPress={() => showDialog({ kind: 'close', rows: [row] })} />
      )}
    </>
  );
}
