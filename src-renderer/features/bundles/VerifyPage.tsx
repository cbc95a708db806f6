// The Verifier: drop a bundle, read the verdict, then what it rests on, what it does not prove, and the entries. Nothing leaves this
// computer, and no account is needed.

import { FileSearch, FolderOpen, WifiOff, X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { isAborted } from '../../api/failures.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Strip } from '../../ui/layout/Page.tsx';
import { DropZone } from '../../ui/overlays/DropZone.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import { BundleTabs } from './BundleTabs.tsx';
import { commandLine } from './command-line.ts';
import { ExportedBundles } from './ExportedBundles.tsx';
import { Held } from './Held.tsx';
import { fetchHandedOver, handedOverBy } from './handed-over.ts';
import { ReceiptButton } from './ReceiptButton.tsx';
import { ReceiptView } from './ReceiptView.tsx';
import { takeFiles } from './take-files.ts';
import { VerdictSide, VerdictTop } from './VerdictParts.tsx';
import css from './verify.module.css';
import { verifier } from './verify-state.ts';

export function VerifyPage({ query }: ScreenProps) {
  const { phase, fileName, fileSize, verdict, receipt, given, trust, reason, progress } = useStore(verifier);
  const isNarrow = useNarrowWindow();
  const [notice, setNotice] = useState<string>();
  const onFiles = useCallback((files: readonly File[]) => void take(files).then(setNotice), []);
  useHandedOver(query);
  const chooser = useRef<HTMLInputElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const openFile = () => chooser.current?.click();
  const closeFile = () => {
    setNotice(undefined);
    verifier.close();
    // The button goes with the file.
    title.current?.focus();
  };
  useShortcuts('verify', 'Verifier', [{ id: 'verify.file', keys: 'o', label: 'Open a bundle', run: openFile }]);

  return (
    <DropZone
      isScreen
      label="Drop a bundle to verify it"
      detail="A .ghbundle file, with its PDF if you have one; a PDF that carries one; a receipt; keys. All stays on this computer."
      onFiles={onFiles}
    >
      <div className={css.page}>
        {/* In the page, not made when needed: the browser may drop a field that stands nowhere before its dialog opens. */}
        <input
          ref={chooser}
          data-chooser="bundle"
          type="file"
          hidden
          multiple
          accept=".ghbundle,.pdf,.receipt,.vkey,.pem,.crt,.cer,.note,.checkpoint,.checkpoints,application/json,application/pdf"
          onChange={(event) => {
            onFiles(Array.from(event.currentTarget.files ?? []));
            // So that choosing the same file again is a change.
            event.currentTarget.value = '';
          }}
        />
        <Strip>
          <h1 className="title-s" ref={title} tabIndex={-1}>
            Verifier
          </h1>
          {!isNarrow && (
            <span className={css.assurance}>
              <Tag tone="line" icon={WifiOff}>
                checked on this computer, without network
              </Tag>
            </span>
          )}
          <span className="grow" />
          {verdict !== undefined && !isNarrow && (
            <CopyButton value={commandLine(fileName, given, trust.pinnedKeys)} what="the command line" size="medium">
              Copy as CLI
            </CopyButton>
          )}
          {phase !== 'empty' && (
            <Button tone="quiet" icon={X} onPress={closeFile}>
              Close
            </Button>
          )}
          <Button icon={FolderOpen} keys="o" tone={phase === 'empty' ? 'primary' : 'plain'} onPress={openFile}>
            {phase === 'empty' ? 'Open a bundle' : 'Open another file'}
          </Button>
          {verdict !== undefined && phase === 'done' && <ReceiptButton onSaid={setNotice} />}
        </Strip>
        {notice !== undefined && (
          <p className={css.notice} role="status">
            {notice}
          </p>
        )}
        {phase === 'empty' && <Start onOpen={openFile} />}
        {(phase === 'receipt' || phase === 'checking') && receipt !== undefined && <ReceiptView verdict={receipt} />}
        {phase === 'unreadable' && (
          <ErrorState
            title={`${fileName} could not be read`}
            detail={
              reason === undefined
                ? 'It may have been moved or deleted since it was chosen. Nothing is said about the bundle itself.'
                : `It says nothing that could be verified: ${reason}.`
            }
            onRetry={openFile}
          />
        )}
        {phase === 'stopped' && (
          <ErrorState
            title={`The check of ${fileName} stopped`}
            detail="It may need more memory than the browser gives. Nothing is said about the bundle itself."
            stillWorks="The command line checks bundles of any size: gatehouse audit verify."
            onRetry={openFile}
          />
        )}
        {phase === 'checking' && verdict === undefined && receipt === undefined && (
          <div className={css.checking}>
            <ProgressBar
              label={`Checking ${fileName}`}
              done={progress?.done ?? 0}
              total={progress === undefined ? undefined : fileSize}
              rate={progress?.perSecond}
              unit="bytes"
              onCancel={() => verifier.close()}
            />
          </div>
        )}
        {(phase === 'done' || phase === 'checking') && verdict !== undefined && (
          <>
            <div className={css.top} aria-busy={phase === 'checking'}>
              <VerdictTop verdict={verdict} />
              <VerdictSide verdict={verdict} />
            </div>
            <BundleTabs verdict={verdict} />
          </>
        )}
      </div>
    </DropZone>
  );
}

/** @returns what to say about files that were not opened, and what is held against now. */
async function take(files: readonly File[]): Promise<string | undefined> {
  const { bundle, pdf, given, notice } = await takeFiles(files);
  verifier.hold(given);
  if (bundle !== undefined) verifier.verify(bundle, pdf);
  else if (pdf !== undefined) verifier.verify(pdf);
  return notice;
}

/** Verifies what the desktop window was opened with, once: the address then no longer names it. */
function useHandedOver(query: Readonly<Record<string, string>>): void {
  useEffect(() => {
    const offered = handedOverBy(query);
    if (offered === undefined) return;
    const stop = new AbortController();
    fetchHandedOver(offered, (input, init) => window.fetch(input, init), stop.signal)
      .then(
        (file) => verifier.verify(file),
        (error: unknown) => {
          if (!isAborted(error)) verifier.cannotRead(offered.name);
        },
      )
      .then(() => {
        if (!stop.signal.aborted) navigate({ screen: 'verify' }, { replace: true });
      });
    return () => stop.abort();
  }, [query]);
}

function Start({ onOpen }: { readonly onOpen: () => void }) {
  return (
    <div className={css.start}>
      <div className={css.startCard}>
        <Icon of={FileSearch} size={24} />
        <p className="title-m">Drop a .ghbundle file here</p>
        <p className="muted">
          You read whether it is what a console signed, whether anything is missing, by whom and when, and what it does
          not prove. No account, no network: the file stays on this computer.
        </p>
        <Button tone="primary" size="large" icon={FolderOpen} onPress={onOpen}>
          Open a bundle
        </Button>
      </div>
      <Held />
      <ExportedBundles />
    </div>
  );
}
