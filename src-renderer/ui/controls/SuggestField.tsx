// A line of words that offers how the one being typed may go on. Arrows choose, Tab or Enter takes; what Enter, Escape and Backspace do
// otherwise is the field's owner's.

import { type KeyboardEvent, type ReactNode, type Ref, useId, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { replaceWord, wordBefore } from '../../lib/typed-words.ts';
import css from './SuggestField.module.css';

export interface Suggestion {
  /** Takes the place of the word before the cursor. */
  readonly insert: string;
  readonly detail: string;
}

interface SuggestFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly suggestionsFor: (word: string) => readonly Suggestion[];
  /** A suggestion was taken; true where the owner did the rest and has emptied the field. */
  readonly onTake?: (text: string, cursor: number) => boolean;
  readonly onEnter: () => void;
  /** Without suggestions; absent: it goes on to what is around. */
  readonly onEscape?: () => void;
  /** In the empty field. */
  readonly onBackspace?: () => void;
  /** Offers at once, not only after the first letter. */
  readonly opensOnFocus?: boolean;
  /** Tab takes the first one where none was chosen. */
  readonly tabTakesFirst?: boolean;
  readonly isInvalid: boolean;
  /** Id of what says why. */
  readonly describedBy?: string | undefined;
  readonly className?: string | undefined;
  readonly inputClassName?: string | undefined;
  readonly inputRef: Ref<HTMLInputElement>;
  /** Before and after the input: an icon, the key that leads here. */
  readonly start?: ReactNode;
  readonly end?: ReactNode;
}

const longest = 2_000;

export function SuggestField(props: SuggestFieldProps) {
  const { label, value, onChange, className } = props;
  const id = useId();
  const [cursor, setCursor] = useState(0);
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const suggestions = isOpen ? props.suggestionsFor(wordBefore(value, cursor)) : [];

  function take(insert: string, input: HTMLInputElement): void {
    const next = replaceWord(value, cursor, insert);
    setChosen(-1);
    if (props.onTake?.(next.text, next.cursor) === true) {
      setIsOpen(false);
      return;
    }
    onChange(next.text);
    setCursor(next.cursor);
    requestAnimationFrame(() => input.setSelectionRange(next.cursor, next.cursor));
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const input = event.currentTarget;
    const picked = suggestions[chosen];
    const tabbed = picked ?? (props.tabTakesFirst === true && value !== '' ? suggestions[0] : undefined);
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && suggestions.length > 0) {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      // One place beyond the last is the field itself.
      setChosen(((chosen + 1 + step + suggestions.length + 1) % (suggestions.length + 1)) - 1);
    } else if (event.key === 'Tab' && !event.shiftKey && tabbed !== undefined) take(tabbed.insert, input);
    else if (event.key === 'Enter') {
      if (picked !== undefined) take(picked.insert, input);
      else {
        setIsOpen(false);
        props.onEnter();
      }
    } else if (event.key === 'Escape' && suggestions.length > 0) setIsOpen(false);
    else if (event.key === 'Escape' && props.onEscape !== undefined) props.onEscape();
    else if (event.key === 'Backspace' && value === '' && props.onBackspace !== undefined) props.onBackspace();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className={cx(css.field, className)}>
      {props.start}
      <input
        ref={props.inputRef}
        className={cx(css.input, props.inputClassName)}
        value={value}
        placeholder={props.placeholder}
        spellCheck={false}
        autoComplete="off"
        maxLength={longest}
        role="combobox"
        aria-label={label}
        aria-expanded={suggestions.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen >= 0 && chosen < suggestions.length ? `${id}-${chosen}` : undefined}
        aria-invalid={props.isInvalid}
        aria-describedby={props.describedBy}
        onChange={(event) => {
          setCursor(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
          setIsOpen(true);
          setChosen(-1);
          onChange(event.currentTarget.value);
        }}
        onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => props.opensOnFocus === true && setIsOpen(true)}
        onBlur={() => setIsOpen(false)}
        onKeyDown={onKeyDown}
      />
      {props.end}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Suggestions"
        className={cx(css.suggestions, suggestions.length === 0 && css.none)}
      >
        {suggestions.map((suggestion, position) => (
          <div
            key={suggestion.insert}
            id={`${id}-${position}`}
            role="option"
            tabIndex={-1}
            aria-selected={position === chosen}
            className={css.suggestion}
            onPointerDown={(event) => {
              // The field keeps the focus.
              event.preventDefault();
              const input = event.currentTarget.closest(`.${css.field}`)?.querySelector('input');
              if (input) take(suggestion.insert, input);
            }}
          >
            <span className="mono">{suggestion.insert}</span>
            <span className="small muted">{suggestion.detail}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
