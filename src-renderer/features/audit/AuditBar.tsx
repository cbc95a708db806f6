// The conditions over the audit log, and the same fields again in the export.

import { X } from 'lucide-react';
import { type FormEvent, type Ref, useEffect, useState } from 'react';
import { auditTypes } from '../../../src-shared/audit-types.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { SearchSelect } from '../../ui/controls/SearchSelect.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import css from './audit.module.css';
import { type AuditQuery, dayFault, digits, isFiltered, noAuditQuery } from './audit-query.ts';

const types = Object.entries(auditTypes).map(([id, detail]) => ({ id, label: id, detail }));
const results = [
  { id: 'any', label: 'Any result' },
  { id: 'success', label: 'Done' },
  { id: 'failure', label: 'Refused or failed' },
] as const;
const spans = [
  { id: 'all', label: 'All time' },
  { id: '1h', label: 'Last hour' },
  { id: '24h', label: 'Last 24 h' },
  { id: '7d', label: 'Last 7 days' },
  { id: '30d', label: 'Last 30 days' },
  { id: 'days', label: 'From day to day' },
] as const;

interface AuditFieldsProps {
  readonly query: AuditQuery;
  readonly onChange: (query: AuditQuery) => void;
  /** A choice from a list is meant at once; text waits for Enter. */
  readonly onChoose: (query: AuditQuery) => void;
  readonly hideLabels: boolean;
}

export function AuditFields({ query, onChange, onChoose, hideLabels }: AuditFieldsProps) {
  const shown = (label: string) => (hideLabels ? { label, hideLabel: true, placeholder: label } : { label });
  return (
    <>
      <SearchSelect
        label="Type"
        hideLabel={hideLabels}
        placeholder={hideLabels ? 'Type' : 'Any; type a word'}
        options={types}
        className={css.field}
        value={query.eventType}
        onChange={(eventType) => {
          // Told again while the field is drawn anew with what it was given.
          if (eventType !== query.eventType) onChoose({ ...query, eventType });
        }}
      />
      <TextField
        {...shown('Actor')}
        isMono
        maxLength={200}
        className={css.field}
        value={query.actor}
        onChange={(actor) => onChange({ ...query, actor })}
      />
      <TextField
        {...shown('Session')}
        isMono
        maxLength={200}
        className={css.field}
        value={query.session}
        onChange={(session) => onChange({ ...query, session })}
      />
      <TextField
        {...shown('From #')}
        isMono
        inputMode="numeric"
        className={css.seq}
        value={query.fromSeq}
        onChange={(fromSeq) => onChange({ ...query, fromSeq: digits(fromSeq) })}
      />
      <TextField
        {...shown('To #')}
        isMono
        inputMode="numeric"
        className={css.seq}
        value={query.toSeq}
        onChange={(toSeq) => onChange({ ...query, toSeq: digits(toSeq) })}
      />
      <Select
        label="Result"
        hideLabel={hideLabels}
        className={css.choice}
        options={results}
        value={query.result}
        onChange={(result) => onChoose({ ...query, result })}
      />
      <Select
        label="Time"
        hideLabel={hideLabels}
        className={css.choice}
        options={spans}
        value={query.within}
        // Which days is still to be typed.
        onChange={(within) => (within === 'days' ? onChange : onChoose)({ ...query, within })}
      />
      {query.within === 'days' &&
        (['since', 'until'] as const).map((edge) => (
          <TextField
            key={edge}
            {...shown(edge === 'since' ? 'First day (UTC)' : 'Last day (UTC)')}
            isMono
            maxLength={10}
            className={css.field}
            value={query[edge]}
            onChange={(day) => onChange({ ...query, [edge]: day })}
            error={dayFault(query[edge])}
          />
        ))}
    </>
  );
}

interface AuditBarProps {
  readonly query: AuditQuery;
  readonly onQuery: (query: AuditQuery) => void;
  readonly formRef: Ref<HTMLFormElement>;
}

export function AuditBar({ query, onQuery, formRef }: AuditBarProps) {
  const [draft, setDraft] = useState(query);
  useEffect(() => setDraft(query), [query]);
  return (
    <search>
      <form
        ref={formRef}
        className={css.bar}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (dayFault(draft.since) === undefined && dayFault(draft.until) === undefined) onQuery(draft);
        }}
      >
        <AuditFields query={draft} onChange={setDraft} onChoose={onQuery} hideLabels />
        <Button type="submit">Filter</Button>
        {isFiltered(query) && (
          <Button tone="quiet" icon={X} onPress={() => onQuery(noAuditQuery)}>
            Reset
          </Button>
        )}
      </form>
    </search>
  );
}
