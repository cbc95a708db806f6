// A pack comes in: chosen or dropped, sent, compared with what is installed, and applied when somebody has seen what it changes and whose
// signature it carries.

import { FileUp, FolderUp } from 'lucide-react';
import { type InputHTMLAttributes, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { PackProgress } from '../../../src-shared/contract/rule-packs.ts';
import type { ChosenState } from '../../../src-shared/contract/rules.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { DropZone } from '../../ui/overlays/DropZone.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import { PackFields, packProblem } from './PackFields.tsx';
import { PackPreview } from './PackPreview.tsx';
import { discardPack, finishPack, type PackChoices, type PackOutcome, sendPack } from './pack-import.ts';
import { type PackSource, PackSourceError, readPackSource } from './pack-source.ts';
import { countOf } from './rule-words.ts';

interface PackImportDialogProps {
  /** Dropped on the screen already. */
  readonly dropped: readonly File[];
  readonly onClose: () => void;
}

const phaseWords: Readonly<Record<PackProgress['phase'], string>> = {
  receiving: 'Sending',
  unpacking: 'Unpacking',
  checking: 'Checking the rules',
  writing: 'Writing the rules',
  finished: 'Done',
};

/** React has no name for it: the chooser takes a folder. */
const folderChooser: InputHTMLAttributes<HTMLInputElement> & { webkitdirectory: string } = { webkitdirectory: '' };

export function PackImportDialog({ dropped, onClose }: PackImportDialogProps) {
  const packs = useStore(detections, (state) => state.packs);
  const [source, setSource] = useState<PackSource>();
  const [choices, setChoices] = useState<PackChoices>({ pack: '', name: '', version: '', signer: '' });
  const [state, setState] = useState<ChosenState>('simulated');
  const [progress, setProgress] = useState<PackProgress>();
  const [looked, setLooked] = useState<{ readonly id: string; readonly outcome: PackOutcome }>();
  const [failure, setFailure] = useState<string>();
  const fileChooser = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const running = useRef<{ readonly stop: AbortController; id?: string }>(undefined);
  const { pack } = choices;
  const installed = packs.find(({ id }) => id === pack);
  const isBusy = progress !== undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was dropped before the dialog opened is taken once
  useEffect(() => {
    if (dropped.length > 0) void choose(dropped);
  }, []);
  // A dialog that is left gives up what the console holds for it.
  const held = useRef<string>(undefined);
  held.current = looked?.id;
  useEffect(
    () => () => {
      running.current?.stop.abort();
      const id = running.current?.id ?? held.current;
      if (id !== undefined) void discardPack(id, { call });
    },
    [],
  );

  function forget(): void {
    if (looked !== undefined) void discardPack(looked.id, { call });
    setLooked(undefined);
    setFailure(undefined);
  }

  async function choose(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    forget();
    try {
      const found = await readPackSource(files);
      setSource(found);
      const { name, version } = found.kind === 'signed' ? found.content : { name: '', version: '' };
      setChoices({ pack: found.pack, name, version, signer: '' });
    } catch (error) {
      setSource(undefined);
      setFailure(wordsOf(error));
    }
  }

  async function work<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const stop = new AbortController();
    running.current = { stop };
    setFailure(undefined);
    setProgress({ phase: 'receiving', done: 0, total: 0 });
    try {
      return await run(stop.signal);
    } catch (error) {
      if (!isAborted(error)) setFailure(wordsOf(error));
      return undefined;
    } finally {
      running.current = undefined;
      setProgress(undefined);
    }
  }

  const hooks = (signal: AbortSignal) => ({
    call,
    signal,
    onProgress: setProgress,
    pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  });

  async function check(): Promise<void> {
    if (source === undefined) return;
    const found = await work(async (signal) => {
      const id = await sendPack(source, choices, hooks(signal));
      if (running.current !== undefined) running.current.id = id;
      return { id, outcome: await finishPack(id, { write: false }, hooks(signal)) };
    });
    setLooked(found);
  }

  async function apply(): Promise<void> {
    if (looked === undefined) return;
    const chosen = installed === undefined ? { state } : {};
    const outcome = await work((signal) => finishPack(looked.id, { write: true, ...chosen }, hooks(signal)));
    if (outcome === undefined) return;
    held.current = undefined;
    setLooked(undefined);
    toasts.show({
      text: `${outcome.pack}: ${formatCount(outcome.added)} added, ${formatCount(outcome.changed)} changed, ${formatCount(outcome.removed)} removed`,
    });
    void detections.load();
    onClose();
  }

  function cancel(): void {
    const { stop, id } = running.current ?? {};
    stop?.abort();
    if (id !== undefined) void discardPack(id, { call });
  }

  const outcome = looked?.outcome;
  const isWriting = progress?.phase === 'writing';
  return (
    <Dialog
      title="Import a rule pack"
      isOpen
      size="large"
      isHeld={isBusy}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose} isDisabled={isBusy}>
            Cancel
          </Button>
          {outcome === undefined ? (
            <Button
              tone="primary"
              isDisabled={source === undefined || pack === '' || packProblem(pack, installed) !== undefined || isBusy}
              onPress={() => void check()}
            >
              Check and compare
            </Button>
          ) : (
            <Button
              tone="primary"
              isDisabled={isBusy || outcome.added + outcome.changed + outcome.removed === 0}
              onPress={() => void apply()}
            >
              {installed === undefined ? `Import ${countOf(outcome.added, 'rule file')}` : 'Apply the update'}
            </Button>
          )}
        </>
      }
    >
      <DropZone
        label="Drop the pack here"
        detail="A zip or .tar.gz of Sigma rules, a rule file, or a signed .ghpack"
        onFiles={(files) => void choose(files)}
      >
        <div className={css.form}>
          <input
            ref={fileChooser}
            type="file"
            hidden
            multiple
            data-chooser="pack"
            accept=".zip,.gz,.tgz,.yml,.yaml,.ghpack,.json"
            onChange={(event) => {
              void choose(Array.from(event.currentTarget.files ?? []));
              event.currentTarget.value = '';
            }}
          />
          <input
            {...folderChooser}
            ref={folder}
            type="file"
            hidden
            data-chooser="folder"
            onChange={(event) => {
              void choose(Array.from(event.currentTarget.files ?? []));
              event.currentTarget.value = '';
            }}
          />
          <div className={css.drop}>
            <Button icon={FileUp} isDisabled={isBusy} onPress={() => fileChooser.current?.click()} autoFocus>
              Choose a file
            </Button>
            <Button icon={FolderUp} isDisabled={isBusy} onPress={() => folder.current?.click()}>
              Choose a folder
            </Button>
            {source === undefined ? (
              <span className="muted">or drop it here: zip, .tar.gz, .yml, signed .ghpack</span>
            ) : (
              <span className="clip">
                <span className="mono">{source.name}</span> <span className="muted">{sizeWords(source)}</span>
              </span>
            )}
          </div>
          {source !== undefined && (
            <PackFields
              choices={choices}
              onChange={(changes) => {
                forget();
                setChoices({ ...choices, ...changes });
              }}
              installed={installed}
              isSigned={source.kind === 'signed'}
              isDisabled={isBusy}
              state={state}
              onState={setState}
            />
          )}
          {progress !== undefined && (
            <ProgressBar
              label={phaseWords[progress.phase]}
              done={progress.done}
              total={progress.total === 0 ? undefined : progress.total}
              unit={progress.phase === 'receiving' ? 'bytes' : 'rules'}
              onCancel={isWriting ? undefined : cancel}
            />
          )}
          {failure !== undefined && (
            <p className="warn" role="alert">
              {failure}
            </p>
          )}
          {looked !== undefined && <PackPreview importId={looked.id} outcome={looked.outcome} installed={installed} />}
        </div>
      </DropZone>
    </Dialog>
  );
}

function sizeWords(source: PackSource): string {
  if (source.kind === 'archive') return formatBytes(source.size);
  return `${formatCount(source.content.files.length)} rule files, ${formatBytes(source.size)}`;
}

function wordsOf(error: unknown): string {
  return error instanceof PackSourceError ? error.message : failureWords(error);
}
