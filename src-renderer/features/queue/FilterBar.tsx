// The query as chips and a field that completes keys and values. Enter applies, Backspace in the empty field takes the last chip
// back for editing; the whole query can be copied and pasted as text.

import { Columns3, ListFilter, X } from 'lucide-react';
import { type Ref, useId, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import {
  type AlertQuery,
  type Condition,
  conditionsOf,
  parseQuery,
  printQuery,
} from '../../../src-shared/alert-query.ts';
import { ExportMenu } from '../../app/ExportMenu.tsx';
import { cx } from '../../lib/cx.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { FilterChip } from '../../ui/controls/FilterChip.tsx';
import { Kbd } from '../../ui/controls/Kbd.tsx';
import { SuggestField } from '../../ui/controls/SuggestField.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { exportAlerts } from './export-alerts.ts';
import { GroupByMenu } from './GroupByMenu.tsx';
import css from './queue.module.css';
import { queue } from './queue-state.ts';
import { type KnownValues, suggestionsFor } from './suggestions.ts';
import { withConditions } from './value-choices.ts';
import { defaultView } from './views.ts';

interface FilterBarProps {
  readonly query: AlertQuery;
  /** Of the address: a pasted link may hold what is not understood. */
  readonly problems: readonly string[];
  readonly onQuery: (text: string) => void;
  /** Escape in the field: back to the list. */
  readonly onLeave: () => void;
  readonly onColumns: () => void;
  readonly inputRef: Ref<HTMLInputElement>;
}

export function FilterBar({ query, problems, onQuery, onLeave, onColumns, inputRef }: FilterBarProps) {
  const id = useId();
  const plain = useStore(queue, (state) => state.rows);
  const grouped = useStore(queue.groups, (state) => state.rows);
  const known = useMemo(() => knownValues(plain.length > 0 ? plain : [...grouped.values()]), [plain, grouped]);
  const conditions = conditionsOf(query);
  const [text, setText] = useState('');
  const [refused, setRefused] = useState<readonly string[]>([]);
  const shownProblems = refused.length > 0 ? refused : problems;

  function apply(written: string): void {
    const added = parseQuery(written);
    if (added.problems.length > 0) {
      setRefused(added.problems);
      return;
    }
    setRefused([]);
    setText('');
    const words = [query.text, added.query.text].filter(Boolean).join(' ');
    onQuery(printQuery({ ...withConditions(query, added.query), ...(words === '' ? {} : { text: words }) }));
  }

  function edit(condition: Condition): void {
    setText(condition.written);
    onQuery(printQuery(condition.without));
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
        <SuggestField
          label="Filter alerts"
          placeholder="Filter"
          value={text}
          onChange={(next) => {
            setText(next);
            setRefused([]);
          }}
          suggestionsFor={(word) => suggestionsFor(word, known)}
          onTake={(next, cursor) => {
            const isWhole = next.endsWith(' ') && cursor === next.length;
            if (isWhole) apply(next);
            return isWhole;
          }}
          onEnter={() => (text.trim() === '' ? onLeave() : apply(text))}
          onEscape={onLeave}
          onBackspace={() => {
            const last = conditions.at(-1);
            if (last !== undefined) edit(last);
          }}
          opensOnFocus
          tabTakesFirst
          isInvalid={refused.length > 0}
          describedBy={shownProblems.length > 0 ? `${id}-problem` : undefined}
          className={css.filterField}
          inputClassName={css.filterInput}
          inputRef={inputRef}
          end={text === '' && <Kbd keys="/" />}
        />
        <GroupByMenu
          groupBy={query.groupBy ?? []}
          onGroupBy={(groupBy) => {
            const { groupBy: _, ...rest } = query;
            onQuery(printQuery(groupBy.length === 0 ? rest : { ...rest, groupBy }));
          }}
        />
        <Button size="small" tone="quiet" icon={Columns3} onPress={onColumns}>
          Columns
        </Button>
        <CopyButton value={printQuery(query)} what="the query as text" />
        <ExportMenu
          title="What the filter finds, as"
          size="small"
          onExport={(format) => void exportAlerts(query, format)}
        />
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
  const values = {
    detector: new Set<string>(),
    assignee: new Set<string>(),
    user: new Set<string>(),
    ip: new Set<string>(),
    host: new Set<string>(),
    key: new Set<string>(),
    resource: new Set<string>(),
  };
  for (const row of rows.slice(0, 1000)) {
    values.detector.add(row.detector_id);
    if (row.assignee !== null) values.assignee.add(row.assignee);
    for (const entity of row.entities) values[entity.kind].add(entity.value);
  }
  const some = (held: Set<string>) => [...held].slice(0, mostKnown);
  return {
    detector: some(values.detector),
    assignee: some(values.assignee),
    user: some(values.user),
    ip: some(values.ip),
    host: some(values.host),
    key: some(values.key),
    resource: some(values.resource),
  };
}
