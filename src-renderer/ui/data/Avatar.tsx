// A person as initials; a dashed circle where nobody is assigned.

import { cx } from '../../lib/cx.ts';
import { initialsOf } from '../../lib/numbers.ts';
import css from './Avatar.module.css';

interface AvatarProps {
  /** Absent: nobody. */
  readonly name?: string | undefined;
  readonly isMe?: boolean | undefined;
}

export function Avatar({ name, isMe = false }: AvatarProps) {
  const label = name ?? 'Unassigned';
  return (
    <span
      role="img"
      aria-label={label}
      title={label}
      className={cx(css.avatar, isMe && css.me, name === undefined && css.none)}
    >
      {name !== undefined && initialsOf(name)}
    </span>
  );
}
