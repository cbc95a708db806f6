// The search field over the events: the whole query as text, with suggestions. Enter searches. Beside it the time, the result, saved
// searches, and the way out into other tools' formats.

import { Bookmark, Search, Trash2, X } from 'lucide-react';
import { type RefObject, useEffect, useId, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { ExportMenu } from '../../app/ExportMenu.tsx';
import { cx } from '../../lib/cx.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Kbd } from '../../ui/controls/Kbd.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { SuggestField } from '../../ui/controls/SuggestField.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import css from './events.module.css';
import { problemOf, type QueryProblem, spanOf, suggestionsFor, withTime } from './events-query.ts';
import { events } from './events-state.ts';
import { exportEvents } from './export-events.ts';

interface EventsBarProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly onSave: () => void;
  readonly inputRef: RefObject<HTMLInputElement | null>;
}

const spans = [
  { id: 'all', label: 'All time' },
  { id: '1h', label: 'Last hour' },
  { id: '24h', label: 'Last 24 h' },
  { id: '7d', label: 'Last 7 days' },
  { id: '30d', label: 'Last 30 days' },
] as const;
const otherSpan = { id: 'other', label: 'As written' } as const;

/** Characters of the query that are shown before and behind what is wrong. */
const aroundPlace = 40;

export function EventsBar({ query, onQuery, onSave, inputRef }: EventsBarProps) {
  const id = useId();
  const facets = useStore(events, (state) => state.summary?.facets);
  const known = useMemo(
    () => new Map((facets ?? []).map(({ field, values }) => [field, values.map(({ value }) => value)])),
    [facets],
  );
  const [text, setText] = useState(query);
  const [refused, setRefused] = useState<QueryProblem>();
  useEffect(() => {
    setText(query);
    setRefused(problemOf(query, Date.now()));
  }, [query]);
  const span = spanOf(query);

  function apply(): void {
    const problem = problemOf(text, Date.now());
    setRefused(problem);
    if (problem === undefined) onQuery(text.trim());
    else inputRef.current?.setSelectionRange(problem.from, problem.to);
  }

  return (
    <search className={css.barBox}>
      <div className={css.bar}>
        <SuggestField
          label="Search events"
          placeholder='Words, "phrases", user:alice OR ip:10.0.0.0/8, -success:true'
          value={text}
          onChange={(next) => {
            setText(next);
            setRefused(undefined);
          }}
          suggestionsFor={(word) => suggestionsFor(word, known)}
          onEnter={apply}
          isInvalid={refused !== undefined}
          describedBy={refused === undefined ? undefined : `${id}-problem`}
          className={cx(css.queryField, refused !== undefined && css.wrong)}
          inputRef={inputRef}
          start={<Icon of={Search} />}
          end={text === '' && <Kbd keys="/" />}
        />
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
        <ExportMenu title="What the search finds, as" onExport={(format) => void exportEvents(query, format)} />
        {query !== '' && (
          <Button tone="quiet" icon={X} onPress={() => onQuery('')}>
            Reset
          </Button>
        )}
      </div>
      {refused !== undefined && (
        <p id={`${id}-problem`} className={css.problem} role="alert">
          {refused.words}
          <span className={css.place} aria-hidden="true">
            {text.slice(Math.max(0, refused.from - aroundPlace), refused.from)}
            <mark>{text.slice(refused.from, refused.to) || ' '}</mark>
            {text.slice(refused.to, refused.to + aroundPlace)}
          </span>
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
