// The search fields over the events. Enter searches; what is set stays visible, so that nothing hides without being seen.

import { Search, X } from 'lucide-react';
import { type FormEvent, type Ref, useEffect, useState } from 'react';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import css from './events.module.css';
import { type EventsQuery, isFiltered, noEventsQuery } from './events-query.ts';

interface EventsBarProps {
  readonly query: EventsQuery;
  readonly onQuery: (query: EventsQuery) => void;
  readonly inputRef: Ref<HTMLInputElement>;
}

const results = [
  { id: 'any', label: 'Any result' },
  { id: 'success', label: 'Success' },
  { id: 'failure', label: 'Failure' },
] as const;
const spans = [
  { id: 'all', label: 'All time' },
  { id: '1h', label: 'Last hour' },
  { id: '24h', label: 'Last 24 h' },
  { id: '7d', label: 'Last 7 days' },
] as const;

export function EventsBar({ query, onQuery, inputRef }: EventsBarProps) {
  const [draft, setDraft] = useState(query);
  useEffect(() => setDraft(query), [query]);
  const set = (changes: Partial<EventsQuery>) => setDraft({ ...draft, ...changes });

  function search(event: FormEvent): void {
    event.preventDefault();
    onQuery(draft);
  }

  return (
    <search>
      <form className={css.bar} onSubmit={search}>
        <TextField
          ref={inputRef}
          label="Words anywhere in the event"
          hideLabel
          placeholder="Words anywhere in the event"
          icon={Search}
          maxLength={200}
          className={css.words}
          value={draft.text}
          onChange={(text) => set({ text })}
        />
        {(
          [
            ['eventType', 'Type'],
            ['source', 'Source'],
            ['actor', 'Actor'],
            ['address', 'Address'],
          ] as const
        ).map(([key, label]) => (
          <TextField
            key={key}
            label={label}
            hideLabel
            placeholder={label}
            isMono
            maxLength={200}
            className={css.field}
            value={draft[key]}
            onChange={(value) => set({ [key]: value })}
          />
        ))}
        <Select
          label="Result"
          hideLabel
          className={css.choice}
          options={results}
          value={draft.result}
          onChange={(result) => onQuery({ ...draft, result })}
        />
        <Select
          label="Time"
          hideLabel
          className={css.choice}
          options={spans}
          value={draft.within}
          onChange={(within) => onQuery({ ...draft, within })}
        />
        <Button type="submit">Search</Button>
        {isFiltered(query) && (
          <Button tone="quiet" icon={X} onPress={() => onQuery(noEventsQuery)}>
            Reset
          </Button>
        )}
      </form>
    </search>
  );
}
