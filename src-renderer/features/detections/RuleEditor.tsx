// One rule on a page of its own: its text, judged while one types; its cases; what it would have found; what a change would have made
// of the alerts. Rules of packs are read-only here, and may be tried all the same.

import { useEffect, useMemo, useRef, useState } from 'react';
import type { Output } from '../../../src-shared/contract/contract.ts';
import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { navigate } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Tabs } from '../../ui/controls/Tabs.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Strip } from '../../ui/layout/Page.tsx';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { CodeField, type CodeFieldHandle } from './CodeField.tsx';
import { detections } from './detections-state.ts';
import css from './editor.module.css';
import { DryRunPanel, WhatIfPanel } from './HistoryPanels.tsx';
import { copyOf, helpAt, newRule } from './rule-schema.ts';
import { countOf, stateWords } from './rule-words.ts';
import { useLoad } from './use-load.ts';
import { VersionsPanel } from './VersionsPanel.tsx';

interface RuleEditorProps {
  /** Undefined for a new one. */
  readonly ruleId: string | undefined;
  readonly copyFrom: string | undefined;
  /** Opens at the versions. */
  readonly showsVersions: boolean;
}

export function RuleEditor({ ruleId, copyFrom, showsVersions }: RuleEditorProps) {
  const id = ruleId ?? copyFrom;
  const { value: rule, failure, reload } = useLoad(id, (signal) => call('rules.get', { id: id ?? '' }, { signal }));
  if (id !== undefined && failure !== undefined) {
    return (
      <ErrorState
        title="This rule could not be read"
        detail={failure}
        stillWorks="It goes on as it is."
        onRetry={reload}
      />
    );
  }
  if (id !== undefined && rule === undefined) return <LoadingSkeleton label="Loading the rule" rows={10} />;
  return (
    <Editor
      rule={ruleId === undefined ? undefined : rule}
      start={startOf(ruleId, rule)}
      firstSide={showsVersions && ruleId !== undefined ? 'versions' : 'problems'}
    />
  );
}

function startOf(ruleId: string | undefined, rule: RuleFull | undefined): string {
  if (rule === undefined) return newRule.replace('id: ', `id: ${crypto.randomUUID()}`);
  return ruleId === undefined ? copyOf(rule.source, () => crypto.randomUUID()) : rule.source;
}

type Judged = Output<'rules.validate'>;
type Side = 'problems' | 'cases' | 'dry' | 'what' | 'versions';
const judgeAfterMs = 350;

interface EditorProps {
  readonly rule: RuleFull | undefined;
  readonly start: string;
  readonly firstSide: Side;
}

function Editor({ rule, start, firstSide }: EditorProps) {
  const mayManage = useMayDo('detections.manage');
  const isReadOnly = !mayManage || rule?.editable === false;
  const [text, setText] = useState(start);
  const [place, setPlace] = useState(0);
  const [side, setSide] = useState<Side>(firstSide);
  const [note, setNote] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const field = useRef<CodeFieldHandle>(null);
  const { judged, failure } = useJudgement(text, rule?.id);
  const marks = useMemo(
    () =>
      new Map(
        (judged?.problems ?? []).flatMap(({ line, message }) => (line === null ? [] : [[line, message] as const])),
      ),
    [judged],
  );
  const isChanged = text !== start || rule === undefined;
  const asked = { source: text, ...(rule === undefined ? {} : { rule: rule.id }) };

  async function save(state?: 'simulated'): Promise<void> {
    setBusy(true);
    const why = note === '' ? {} : { note };
    const as = state === undefined ? {} : { state };
    try {
      const saved =
        rule === undefined
          ? await call('rules.create', { source: text, ...as, ...why })
          : await call('rules.update', { id: rule.id, revision: rule.revision, source: text, ...as, ...why });
      toasts.show({ text: `${saved.title}: version ${saved.number} saved, ${stateWords[saved.state].toLowerCase()}` });
      await detections.load();
      leave(saved.detectors[0]?.id);
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    } finally {
      setBusy(false);
    }
  }

  function restore(source: string, number: number): void {
    setText(source);
    if (note === '') setNote(`back to version ${number}`);
    toasts.show({ text: `Version ${number} stands in the editor. Nothing changes until you save it.` });
  }

  async function remove(): Promise<void> {
    if (rule === undefined) return;
    try {
      await call('rules.delete', { id: rule.id });
      toasts.show({ text: `${rule.title} deleted` });
      await detections.load();
      leave(undefined);
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    }
  }

  return (
    <div className={css.page}>
      <Strip>
        <h1 className="title-s clip">{rule?.title ?? 'New rule'}</h1>
        {rule !== undefined && (
          <span className="mono small faint clip">
            {rule.pack}/{rule.path}, version {rule.number}
          </span>
        )}
        {isReadOnly && <Tag tone="line">read-only: belongs to {rule?.pack ?? 'others'}</Tag>}
        <span className="grow" />
        <Button size="small" tone="quiet" onPress={() => leave(rule?.detectors[0]?.id)}>
          {isChanged && !isReadOnly ? 'Leave without saving' : 'Back'}
        </Button>
        {!isReadOnly && rule !== undefined && (
          <Button size="small" tone="danger" onPress={() => setDeleting(true)}>
            Delete
          </Button>
        )}
        {!isReadOnly && (
          <>
            <Button
              size="small"
              isBusy={isBusy}
              isDisabled={!isChanged || judged?.valid !== true}
              onPress={() => void save('simulated')}
            >
              Save simulated
            </Button>
            <Button
              size="small"
              tone="primary"
              isBusy={isBusy}
              isDisabled={!isChanged || judged?.valid !== true}
              onPress={() => void save()}
            >
              Save
            </Button>
          </>
        )}
      </Strip>
      <div className={css.split}>
        <div className={css.left}>
          <CodeField
            ref={field}
            label="Rule as YAML"
            value={text}
            onChange={setText}
            isReadOnly={isReadOnly}
            marks={marks}
            onPlace={setPlace}
          />
          <p className={css.foot} role="status">
            {failure ??
              helpAt(text, place) ??
              (isReadOnly ? 'Copy the rule to change its text.' : 'Ctrl+Space offers words.')}
          </p>
        </div>
        <div className={css.right}>
          <Tabs
            label="About the rule"
            value={side}
            onChange={setSide}
            tabs={[
              {
                id: 'problems',
                label: 'Check',
                count: judged?.problems.length,
                content: () => <Problems judged={judged} onGo={(line) => field.current?.goTo(line)} />,
              },
              { id: 'cases', label: 'Cases', content: () => <Cases asked={asked} isValid={judged?.valid === true} /> },
              { id: 'dry', label: 'Dry run', content: () => <DryRunPanel rule={asked} /> },
              ...(rule === undefined
                ? []
                : [
                    {
                      id: 'what' as const,
                      label: 'What if',
                      content: () => <WhatIfPanel change={{ rule: rule.id, source: text }} />,
                    },
                    {
                      id: 'versions' as const,
                      label: 'Versions',
                      count: rule.versions.length,
                      content: () => (
                        <VersionsPanel rule={rule} text={text} onRestore={isReadOnly ? undefined : restore} />
                      ),
                    },
                  ]),
            ]}
          />
          {!isReadOnly && (
            <div className={css.note}>
              <TextField label="Why (stands beside the version)" value={note} onChange={setNote} maxLength={1000} />
            </div>
          )}
        </div>
      </div>
      {rule !== undefined && (
        <ConfirmDialog
          isOpen={deleting}
          title={`Delete ${rule.title}?`}
          confirmLabel="Delete rule"
          isDanger
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        >
          Its versions and exceptions go with it. Alerts that it raised stay, and can still be computed anew.
        </ConfirmDialog>
      )}
    </div>
  );
}

function leave(detector: string | undefined): void {
  navigate({ screen: 'detections', ...(detector === undefined ? {} : { path: [detector] }) });
}

/** Asked a moment after the last key, and only the last answer counts. */
function useJudgement(
  text: string,
  rule: string | undefined,
): { judged: Judged | undefined; failure: string | undefined } {
  const [judged, setJudged] = useState<Judged>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const reading = new AbortController();
    const timer = setTimeout(() => {
      call(
        'rules.validate',
        { source: text === '' ? ' ' : text, ...(rule === undefined ? {} : { rule }) },
        { signal: reading.signal },
      ).then(
        (answer) => {
          setJudged(answer);
          setFailure(undefined);
        },
        (error: unknown) => {
          if (!isAborted(error)) setFailure(`not checked: ${failureWords(error)}`);
        },
      );
    }, judgeAfterMs);
    return () => {
      clearTimeout(timer);
      reading.abort();
    };
  }, [text, rule]);
  return { judged, failure };
}

function Problems({ judged, onGo }: { readonly judged: Judged | undefined; readonly onGo: (line: number) => void }) {
  if (judged === undefined) return <p className={css.part}>Being checked …</p>;
  return (
    <div className={css.part}>
      {judged.valid && (
        <p>
          Would be {countOf(judged.detectors.length, 'detector')}:{' '}
          {judged.detectors.map(({ title, cases }) => `${title} (${countOf(cases, 'case')})`).join(', ')}
        </p>
      )}
      <ul className={css.problems}>
        {judged.problems.map(({ kind, message, line }) => (
          <li key={`${line} ${message}`}>
            {line === null ? (
              <span className="mono faint">file</span>
            ) : (
              <Button size="small" tone="quiet" onPress={() => onGo(line)}>
                Line {line}
              </Button>
            )}
            <span className={kind === 'error' ? 'warn' : 'muted'}>
              {kind === 'error' ? '' : 'Note: '}
              {message}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Cases({
  asked,
  isValid,
}: {
  readonly asked: { readonly source: string; readonly rule?: string };
  readonly isValid: boolean;
}) {
  const { value, failure } = useLoad(isValid ? JSON.stringify(asked) : undefined, (signal) =>
    call('rules.test', asked, { signal }),
  );
  if (!isValid) return <p className={css.part}>The cases run when the rule has no errors.</p>;
  if (failure !== undefined) return <p className={css.part}>{failure}</p>;
  if (value === undefined) return <p className={css.part}>Running …</p>;
  return (
    <div className={css.part} role="status">
      <p>
        {value.results.length === 0
          ? 'The rule has no cases. gatehouse.cases holds events that must match, and some that nearly do.'
          : `${value.passed} passed, ${value.failed} failed`}
      </p>
      <ul className={css.problems}>
        {value.results.map(({ detector, name, expected, passed, detail }) => (
          <li key={`${detector} ${name}`}>
            <Tag tone={passed ? 'ok' : 'warn'}>{passed ? 'passed' : 'failed'}</Tag>
            <span>
              {name} <span className="small muted">({expected})</span>
              {detail !== null && <span className="warn"> {detail}</span>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
