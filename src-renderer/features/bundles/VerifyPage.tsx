// The Verifier: drop a bundle, read the verdict, then what it rests on, what it does not prove, and the entries. Nothing leaves this
// computer, and no account is needed.

import { FileSearch, FolderOpen, WifiOff } from 'lucide-react';
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
import { EntryList } from './EntryList.tsx';
import { ExportedBundles } from './ExportedBundles.tsx';
import { Held } from './Held.tsx';
import { fetchHandedOver, handedOverBy } from './handed-over.ts';
import { ReceiptButton } from './ReceiptButton.tsx';
import { ReceiptView } from './ReceiptView.tsx';
import { largestTrustFile, readTrust } from './trust.ts';
import { VerdictSide, VerdictTop } from './VerdictParts.tsx';
import css from './verify.module.css';
import type { Trust } from './verify-messages.ts';
import { verifier } from './verify-state.ts';

export function VerifyPage({ query }: ScreenProps) {
  const { phase, fileName, fileSize, verdict, receipt, trust, reason } = useStore(verifier);
  const isNarrow = useNarrowWindow();
  const [notice, setNotice] = useState<string>();
  const onFiles = useCallback((files: readonly File[]) => void take(files).then(setNotice), []);
  useHandedOver(query);
  const chooser = useRef<HTMLInputElement>(null);
  const openFile = () => chooser.current?.click();
  useShortcuts('verify', 'Verifier', [{ id: 'verify.open', keys: 'o', label: 'Open a bundle', run: openFile }]);

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
          type="file"
          hidden
          multiple
          accept=".ghbundle,.pdf,.receipt,.vkey,.pem,.crt,.note,.checkpoint,application/json,application/pdf"
          onChange={(event) => {
            onFiles(Array.from(event.currentTarget.files ?? []));
            // So that choosing the same file again is a change.
            event.currentTarget.value = '';
          }}
        />
        <Strip>
          <h1 className="title-s">Verifier</h1>
          {!isNarrow && (
            <Tag tone="line" icon={WifiOff}>
              checked on this computer, without network
            </Tag>
          )}
          <span className="grow" />
          {verdict !== undefined && !isNarrow && (
            <CopyButton value={commandLine(fileName, trust)} what="the command line" size="medium">
              Copy as CLI
            </CopyButton>
          )}
          {verdict !== undefined && phase === 'done' && <ReceiptButton />}
          <Button icon={FolderOpen} keys="o" tone={phase === 'empty' ? 'primary' : 'plain'} onPress={openFile}>
            {phase === 'empty' ? 'Open a bundle' : 'Open another file'}
          </Button>
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
              done={fileSize}
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
            <EntryList />
          </>
        )}
      </div>
    </DropZone>
  );
}

/**
 * A bundle with its PDF, a bundle or PDF alone, or what bundles are held against, each told by its content or name.
 * @returns what to say about files that are none of it.
 */
async function take(files: readonly File[]): Promise<string | undefined> {
  const others: File[] = [];
  for (const file of files) {
    const read = file.size <= largestTrustFile ? readTrust(await file.text().catch(() => '')) : undefined;
    if (read === undefined) others.push(file);
    else verifier.trust(read.kind, read.text);
  }
  const isPdf = (file: File): boolean => file.name.toLowerCase().endsWith('.pdf');
  const bundle = others.find((file) => !isPdf(file));
  const pdf = others.find(isPdf);
  if (bundle !== undefined) verifier.verify(bundle, pdf);
  else if (pdf !== undefined) verifier.verify(pdf);
  const left = others.length - (bundle === undefined ? 0 : 1) - (pdf === undefined ? 0 : 1);
  return left > 0
    ? `${left} more ${left === 1 ? 'file was' : 'files were'} not opened: one bundle at a time.`
    : undefined;
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

/** The same check on the command line, quoted for a POSIX shell; CAs and checkpoints are files there, to be added by hand. */
function commandLine(fileName: string, { trustedKeys, pinnedKeys, witnesses }: Trust): string {
  const quoted = (text: string) => `'${text.replace(/'/g, "'\\''")}'`;
  return [
    'gatehouse audit verify',
    quoted(fileName),
    ...[...trustedKeys, ...pinnedKeys].map((key) => `--key ${quoted(key)}`),
    ...witnesses.map((key) => `--witness ${quoted(key)}`),
  ].join(' ');
}
