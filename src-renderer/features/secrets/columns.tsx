// The columns of the list of secrets, for the widths it has, and what a row says to a screen reader.

import { Lock } from 'lucide-react';
import type { SecretSummary } from '../../../src-shared/contract/secrets.ts';
import { relativeTime } from '../../lib/durations.ts';
import { toMillis } from '../../lib/instants.ts';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DueChip, Mask, StateWord } from './parts.tsx';
import { splitName, stateWords, typeWords } from './secret-words.ts';
import css from './secrets.module.css';

export function labelOf(secret: SecretSummary, now = Date.now()): string {
  return [
    secret.name,
    typeWords[secret.type],
    `version ${secret.version}`,
    secret.state === 'current' ? '' : stateWords[secret.state],
    secret.rotation_due_at === null ? '' : `rotation ${relativeTime(toMillis(secret.rotation_due_at), now)}`,
    secret.last_read_at === null
      ? 'never read'
      : `last read ${relativeTime(toMillis(secret.last_read_at), now)} by ${secret.last_read_by ?? 'somebody'}`,
    secret.limited ? 'limited' : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** Under a path its own folders go without saying; `path` is '' or ends at a folder. */
function nameColumn(path: string): Column<SecretSummary> {
  return {
    id: 'name',
    title: 'Name',
    width: 'minmax(120px, 1fr)',
    cell: (secret) => {
      const { folder, leaf } = splitName(
        path !== '' && secret.name.startsWith(`${path}/`) ? secret.name.slice(path.length + 1) : secret.name,
      );
      return (
        <span className={css.name} title={secret.name}>
          {folder !== '' && <span className={css.folder}>{folder}</span>}
          <span className={`${css.leaf} row-title`}>{leaf}</span>
          {secret.limited && (
            <span className={css.limited} title="Limited to those named in its grants">
              <Icon of={Lock} size={12} />
            </span>
          )}
        </span>
      );
    },
  };
}

const value: Column<SecretSummary> = {
  id: 'value',
  title: 'Value',
  width: '84px',
  leastWidth: 520,
  cell: () => <Mask />,
};
const type: Column<SecretSummary> = {
  id: 'type',
  title: 'Type',
  width: '80px',
  leastWidth: 640,
  cell: ({ type: kind }) => <span className="clip muted">{typeWords[kind]}</span>,
};
const version: Column<SecretSummary> = {
  id: 'version',
  title: 'Ver.',
  width: '40px',
  cell: (secret) => <span className="muted tn">v{secret.version}</span>,
};
const age: Column<SecretSummary> = {
  id: 'age',
  title: 'Age',
  width: '60px',
  align: 'end',
  isPadded: true,
  leastWidth: 820,
  cell: (secret) => <RelativeTime at={secret.changed_at} form="short" className="muted tn" />,
};
const rotation: Column<SecretSummary> = {
  id: 'rotation',
  title: 'Rotation',
  width: '88px',
  isPadded: true,
  cell: (secret) =>
    secret.rotation_due_at === null ? (
      <span className="faint">none</span>
    ) : (
      <span className={css.hang}>
        <DueChip at={secret.rotation_due_at} what="rotation due" />
      </span>
    ),
};
const owner: Column<SecretSummary> = {
  id: 'owner',
  title: 'Owner',
  width: 'minmax(72px, 0.35fr)',
  leastWidth: 940,
  cell: (secret) => (
    <span className="clip muted" title={secret.owner}>
      {secret.owner}
    </span>
  ),
};
const read: Column<SecretSummary> = {
  id: 'read',
  title: 'Last read',
  width: 'minmax(112px, 0.45fr)',
  leastWidth: 440,
  cell: (secret) =>
    secret.last_read_at === null ? (
      <span className="small faint">never</span>
    ) : (
      <span className="clip small muted" title={secret.last_read_by ?? undefined}>
        <RelativeTime at={secret.last_read_at} form="short" className="tn" />, {secret.last_read_by}
      </span>
    ),
};
const state: Column<SecretSummary> = {
  id: 'state',
  title: 'State',
  width: '104px',
  leastWidth: 760,
  cell: (secret) => <StateWord state={secret.state} />,
};

export function columnsUnder(path: string): readonly Column<SecretSummary>[] {
  return [nameColumn(path), value, type, version, age, rotation, owner, read, state];
}
