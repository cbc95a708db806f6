// The keys with their versions: what each protects, how old it is, when it is due, what still needs an old version.

import type { EncryptionStatus, KeyVersion, RotatableKey } from '../../../src-shared/contract/encryption.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { Timer } from '../../ui/data/Timer.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import css from './encryption.module.css';
import { keyNames, keyUses, usesWords } from './key-words.ts';

const order = ['master', 'page', 'sealing', 'backup', 'signing'] as const;

/** Key by key, the current version before those that are on their way out. */
export function inOrder(keys: EncryptionStatus['keys']): EncryptionStatus['keys'] {
  return keys.toSorted(
    (left, right) => order.indexOf(left.key) - order.indexOf(right.key) || right.version - left.version,
  );
}

interface KeyTableProps {
  readonly keys: EncryptionStatus['keys'];
  /** Absent: the person may only look. */
  readonly onRotate?: ((key: RotatableKey) => void) | undefined;
  /** A rotation is under way: another one has to wait. */
  readonly isBusy: boolean;
}

export function KeyTable({ keys, onRotate, isBusy }: KeyTableProps) {
  const isNarrow = useNarrowWindow();
  return (
    <div className={css.scroll}>
      <DataTable
        caption="Encryption keys"
        columns={columnsFor(onRotate, isBusy, isNarrow)}
        rows={inOrder(keys)}
        keyOf={(key) => `${key.key} ${key.version}`}
        isFlush
      />
    </div>
  );
}

const protects: Column<KeyVersion> = {
  id: 'protects',
  title: 'Protects',
  cell: ({ key, state }) => (state === 'current' ? <span className="muted">{keyUses[key]}</span> : ''),
};

function columnsFor(
  onRotate: KeyTableProps['onRotate'],
  isBusy: boolean,
  isNarrow: boolean,
): readonly Column<KeyVersion>[] {
  return [
    {
      id: 'key',
      title: 'Key',
      width: '176px',
      cell: ({ key, state }) =>
        state === 'current' ? (
          <b>{keyNames[key]}</b>
        ) : (
          <span className={css.retiring}>
            {keyNames[key]} <Tag tone="line">retiring</Tag>
          </span>
        ),
    },
    ...(isNarrow ? [] : [protects]),
    {
      id: 'version',
      title: 'Version',
      width: '64px',
      align: 'end',
      cell: ({ version }) => `v${version}`,
    },
    {
      id: 'age',
      title: 'Age',
      width: '64px',
      align: 'end',
      cell: ({ created_at: madeAt }) => <RelativeTime at={madeAt} form="short" />,
    },
    {
      id: 'due',
      title: 'Due in',
      width: '80px',
      align: 'end',
      cell: ({ created_at: madeAt, due_at: dueAt }) =>
        dueAt === null ? '' : <Timer startedAt={madeAt} dueAt={dueAt} label="Rotation due" />,
    },
    {
      id: 'uses',
      title: 'Used by',
      width: '120px',
      align: 'end',
      cell: ({ key, uses }) => usesWords(key, uses),
    },
    {
      id: 'actions',
      title: 'Actions',
      hidesTitle: true,
      width: '96px',
      align: 'end',
      cell: ({ key, state }) => {
        if (onRotate === undefined || state !== 'current') return null;
        return (
          <Button size="small" isDisabled={isBusy} onPress={() => onRotate(key)}>
            Rotate
          </Button>
        );
      },
    },
  ];
}
