// The query as chips and a field that completes keys and values. Enter applies, Backspace in the empty field takes the last chip
// back for editing; the whole query can be copied and pasted as text.

import { ListFilter, X } from 'lucide-react';
import { type KeyboardEvent, type Ref, useId, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import {
  type AlertQuery,
  type Condition,
  conditionsOf,
  parseQuery,
  printQuery,
} from '../../../src-shared/alert-query.ts';
import { cx } from '../../lib/cx.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { FilterChip } from '../../ui/controls/FilterChip.tsx';
import { Kbd } from '../../ui/controls/Kbd.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ExportMenu } from './ExportMenu.tsx';
import css from './queue.module.css';
import { queue } from './queue-state.ts';
import { type KnownValues, replaceWord, suggestionsFor, wordBefore } from './suggestions.ts';
import { defaultView } from './views.ts';

interface FilterBarProps {
  readonly query: AlertQuery;
  /** Of the address: a pasted link may hold what is not understood. */
  readonly problems: readonly string[];
  readonly onQuery: (text: string) => void;
  /** Escape in the field: back to the list. */
  readonly onLeave: () => void;
  readonly inputRef: Ref<HTMLInputElement>;
}

export function FilterBar({ query, problems, onQuery, onLeave, inputRef }: FilterBarProps) {
  const id = useId();
  const rows = useStore(queue, (state) => state.rows);
  const known = useMemo(() => knownValues(rows), [rows]);
  const conditions = conditionsOf(query);
  const [text, setText] = useState('');
  const [cursor, setCursor] = useState(0);
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const [refused, setRefused] = useState<readonly string[]>([]);
  const suggestions = isOpen ? suggestionsFor(wordBefore(text, cursor), known) : [];
  const shownProblems = refused.length > 0 ? refused : problems;

  function apply(written: string): void {
    const added = parseQuery(written);
    if (added.problems.length > 0) {
      setRefused(added.problems);
      return;
    }
    setRefused([]);
    setText('');
    setIsOpen(false);
    const words = [query.text, added.query.text].filter(Boolean).join(' ');
    onQuery(printQuery({ ...query, ...added.query, ...(words === '' ? {} : { text: words }) }));
  }

  function take(insert: string, input: HTMLInputElement): void {
    const next = replaceWord(text, cursor, insert);
    setChosen(-1);
    if (next.text.endsWith(' ') && next.cursor === next.text.length) {
      apply(next.text);
      return;
    }
    setText(next.text);
    setCursor(next.cursor);
    requestAnimationFrame(() => input.setSelectionRange(next.cursor, next.cursor));
  }

  function edit(condition: Condition): void {
    setText(condition.written);
    onQuery(printQuery(condition.without));
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const input = event.currentTarget;
    const last = conditions.at(-1);
    const picked = suggestions[chosen];
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && suggestions.length > 0) {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((chosen + step + suggestions.length + 1) % (suggestions.length + 1));
    } else if (event.key === 'Tab' && !event.shiftKey && text !== '' && suggestions.length > 0) {
      take((picked ?? suggestions[0])?.insert ?? '', input);
    } else if (event.key === 'Enter') {
      if (picked !== undefined) take(picked.insert, input);
      else if (text.trim() !== '') apply(text);
      else onLeave();
    } else if (event.key === 'Escape') {
      if (isOpen && suggestions.length > 0) setIsOpen(false);
      else onLeave();
    } else if (event.key === 'Backspace' && text === '' && last !== undefined) edit(last);
    else return;
    event.preventDefault();
  }

  return (
    <div className={css.filters}>
      <div className={css.filterLine}>
        <Icon of={ListFilter} className={cx(css.filterIcon)} />
        {conditions.map((condition) => (
          <FilterChip
            key={`${condition.key} ${condition.value}`}
            field={condition.key}
            value={condition.value}
            isNegated={condition.isNegated}
            onEdit={() => edit(condition)}
            onRemove={() => onQuery(printQuery(condition.without))}
          />
        ))}
        <div className={css.filterField}>
          <input
            ref={inputRef}
            className={css.filterInput}
            value={text}
            placeholder="Filter"
            spellCheck={false}
            autoComplete="off"
            role="combobox"
            aria-label="Filter alerts"
            aria-expanded={suggestions.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={chosen >= 0 && chosen < suggestions.length ? `${id}-${chosen}` : undefined}
            aria-invalid={refused.length > 0}
            aria-describedby={shownProblems.length > 0 ? `${id}-problem` : undefined}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setCursor(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
              setIsOpen(true);
              setChosen(-1);
              setRefused([]);
            }}
            onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
            onFocus={() => setIsOpen(true)}
            onBlur={() => setIsOpen(false)}
            onKeyDown={onKeyDown}
          />
          {text === '' && <Kbd keys="/" />}
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
                  const input = event.currentTarget.closest(`.${css.filterField}`)?.querySelector('input');
                  if (input) take(suggestion.insert, input);
                }}
              >
                <span className="mono">{suggestion.insert}</span>
                <span className="small muted">{suggestion.detail}</span>
              </div>
            ))}
          </div>
        </div>
        <CopyButton value={printQuery(query)} what="the query as text" />
        <ExportMenu query={query} />
        {printQuery(query) !== defaultView.query && (
          <Button size="small" tone="quiet" icon={X} onPress={() => onQuery(defaultView.query)}>
            Reset
          </Button>
        )}
      </div>
      {shownProblems.length > 0 && (
        <p id={`${id}-problem`} className={css.filterProblem} role="alert">
          {shownProblems.join(' ')}
        </p>
      )}
    </div>
  );
}

const mostKnown = 50;

function knownValues(rows: ReturnType<typeof queue.getState>['rows']): KnownValues {
  const detector = new Set<string>();
  const assignee = new Set<string>();
  const user = new Set<string>();
  const ip = new Set<string>();
  for (const row of rows.slice(0, 1000)) {
    detector.add(row.detector_id);
    if (row.assignee !== null) assignee.add(row.assignee);
    for (const entity of row.entities) {
      if (entity.kind === 'user') user.add(entity.value);
      if (entity.kind === 'ip') ip.add(entity.value);
    }
  }
  const some = (values: Set<string>) => [...values].slice(0, mostKnown);
  return { detector: some(detector), assignee: some(assignee), user: some(user), ip: some(ip) };
}
