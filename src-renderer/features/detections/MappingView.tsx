// What the workspace means by log sources: its own mapping as text, checked while it is written, and what it says in a table.

import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { CheckedMapping, MappingFull } from '../../../src-shared/contract/mappings.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { CodeField } from './CodeField.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import editor from './editor.module.css';
import { countOf } from './rule-words.ts';
import { useLoad } from './use-load.ts';

const start = `logsources:
  my-firewall:
    product: acme
    service: firewall
    # An event is of it when all of these hold; * is any value.
    conditions:
      source: fw01
    # A field of the rules: what it is called in the events.
    fieldmappings:
      src_ip: ip_address
`;
const checkAfterMs = 350;

export function MappingView() {
  const reading = useStore(detections, (state) => state.reading);
  const { value, failure, reload } = useLoad(`mapping ${reading}`, (signal) => call('mappings.get', {}, { signal }));
  if (value === undefined && failure !== undefined)
    return (
      <ErrorState
        title="The mapping of log sources could not be read"
        detail={failure}
        stillWorks="The rules go on with it."
        onRetry={reload}
      />
    );
  if (value === undefined) return <LoadingSkeleton label="Loading the mapping of log sources" />;
  return <Mapping mapping={value.mapping} onChanged={reload} />;
}

interface MappingProps {
  readonly mapping: MappingFull | null;
  readonly onChanged: () => void;
}

function Mapping({ mapping, onChanged }: MappingProps) {
  const mayManage = useMayDo('detections.manage');
  const [text, setText] = useState(mapping?.text);
  /** What the text was begun from. */
  const [base, setBase] = useState(mapping);
  /** The next mapping that is read is what was set or removed here. */
  const isOurs = useRef(false);
  const isOvertaken = base?.sha256 !== mapping?.sha256;
  // Who has not written anything goes on with what is there now; so does who has just set it.
  useEffect(() => {
    const hasWritten = text !== base?.text && text !== mapping?.text;
    if (!isOvertaken || (hasWritten && !isOurs.current)) return;
    isOurs.current = false;
    setBase(mapping);
    setText(mapping?.text);
  }, [isOvertaken, text, base, mapping]);
  const [isBusy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const checked = useChecked(text);

  if (text === undefined) {
    return (
      <EmptyState
        reason="nothing"
        title="The standard log sources apply"
        {...(mayManage ? { actions: <Button onPress={() => setText(start)}>Write a mapping</Button> } : {})}
      >
        Sysmon and Security channels, Linux, cloud and web logs are known. For other products, or other names of
        channels and fields, a mapping of your own says what a rule’s log source means on your events.
      </EmptyState>
    );
  }

  async function save(): Promise<void> {
    setBusy(true);
    try {
      await call('mappings.set', { text: text ?? '' });
      isOurs.current = true;
      toasts.show({ text: 'Mapping set; the rules are being compiled with it' });
      onChanged();
      void detections.load();
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    }
    setBusy(false);
  }

  const problem = checked?.problem ?? null;
  const marks = new Map(problem?.line == null ? [] : [[problem.line, problem.message] as const]);
  const isChanged = text !== mapping?.text;
  return (
    <div className={editor.page}>
      {isOvertaken && (
        <Banner
          actions={
            <>
              <Button
                size="small"
                onPress={() => {
                  setBase(mapping);
                  setText(mapping?.text);
                }}
              >
                {mapping === null ? 'Let mine go' : 'Take theirs'}
              </Button>
              <Button size="small" onPress={() => setBase(mapping)}>
                Go on with mine
              </Button>
            </>
          }
        >
          {mapping === null ? 'Somebody removed the mapping' : `${mapping.changed_by} set another mapping`} after you
          began. Your text is unchanged; say what shall become of it before you set it.
        </Banner>
      )}
      <div className={editor.split}>
        <div className={editor.left}>
          <CodeField
            label="Mapping of log sources"
            value={text}
            onChange={setText}
            isReadOnly={!mayManage}
            marks={marks}
          />
          <p className={editor.foot} role="status">
            {problem !== null && (
              <span className="warn">
                {problem.line === null ? '' : `Line ${problem.line}: `}
                {problem.message}
              </span>
            )}
            {problem === null && mapping !== null && !isChanged && (
              <>
                Set by {mapping.changed_by}, <Time at={mapping.changed_at} />
              </>
            )}
            {problem === null && isChanged && checked !== undefined && 'It can be used.'}
          </p>
        </div>
        <aside className={editor.right} aria-label="What the mapping says">
          <div className={editor.part}>
            {mayManage && (
              <div className={css.head}>
                <Button
                  tone="primary"
                  isBusy={isBusy}
                  isDisabled={!isChanged || isOvertaken || problem !== null || checked === undefined}
                  onPress={() => void save()}
                >
                  Set
                </Button>
                {mapping !== null && <Button onPress={() => setRemoving(true)}>Remove</Button>}
                {mapping === null && <Button onPress={() => setText(undefined)}>Discard</Button>}
              </div>
            )}
          </div>
          <div className={editor.part}>
            {(checked?.entries.length ?? 0) > 0 && (
              <DataTable
                caption="Log sources of this mapping"
                columns={columns}
                rows={checked?.entries ?? []}
                keyOf={(entry) => JSON.stringify([entry.product, entry.category, entry.service])}
              />
            )}
            {checked !== undefined && checked.single_rules > 0 && (
              <p className="small muted">and {countOf(checked.single_rules, 'single rule')} by id</p>
            )}
          </div>
          <section className={css.how}>
            <h2 className="title-s">By command line</h2>
            <CopyLine line="gatehouse rules mapping check mapping.yml" />
            <CopyLine line="gatehouse rules mapping set mapping.yml" />
          </section>
        </aside>
      </div>
      <ConfirmDialog
        isOpen={removing}
        onClose={() => setRemoving(false)}
        title="Go back to the standard log sources?"
        confirmLabel="Remove the mapping"
        onConfirm={async () => {
          await call('mappings.remove', {});
          isOurs.current = true;
          setRemoving(false);
          toasts.show({ text: 'Mapping removed' });
          onChanged();
          void detections.load();
        }}
      >
        Rules that it decided for go by the standard log sources again, or wait for events that declare theirs. Alerts
        stay, and keep the mapping that they were raised with.
      </ConfirmDialog>
    </div>
  );
}

const columns: readonly Column<CheckedMapping['entries'][number]>[] = [
  {
    id: 'source',
    title: 'Log source',
    cell: ({ product, category, service }) => (
      <span className="mono">{[product, category, service].filter((part) => part !== null).join(' / ') || 'any'}</span>
    ),
  },
  { id: 'ways', title: 'Ways', width: '56px', align: 'end', cell: ({ alternatives }) => alternatives },
  {
    id: 'fields',
    title: 'Fields renamed',
    cell: ({ fields }) => (
      <span className="clip mono muted" title={fields.join(', ')}>
        {fields.join(', ')}
      </span>
    ),
  },
];

/** The answer to the text as it is now; undefined until it comes. */
function useChecked(text: string | undefined): CheckedMapping | undefined {
  const [answer, setAnswer] = useState<{ text: string; checked: CheckedMapping }>();
  useEffect(() => {
    if (text === undefined) return undefined;
    const asking = new AbortController();
    const timer = setTimeout(() => {
      const asked =
        text.trim() === ''
          ? Promise.resolve({ problem: { message: 'it is empty', line: null }, entries: [], single_rules: 0 })
          : call('mappings.check', { text }, { signal: asking.signal });
      asked.then(
        (checked) => setAnswer({ text, checked }),
        (error: unknown) => {
          if (!isAborted(error)) toasts.show({ text: failureWords(error), tone: 'warn' });
        },
      );
    }, checkAfterMs);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [text]);
  return answer?.text === text ? answer?.checked : undefined;
}
