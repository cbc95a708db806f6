// A key one may have to type elsewhere, in groups of four. Selecting it gives the characters without the gaps.

import css from './SecretText.module.css';

interface SecretTextProps {
  readonly value: string;
  /** Groups to a line. */
  readonly columns?: number;
  readonly groupSize?: number;
}

export function groupsOf(value: string, size: number): readonly string[] {
  return value.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
}

export function SecretText({ value, columns = 4, groupSize = 4 }: SecretTextProps) {
  return (
    <code className={css.secret} style={{ gridTemplateColumns: `repeat(${columns}, auto)` }}>
      {groupsOf(value, groupSize).map((group, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups may be equal and never move
        <span key={position}>{group}</span>
      ))}
    </code>
  );
}
