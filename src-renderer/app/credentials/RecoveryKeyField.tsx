// The recovery key as it stands on paper: fourteen real fields of four characters, so that one group can be corrected alone. Pasting the
// whole key anywhere fills them all; its check group is tried here, before anything is sent.

import { Check } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useId, useRef, useState } from 'react';
import { recoveryKeyGroupLength, recoveryKeyGroups, recoveryKeyPrefix } from '../../../src-shared/recovery-key.ts';
import { cx } from '../../lib/cx.ts';
import { Icon } from '../../ui/Icon.tsx';
import css from './RecoveryKeyField.module.css';
import {
  type Entered,
  enterGroup,
  type GroupsReading,
  type KeyGroups,
  pasteIntoGroup,
  readGroups,
} from './recovery-key-groups.ts';

interface RecoveryKeyFieldProps {
  readonly groups: KeyGroups;
  readonly onChange: (groups: KeyGroups) => void;
  /** What the console said about the whole key. */
  readonly error?: string | undefined;
  readonly autoFocus?: boolean;
  readonly isDisabled?: boolean;
}

export function RecoveryKeyField({
  groups,
  onChange,
  error,
  autoFocus = false,
  isDisabled = false,
}: RecoveryKeyFieldProps) {
  const fields = useRef<(HTMLInputElement | null)[]>([]);
  const [strange, setStrange] = useState<readonly string[]>([]);
  const id = useId();
  const reading = readGroups(groups);

  function focus(position: number, caret: 'all' | 'end' | 'start' = 'all'): void {
    const field = fields.current[position];
    if (!field) return;
    field.focus();
    const end = field.value.length;
    if (caret === 'all') field.select();
    else field.setSelectionRange(caret === 'end' ? end : 0, caret === 'end' ? end : 0);
  }

  function take(position: number, entered: Entered): void {
    setStrange(entered.strange);
    onChange(entered.groups);
    if (entered.focus !== position) focus(entered.focus);
  }

  function onPaste(event: ClipboardEvent<HTMLInputElement>, position: number): void {
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = event.currentTarget;
    const before = value.slice(0, selectionStart ?? value.length);
    const after = value.slice(selectionEnd ?? value.length);
    take(position, pasteIntoGroup(groups, position, before, event.clipboardData.getData('text').slice(0, 1000), after));
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>, position: number): void {
    const { value, selectionStart, selectionEnd } = event.currentTarget;
    const isAtStart = selectionStart === 0 && selectionEnd === 0;
    const isAtEnd = selectionStart === value.length && selectionEnd === value.length;
    if ((event.key === 'Backspace' || event.key === 'ArrowLeft') && isAtStart && position > 0) {
      event.preventDefault();
      focus(position - 1, 'end');
    } else if (event.key === 'ArrowRight' && isAtEnd && position + 1 < recoveryKeyGroups) {
      event.preventDefault();
      focus(position + 1, 'start');
    }
  }

  const isWrong = error !== undefined || reading.kind === 'mistyped';
  return (
    <fieldset className={css.field} disabled={isDisabled} aria-describedby={`${id}-says`}>
      <legend className={css.legend}>Recovery key</legend>
      <div className={cx(css.groups, isWrong && css.wrong)}>
        <span className={css.prefix} aria-hidden="true">
          {recoveryKeyPrefix}
        </span>
        {groups.map((group, position) => (
          <input
            // biome-ignore lint/suspicious/noArrayIndexKey: the groups are their positions
            key={position}
            ref={(element) => {
              fields.current[position] = element;
            }}
            className={css.group}
            value={group}
            aria-label={`Group ${position + 1} of ${recoveryKeyGroups}`}
            aria-invalid={isWrong}
            maxLength={recoveryKeyGroupLength}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck="false"
            // biome-ignore lint/a11y/noAutofocus: the form was opened to type this key
            autoFocus={autoFocus && position === 0}
            onChange={(event) => take(position, enterGroup(groups, position, event.currentTarget.value))}
            onPaste={(event) => onPaste(event, position)}
            onKeyDown={(event) => onKeyDown(event, position)}
            onFocus={(event) => event.currentTarget.select()}
          />
        ))}
      </div>
      <p
        id={`${id}-says`}
        className={cx(css.says, isWrong && css.problem, reading.kind === 'key' && !isWrong && css.fits)}
      >
        {reading.kind === 'key' && !isWrong && <Icon of={Check} size={12} />}
        <span role="status">{error ?? wordsFor(reading, strange)}</span>
      </p>
    </fieldset>
  );
}

function wordsFor(reading: GroupsReading, strange: readonly string[]): string {
  if (strange.length > 0) {
    return `A recovery key has no ${strange.slice(0, 3).join(' ')}; it was left out. Digits and letters without I, L, O and U.`;
  }
  switch (reading.kind) {
    case 'filling':
      return reading.full === 0
        ? '14 groups of four, as on the sheet. The whole key can be pasted into any of them.'
        : `${reading.full} of ${recoveryKeyGroups} groups.`;
    case 'mistyped':
      return 'The check group does not fit: at least one character is mistyped. Compare each group with the sheet.';
    case 'key':
      return 'The check group fits: the key was typed right.';
  }
}
