// Rules are written here: a text field with line numbers, marks at the lines that have problems, and words to choose from. It stays a
// plain text field, so that everything the system can do with one works: dictation, spell checkers, screen readers, undo.

import { type KeyboardEvent, type Ref, useId, useImperativeHandle, useRef, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import css from './editor.module.css';
import { type Completion, completionsAt } from './rule-schema.ts';

export interface CodeFieldHandle {
  goTo(line: number): void;
}

interface CodeFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isReadOnly?: boolean;
  /** Lines with what is wrong there. */
  readonly marks: ReadonlyMap<number, string>;
  readonly onPlace?: (offset: number) => void;
  readonly ref?: Ref<CodeFieldHandle>;
}

const lineHeight = 18;

export function CodeField({ label, value, onChange, isReadOnly = false, marks, onPlace, ref }: CodeFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLDivElement>(null);
  const [choice, setChoice] = useState<{ list: readonly Completion[]; at: number; from: number }>();
  const listId = useId();
  const lines = value.split('\n').length;

  useImperativeHandle(ref, () => ({
    goTo(line) {
      const element = field.current;
      if (element === null) return;
      const start = value
        .split('\n')
        .slice(0, line - 1)
        .reduce((sum, text) => sum + text.length + 1, 0);
      element.focus();
      element.setSelectionRange(start, start + (value.split('\n')[line - 1]?.length ?? 0));
      element.scrollTop = Math.max(0, (line - 5) * lineHeight);
    },
  }));

  function put(text: string, from: number, to: number): void {
    const element = field.current;
    if (element === null) return;
    element.focus();
    element.setSelectionRange(from, to);
    // The only way that leaves the field's own undo intact; where a browser has given it up the text is set as a whole.
    if (!document.execCommand('insertText', false, text)) {
      onChange(value.slice(0, from) + text + value.slice(to));
    }
  }

  function offer(): void {
    const at = field.current?.selectionStart ?? 0;
    const { list, from } = completionsAt(value, at);
    setChoice(list.length === 0 ? undefined : { list, at: 0, from });
  }

  function take(index: number): void {
    const chosen = choice?.list[index];
    if (choice === undefined || chosen === undefined) return;
    put(chosen.insert, choice.from, field.current?.selectionStart ?? choice.from);
    setChoice(undefined);
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (isReadOnly) return;
    if (event.key === ' ' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      offer();
      return;
    }
    if (choice === undefined) return;
    const last = choice.list.length - 1;
    if (event.key === 'Escape') setChoice(undefined);
    else if (event.key === 'ArrowDown') setChoice({ ...choice, at: Math.min(last, choice.at + 1) });
    else if (event.key === 'ArrowUp') setChoice({ ...choice, at: Math.max(0, choice.at - 1) });
    else if (event.key === 'Enter' || event.key === 'Tab') take(choice.at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className={css.code}>
      <div className={css.numbers} ref={numbers} aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line's number is what it is
          <div key={index} className={cx(marks.has(index + 1) && css.marked)} title={marks.get(index + 1)}>
            {index + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={field}
        className={css.text}
        aria-label={label}
        aria-describedby={`${listId}-help`}
        aria-invalid={marks.size > 0}
        aria-controls={choice === undefined ? undefined : listId}
        aria-activedescendant={choice === undefined ? undefined : `${listId}-${choice.at}`}
        value={value}
        readOnly={isReadOnly}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        wrap="off"
        onChange={(event) => {
          setChoice(undefined);
          onChange(event.target.value);
        }}
        onSelect={(event) => onPlace?.(event.currentTarget.selectionStart)}
        onBlur={() => setChoice(undefined)}
        onKeyDown={onKeyDown}
        onScroll={(event) => {
          if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
      <span id={`${listId}-help`} className="visually-hidden">
        Ctrl and space offers words. Tab leaves the field.
      </span>
      {choice !== undefined && (
        <div className={css.choices} role="listbox" id={listId} aria-label="Words that fit here">
          {choice.list.map((one, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
            <div
              key={one.label}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === choice.at}
              className={cx(css.choice, index === choice.at && css.chosen)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(index)}
            >
              <span className="mono">{one.label}</span>
              <span className="small muted clip">{one.help}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
