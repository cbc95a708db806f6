// One condition of a query, as it is written in the query: `status:open,ack`. Pressing it edits, the cross removes it.

import { X } from 'lucide-react';
import { Icon } from '../Icon.tsx';
import css from './FilterChip.module.css';

interface FilterChipProps {
  readonly field: string;
  readonly value: string;
  readonly isNegated?: boolean;
  readonly onEdit?: (() => void) | undefined;
  readonly onRemove?: (() => void) | undefined;
}

export function FilterChip({ field, value, isNegated = false, onEdit, onRemove }: FilterChipProps) {
  const words = (
    <>
      <em className={css.field}>
        {isNegated && '-'}
        {field}:
      </em>
      {value}
    </>
  );
  return (
    <span className={css.chip}>
      {onEdit ? (
        <button
          type="button"
          className={css.words}
          onClick={onEdit}
          aria-label={`Edit filter ${isNegated ? 'not ' : ''}${field} ${value}`}
        >
          {words}
        </button>
      ) : (
        <span className={css.words}>{words}</span>
      )}
      {onRemove && (
        <button type="button" className={css.remove} onClick={onRemove} aria-label={`Remove filter ${field} ${value}`}>
          <Icon of={X} size={12} />
        </button>
      )}
    </span>
  );
}

interface ChipProps {
  /** A value one can act on: a user, an address, a key. */
  readonly children: string;
  readonly onPress?: (() => void) | undefined;
  readonly tabIndex?: number;
}

export function Chip({ children, onPress, tabIndex }: ChipProps) {
  if (!onPress) return <span className={css.chip}>{<span className={css.words}>{children}</span>}</span>;
  return (
    <button type="button" className={css.chip} onClick={onPress} tabIndex={tabIndex}>
      <span className={css.words}>{children}</span>
    </button>
  );
}
