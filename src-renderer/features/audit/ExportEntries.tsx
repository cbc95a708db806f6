// The first step of an export: which entries, by their fields and as evidence for what, and how many these are.

import { useEffect, useMemo, useState } from 'react';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { formatCount } from '../../lib/numbers.ts';
import { SearchSelect } from '../../ui/controls/SearchSelect.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { AuditFields } from './AuditBar.tsx';
import css from './audit.module.css';
import { type AuditFilters, type AuditQuery, isWholeRange } from './audit-query.ts';
import {
  type Catalogue,
  controlOptions,
  type EvidenceChoice,
  evidenceWords,
  noEvidenceChoice,
} from './evidence-choice.ts';

const settledAfterMs = 300;

interface ExportEntriesProps {
  readonly draft: AuditQuery;
  readonly onDraft: (draft: AuditQuery) => void;
  readonly about: string;
  readonly onAbout: (about: string) => void;
  /** Undefined until it is there. */
  readonly catalogue: Catalogue | undefined;
  readonly evidence: EvidenceChoice;
  readonly onEvidence: (evidence: EvidenceChoice) => void;
  readonly filters: () => AuditFilters;
}

export function ExportEntries(props: ExportEntriesProps) {
  const { draft, onDraft, about, onAbout, catalogue, evidence, onEvidence } = props;
  const [count, setCount] = useState('');
  const words = catalogue === undefined ? {} : evidenceWords(catalogue, evidence);
  const isMissing = words.missing !== undefined;
  const framework = catalogue?.frameworks.find(({ id }) => id === evidence.framework);
  const options = useMemo(() => (framework === undefined ? [] : controlOptions(framework)), [framework]);

  // The filters hold the present moment: they are made when they are asked with, and what they are made of says when anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the fields stand for the filters made of them.
  useEffect(() => {
    const stop = new AbortController();
    setCount(isMissing ? '' : 'Counting…');
    const timer = setTimeout(async () => {
      if (isMissing) return;
      try {
        setCount(countWords(await call('bundles.count', props.filters(), { signal: stop.signal })));
      } catch (error) {
        if (!isAborted(error)) setCount(`Not counted: ${failureWords(error)}`);
      }
    }, settledAfterMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [draft, about, evidence, isMissing]);

  return (
    <>
      <fieldset>
        <legend className={css.legend}>Which entries</legend>
        <div className={css.exportFields}>
          <AuditFields query={draft} onChange={onDraft} onChoose={onDraft} hideLabels={false} />
          <TextField
            label="About"
            placeholder="alert/0199a3…"
            isMono
            maxLength={400}
            value={about}
            onChange={onAbout}
          />
        </div>
      </fieldset>
      <fieldset className="stack">
        <legend className={css.legend}>As evidence for</legend>
        <div className={css.evidenceFields}>
          <Select
            label="Framework"
            options={[
              { id: '', label: 'None' },
              ...(catalogue?.frameworks ?? []).map(({ id, title, edition }) => ({ id, label: title, detail: edition })),
            ]}
            value={evidence.framework}
            onChange={(id) => onEvidence({ ...noEvidenceChoice, framework: id })}
          />
          <SearchSelect
            // Anew where the list comes only now, so that what is chosen stands in the field.
            key={framework?.id ?? ''}
            label="Control"
            placeholder={framework === undefined ? 'Choose a framework first' : 'All; type a number or a word'}
            options={options}
            value={evidence.control}
            onChange={(control) => onEvidence({ ...evidence, control })}
            isDisabled={framework === undefined}
          />
        </div>
        {words.kinds !== undefined && <p className="small muted">{words.kinds}</p>}
        {words.missing !== undefined && (
          <p className="warn" role="alert">
            {words.missing}
          </p>
        )}
      </fieldset>
      <p className="strong" role="status">
        {count}
      </p>
      <p className="small muted">
        {isWholeRange(props.filters())
          ? 'Without other conditions the bundle proves that nothing in its range is missing.'
          : 'A filtered bundle proves that each entry is in the log, and says what the filter was.'}{' '}
        Whoever gets it needs no account to check it.
      </p>
    </>
  );
}

function countWords({
  entries,
  from_seq: from,
  to_seq: to,
}: {
  entries: number;
  from_seq: number | null;
  to_seq: number | null;
}): string {
  if (from === null || to === null) return 'No entry matches.';
  if (entries === 1) return `1 entry matches: #${formatCount(from)}.`;
  return `${formatCount(entries)} entries match, from #${formatCount(from)} to #${formatCount(to)}.`;
}
