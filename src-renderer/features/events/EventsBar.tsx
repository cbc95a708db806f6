// The search field over the events: the whole query as text, with suggestions. Enter searches. Beside it the time, the result, saved
// searches, and the way out into other tools' formats.

import { Bookmark, Download, Search, Trash2, X } from 'lucide-react';
import { type KeyboardEvent, type Ref, useEffect, useId, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { exportFormats } from '../../app/line-export.ts';
import { cx } from '../../lib/cx.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Kbd } from '../../ui/controls/Kbd.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import css from './events.module.css';
import { problemOf, replaceWord, spanOf, suggestionsFor, withTime, wordBefore } from './events-query.ts';
import { events } from './events-state.ts';
import { exportEvents } from './export-events.ts';

interface EventsBarProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly onSave: () => void;
  readonly inputRef: Ref<HTMLInputElement>;
}

const spans = [
  { id: 'all', label: 'All time' },
  { id: '1h', label: 'Last hour' },
  { id: '24h', label: 'Last 24 h' },
  { id: '7d', label: 'Last 7 days' },
  { id: '30d', label: 'Last 30 days' },
] as const;
const otherSpan = { id: 'other', label: 'As written' } as const;

export function EventsBar({ query, onQuery, onSave, inputRef }: EventsBarProps) {
  const id = useId();
  const facets = useStore(events, (state) => state.summary?.facets);
  const known = useMemo(
    () => new Map((facets ?? []).map(({ field, values }) => [field, values.map(({ value }) => value)])),
    [facets],
  );
  const [text, setText] = useState(query);
  const [cursor, setCursor] = useState(0);
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const [refused, setRefused] = useState<string>();
  useEffect(() => {
    setText(query);
    setRefused(problemOf(query, Date.now()));
  }, [query]);
  const suggestions = isOpen ? suggestionsFor(wordBefore(text, cursor), known) : [];
  const span = spanOf(query);

  function apply(): void {
    const problem = problemOf(text, Date.now());
    setRefused(problem);
    setIsOpen(false);
    if (problem === undefined) onQuery(text.trim());
  }

  function take(insert: string, input: HTMLInputElement): void {
    const next = replaceWord(text, cursor, insert);
    setChosen(-1);
    setText(next.text);
    setCursor(next.cursor);
    requestAnimationFrame(() => input.setSelectionRange(next.cursor, next.cursor));
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const picked = suggestions[chosen];
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && suggestions.length > 0) {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setChosen(((chosen + 1 + step + suggestions.length + 1) % (suggestions.length + 1)) - 1);
    } else if (event.key === 'Tab' && !event.shiftKey && picked !== undefined) take(picked.insert, event.currentTarget);
    else if (event.key === 'Enter') {
      if (picked !== undefined) take(picked.insert, event.currentTarget);
      else apply();
    } else if (event.key === 'Escape' && suggestions.length > 0) setIsOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <search className={css.barBox}>
      <div className={css.bar}>
        <div className={cx(css.queryField, refused !== undefined && css.wrong)}>
          <Icon of={Search} />
          <input
            ref={inputRef}
            className={css.query}
            value={text}
            placeholder='Words, "phrases", user:alice, -success:true, since:24h'
            spellCheck={false}
            autoComplete="off"
            maxLength={2_000}
            role="combobox"
            aria-label="Search events"
            aria-expanded={suggestions.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={chosen >= 0 && chosen < suggestions.length ? `${id}-${chosen}` : undefined}
            aria-invalid={refused !== undefined}
            aria-describedby={refused === undefined ? undefined : `${id}-problem`}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setCursor(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
              setIsOpen(true);
              setChosen(-1);
              setRefused(undefined);
            }}
            onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
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
                  const input = event.currentTarget.closest(`.${css.queryField}`)?.querySelector('input');
                  if (input) take(suggestion.insert, input);
                }}
              >
                <span className="mono">{suggestion.insert}</span>
                <span className="small muted">{suggestion.detail}</span>
              </div>
            ))}
          </div>
        </div>
        <Select
          label="Time"
          hideLabel
          className={css.choice}
          options={span === 'other' ? [...spans, otherSpan] : spans}
          value={span}
          onChange={(to) => onQuery(withTime(query, to === 'all' || to === 'other' ? undefined : to))}
        />
        <Button onPress={apply}>Search</Button>
        <SavedMenu query={query} onQuery={onQuery} onSave={onSave} />
        <Menu
          label="Export"
          tone="quiet"
          trigger={
            <>
              <Icon of={Download} /> Export
            </>
          }
          placement="bottom end"
          groups={[
            {
              id: 'formats',
              title: 'What the search finds, as',
              entries: exportFormats.map(({ format, label, detail }) => ({
                id: format,
                label,
                detail,
                onAction: () => void exportEvents(query, format),
              })),
            },
          ]}
        />
        {query !== '' && (
          <Button tone="quiet" icon={X} onPress={() => onQuery('')}>
            Reset
          </Button>
        )}
      </div>
      {refused !== undefined && (
        <p id={`${id}-problem`} className={css.problem} role="alert">
          {refused}
        </p>
      )}
    </search>
  );
}

function SavedMenu({ query, onQuery, onSave }: Pick<EventsBarProps, 'query' | 'onQuery' | 'onSave'>) {
  const saved = useStore(events, (state) => state.saved);
  const current = saved.find((search) => search.query === query);
  const entryOf = (search: (typeof saved)[number]) => ({
    id: search.id,
    label: search.name,
    detail: search.mine ? search.query : `${search.query} · by ${search.owner}`,
    isCurrent: search.id === current?.id,
    onAction: () => onQuery(search.query),
  });
  return (
    <Menu
      label="Saved searches"
      tone="quiet"
      trigger={
        <>
          <Icon of={Bookmark} /> {current?.name ?? 'Saved'}
        </>
      }
      groups={[
        ...(saved.length === 0 ? [] : [{ id: 'saved', title: 'Saved searches', entries: saved.map(entryOf) }]),
        {
          id: 'change',
          entries: [
            { id: 'save', label: 'Save this search…', icon: Bookmark, isDisabled: query === '', onAction: onSave },
            ...(current?.mine === true
              ? [
                  {
                    id: 'delete',
                    label: `Delete “${current.name}”`,
                    icon: Trash2,
                    isDanger: true,
                    onAction: () => void events.removeSaved(current.id),
                  },
                ]
              : []),
          ],
        },
      ]}
    />
  );
}
