// Small pieces that the list, the pane and the dialogs share: a due date, a state, a value that is not there, a menu of command lines.

import { Clock3, TerminalSquare, Trash2, TriangleAlert } from 'lucide-react';
import type { SecretState } from '../../../src-shared/contract/secrets.ts';
import { copyLine } from '../../app/copy-line.ts';
import { cx } from '../../lib/cx.ts';
import { formatInstant, type Instant } from '../../lib/instants.ts';
import { useNow } from '../../lib/now.ts';
import { LimitChip } from '../../ui/data/LimitChip.tsx';
import { Icon, type IconShape } from '../../ui/Icon.tsx';
import { Menu, type MenuEntry } from '../../ui/overlays/Menu.tsx';
import type { CommandLines } from './copy-as.ts';
import { dueAt, stateWords } from './secret-words.ts';
import css from './secrets.module.css';

const minuteMs = 60_000;
const spoken = { calm: '', soon: ', soon', late: ', overdue' } as const;

/** 'in 31d' · outlined amber when soon · filled amber with + when over. */
export function DueChip({ at, what }: { readonly at: Instant; readonly what: string }) {
  const due = dueAt(at, useNow(minuteMs));
  return (
    <LimitChip
      state={due.state}
      spoken={`${what} ${due.short}${spoken[due.state]}`}
      title={`${what} ${formatInstant(at, 'utc', 'minute')}`}
    >
      {due.short}
    </LimitChip>
  );
}

const stateIcons: Readonly<Record<Exclude<SecretState, 'current'>, IconShape>> = {
  rotation_due: Clock3,
  expiring: Clock3,
  expired: TriangleAlert,
  deleted: Trash2,
  purged: Trash2,
};

/** Current is what one expects, and quiet. */
export function StateWord({ state }: { readonly state: SecretState }) {
  if (state === 'current') return <span className="faint">{stateWords.current}</span>;
  const isLate = state === 'expired' || state === 'rotation_due' || state === 'expiring';
  return (
    <span className={cx(css.state, isLate && css.stateLate)}>
      <Icon of={stateIcons[state]} size={12} />
      {stateWords[state]}
    </span>
  );
}

/** Not the value with dots over it: the value is not in this page. */
export function Mask() {
  return (
    <span className={css.mask}>
      <span aria-hidden="true">••••••••</span>
      <span className="visually-hidden">not shown</span>
    </span>
  );
}

export function copyEntries({ cli, curl }: CommandLines, what: string): readonly MenuEntry[] {
  return [
    {
      id: `${what}.cli`,
      label: `${what} as CLI`,
      detail: cli,
      icon: TerminalSquare,
      onAction: () => void copyLine('command line', cli),
    },
    {
      id: `${what}.curl`,
      label: `${what} as curl`,
      icon: TerminalSquare,
      onAction: () => void copyLine('curl line', curl),
    },
  ];
}

/** In the foot of a dialog: the same thing for a script. */
export function CopyAs({ lines, what }: { readonly lines: CommandLines; readonly what: string }) {
  return (
    <Menu
      label={`${what} as a command line`}
      tone="quiet"
      size="small"
      placement="top start"
      trigger={
        <>
          <Icon of={TerminalSquare} size={12} /> Copy as
        </>
      }
      groups={[{ id: 'copy', entries: copyEntries(lines, what) }]}
    />
  );
}
