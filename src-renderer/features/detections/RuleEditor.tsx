// One rule on a page of its own: its text, judged while one types; its cases; what it would have found; what a change would have made
// of the alerts. Rules of packs are read-only here, and may be tried all the same. What is written is kept as a draft until it is saved.

import { useEffect, useMemo, useRef, useState } from 'react';
import type { RuleDraft } from '../../../src-shared/contract/rule-drafts.ts';
import type { RuleFull } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords, isProblem } from '../../api/failures.ts';
import { currentPlace, navigate, type Target } from '../../app/navigation.ts';
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
import { ChangedMeanwhile, DraftBanner, GoneMeanwhile } from './DraftBanners.tsx';
import { detections } from './detections-state.ts';
import type { DraftState } from './draft-keeper.ts';
import css from './editor.module.css';
import { DryRunPanel, useDryRun, useWhatIf, WhatIfPanel } from './HistoryPanels.tsx';
import { Cases, Problems, useJudgement } from './RuleChecks.tsx';
import { copyOf, helpAt, newRule } from './rule-schema.ts';
import { stateWords } from './rule-words.ts';
import { useDraftKeeper, useKeptDraft } from './use-draft.ts';
import { useRule } from './use-rule.ts';
import { VersionsPanel } from './VersionsPanel.tsx';

interface RuleEditorProps {
  /** Undefined for a new one. */
  readonly ruleId: string | undefined;
  readonly copyFrom: string | undefined;
  /** Opens at the versions. */
  readonly showsVersions: boolean;
}

export function RuleEditor({ ruleId, copyFrom, showsVersions }: RuleEditorProps) {
  const mayManage = useMayDo('detections.manage');
  const id = ruleId ?? copyFrom;
  const { rule, failure, isGone, reload } = useRule(id);
  const of = ruleId ?? (copyFrom === undefined ? 'new' : `copy-${copyFrom}`);
  const kept = useKeptDraft(of, mayManage);
  if (id !== undefined && rule === undefined && failure !== undefined) {
    return (
      <ErrorState
        title="This rule could not be read"
        detail={failure}
        stillWorks="It goes on as it is."
        onRetry={reload}
      />
    );
  }
  if ((id !== undefined && rule === undefined) || kept === undefined)
    return <LoadingSkeleton label="Loading the rule" rows={10} />;
  return (
    <Editor
      rule={ruleId === undefined ? undefined : rule}
      isGone={ruleId !== undefined && isGone}
      of={of}
      draft={kept.draft}
      fresh={() => startOf(ruleId, rule)}
      place={{
        screen: 'detections',
        path: ruleId === undefined ? ['new'] : ['edit', ruleId],
        ...(copyFrom === undefined ? {} : { query: { copy: copyFrom } }),
      }}
      firstSide={showsVersions && ruleId !== undefined ? 'versions' : 'problems'}
      onReload={reload}
    />
  );
}

function startOf(ruleId: string | undefined, rule: RuleFull | undefined): string {
  if (rule === undefined) return newRule.replace('id: ', `id: ${crypto.randomUUID()}`);
  return ruleId === undefined ? copyOf(rule.source, () => crypto.randomUUID()) : rule.source;
}

type Side = 'problems' | 'cases' | 'dry' | 'what' | 'versions';

interface EditorProps {
  readonly rule: RuleFull | undefined;
  readonly isGone: boolean;
  /** What the draft is of. */
  readonly of: string;
  readonly draft: RuleDraft | null;
  /** The text that one begins with. */
  readonly fresh: () => string;
  /** Where this editor is found again. */
  readonly place: Target;
  readonly firstSide: Side;
  readonly onReload: () => void;
}

/** The version that the text was begun from. */
interface Base {
  readonly number: number | null;
  readonly source: string;
}

function Editor({ rule, isGone, of, draft, fresh, place: here, firstSide, onReload }: EditorProps) {
  const mayManage = useMayDo('detections.manage');
  const isReadOnly = !mayManage || rule?.editable === false;
  const [base, setBase] = useState<Base>(() => ({
    number: draft?.number ?? rule?.number ?? null,
    source: rule?.source ?? fresh(),
  }));
  const wasKept = draft !== null && draft.source !== base.source;
  const [text, setText] = useState(wasKept ? draft.source : base.source);
  const [note, setNote] = useState(wasKept ? draft.note : '');
  const [showsDraft, setShowsDraft] = useState(wasKept);
  const [place, setPlace] = useState(0);
  const [side, setSide] = useState<Side>(firstSide);
  const [isBusy, setBusy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const field = useRef<CodeFieldHandle>(null);
  const { judged, failure } = useJudgement(text, isGone ? undefined : rule?.id);
  const marks = useMemo(
    () =>
      new Map(
        (judged?.problems ?? []).flatMap(({ line, message }) => (line === null ? [] : [[line, message] as const])),
      ),
    [judged],
  );
  const isTouched = text !== base.source;
  const isChanged = isTouched || rule === undefined || isGone;
  const kept = useDraftKeeper(
    of,
    wasKept,
    isTouched && !isReadOnly ? { source: text, note, number: base.number } : undefined,
  );
  const dry = useDryRun();
  const whatIf = useWhatIf();
  const asked = { source: text, ...(rule === undefined || isGone ? {} : { rule: rule.id }) };
  const isOvertaken = rule !== undefined && !isGone && base.number !== null && rule.number !== base.number;

  // Who has not written anything goes on with what is there now.
  useEffect(() => {
    if (rule === undefined || rule.number === base.number || isTouched) return;
    setBase({ number: rule.number, source: rule.source });
    setText(rule.source);
  }, [rule, base.number, isTouched]);

  async function send(
    revision: number | undefined,
    choices: { state?: 'simulated'; note?: string },
  ): Promise<RuleFull> {
    if (rule === undefined || isGone) return call('rules.create', { source: text, ...choices });
    return call('rules.update', { id: rule.id, revision, source: text, ...choices });
  }

  async function save(state?: 'simulated'): Promise<void> {
    setBusy(true);
    const choices = { ...(state === undefined ? {} : { state }), ...(note === '' ? {} : { note }) };
    try {
      const saved = await send(rule?.revision, choices).catch(async (error: unknown) => {
        if (rule === undefined || !isProblem(error, 'rules/changed')) throw error;
        const now = await call('rules.get', { id: rule.id });
        // Its state or its limits were changed, not what it says: the text can go on top.
        if (now.number === base.number) return send(now.revision, choices);
        onReload();
        throw error;
      });
      toasts.show({ text: `${saved.title}: version ${saved.number} saved, ${stateWords[saved.state].toLowerCase()}` });
      await kept.discard().catch(() => undefined);
      await detections.load();
      leave(saved.detectors[0]?.id);
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    } finally {
      setBusy(false);
    }
  }

  /** Another text in place of what one wrote, which can be had back. */
  function replace(next: string, from: Base, said: string): void {
    const before = { text, note, base };
    setText(next);
    setBase(from);
    setShowsDraft(false);
    toasts.show({
      text: said,
      undo() {
        setText(before.text);
        setNote(before.note);
        setBase(before.base);
      },
    });
  }

  function restore(source: string, number: number): void {
    setText(source);
    if (note === '') setNote(`back to version ${number}`);
    toasts.show({ text: `Version ${number} stands in the editor. Nothing changes until you save it.` });
  }

  async function discard(): Promise<void> {
    const before = { source: text, note, number: base.number };
    try {
      await kept.discard();
      toasts.show({
        text: 'Your text was thrown away',
        undo: () =>
          void call('drafts.save', { of, ...before }).then(
            () => navigate(here),
            (error: unknown) => toasts.show({ text: failureWords(error), tone: 'warn' }),
          ),
      });
      leave(rule?.detectors[0]?.id);
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    }
  }

  async function remove(): Promise<void> {
    if (rule === undefined) return;
    try {
      await call('rules.delete', { id: rule.id });
      await kept.discard().catch(() => undefined);
      toasts.show({ text: `${rule.title} deleted` });
      await detections.load();
      leave(undefined);
    } catch (error) {
      toasts.show({ text: failureWords(error), tone: 'warn' });
    }
  }

  const canSave = isChanged && !isOvertaken && judged?.valid === true;
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
        {!isReadOnly && isTouched && <Kept state={kept.state} />}
        <span className="grow" />
        <Button size="small" tone="quiet" onPress={() => leave(rule?.detectors[0]?.id)}>
          Back
        </Button>
        {!isReadOnly && isTouched && (
          <Button size="small" tone="quiet" onPress={() => void discard()}>
            Discard
          </Button>
        )}
        {!isReadOnly && rule !== undefined && !isGone && (
          <Button size="small" tone="danger" onPress={() => setDeleting(true)}>
            Delete
          </Button>
        )}
        {!isReadOnly && (
          <>
            <Button size="small" isBusy={isBusy} isDisabled={!canSave} onPress={() => void save('simulated')}>
              Save simulated
            </Button>
            <Button size="small" tone="primary" isBusy={isBusy} isDisabled={!canSave} onPress={() => void save()}>
              Save
            </Button>
          </>
        )}
      </Strip>
      {showsDraft && !isOvertaken && (
        <DraftBanner
          savedAt={draft?.saved_at}
          onFresh={() => {
            const source = rule?.source ?? fresh();
            replace(source, { number: rule?.number ?? null, source }, 'The text is as it was before you wrote');
          }}
        />
      )}
      {isGone && <GoneMeanwhile />}
      {isOvertaken && (
        <ChangedMeanwhile
          rule={rule}
          onCompare={() => setSide('versions')}
          onTheirs={() =>
            replace(
              rule.source,
              { number: rule.number, source: rule.source },
              `Version ${rule.number} stands in the editor`,
            )
          }
          onMine={() => setBase({ number: rule.number, source: rule.source })}
        />
      )}
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
              { id: 'dry', label: 'Dry run', content: () => <DryRunPanel rule={asked} look={dry} /> },
              ...(rule === undefined || isGone
                ? []
                : [
                    {
                      id: 'what' as const,
                      label: 'What if',
                      content: () => <WhatIfPanel change={{ rule: rule.id, source: text }} look={whatIf} />,
                    },
                    {
                      id: 'versions' as const,
                      label: 'Versions',
                      count: rule.versions.length,
                      content: () => (
                        <VersionsPanel
                          key={rule.number}
                          rule={rule}
                          text={text}
                          isOvertaken={isOvertaken}
                          onRestore={isReadOnly ? undefined : restore}
                        />
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

/** Whoever has gone elsewhere while it was saved stays there. */
function leave(detector: string | undefined): void {
  const { screen, path } = currentPlace();
  if (screen !== 'detections' || (path[0] !== 'new' && path[0] !== 'edit')) return;
  navigate({ screen: 'detections', ...(detector === undefined ? {} : { path: [detector] }) });
}

function Kept({ state }: { readonly state: DraftState }) {
  if (state.kind === 'failed') return <span className="small warn clip">not kept: {state.words}</span>;
  return (
    <span className="small muted nowrap">{state.kind === 'kept' ? 'not saved, kept as a draft' : 'not saved'}</span>
  );
}
