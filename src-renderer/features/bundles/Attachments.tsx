// The files that a bundle carries, to be saved and read beside its entries. Nothing is taken out of a bundle that is not genuine.

import { Download, FileText, PanelRight } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { printable } from '../../../src-shared/evidence/verdict.ts';
import { saveFile } from '../../app/save-file.ts';
import { cx } from '../../lib/cx.ts';
import { formatBytes } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { mayOpenBeside, openBeside } from './open-beside.ts';
import { savedName } from './saved-name.ts';
import css from './verify.module.css';
import type { ShownVerdict } from './verify-messages.ts';
import { verifier } from './verify-state.ts';

/** What is for reading. Anything else of a stranger's goes to the disk by the command line alone, which says what it writes. */
const documents = /\.(pdf|txt|csv|json|png|pem|vkey|note|tsr)$/i;

const isPdf = /\.pdf$/i;

export function Attachments({ verdict }: { readonly verdict: ShownVerdict }) {
  const { pdf, file, inPdf } = useStore(verifier);
  const [problem, setProblem] = useState<string>();
  const chooser = useRef<HTMLInputElement>(null);
  const isGenuine = verdict.verdict === 'VERIFIED' || verdict.verdict === 'VERIFIED WITH LIMITS';
  const files = verdict.manifest?.attachments ?? [];
  if (verdict.manifest === undefined) return null;

  async function take(index: number, name: string, give: (bytes: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    setProblem(undefined);
    const bytes = await verifier.attachment(index);
    if (bytes === undefined) setProblem(`${name} could not be taken out. Open the bundle again.`);
    else give(bytes);
  }

  return (
    <section className={css.files} aria-label="Files">
      <div>
        <input
          ref={chooser}
          type="file"
          hidden
          accept=".pdf,application/pdf"
          onChange={(event) => {
            const [chosen] = Array.from(event.currentTarget.files ?? []);
            if (chosen !== undefined) verifier.compare(chosen);
            event.currentTarget.value = '';
          }}
        />
        <Button size="small" icon={FileText} onPress={() => chooser.current?.click()}>
          {pdf === undefined ? 'Compare a PDF' : 'Compare another PDF'}
        </Button>
      </div>
      {pdf !== undefined && (
        <PrintedPages pdf={pdf}>
          Compared with {printable(pdf.name)}. Its pages prove nothing; the entries do.
        </PrintedPages>
      )}
      {pdf === undefined && inPdf && file !== undefined && (
        <PrintedPages pdf={file}>
          The entries were inside this PDF. Its pages prove nothing; the entries do.
        </PrintedPages>
      )}
      {files.length === 0 && <p className="small muted">None attached.</p>}
      {!isGenuine && files.length > 0 && (
        <p className="small muted">None is taken out: this bundle is not what its signer made.</p>
      )}
      {isGenuine && files.length > 0 && (
        <ul>
          {files.map(({ name, size, media_type }, index) => (
            <li key={name} className="line">
              <span className="mono clip" title={name}>
                {printable(name)}
              </span>
              <span className={cx(css.size, 'small', 'muted', 'tn')}>{formatBytes(size)}</span>
              <span className="grow" />
              {isPdf.test(name) && mayOpenBeside() && (
                <Button
                  size="small"
                  tone="quiet"
                  icon={PanelRight}
                  label={`Open ${printable(name)} beside`}
                  onPress={() => void take(index, name, (bytes) => openBeside(new Blob([bytes])))}
                />
              )}
              {documents.test(name) ? (
                <Button
                  size="small"
                  tone="quiet"
                  icon={Download}
                  label={`Save ${printable(name)}`}
                  onPress={() =>
                    void take(index, name, (bytes) =>
                      saveFile(savedName(name), new Blob([bytes], { type: media_type })),
                    )
                  }
                />
              ) : (
                <span className={cx(css.size, 'small', 'muted')}>by gatehouse audit extract</span>
              )}
            </li>
          ))}
        </ul>
      )}
      {problem !== undefined && (
        <p className="warn" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

/** What is said of a PDF that was given, and its pages, to be read beside the entries. */
function PrintedPages({ pdf, children }: { readonly pdf: File; readonly children: ReactNode }) {
  return (
    <p className="line small muted">
      <span>{children}</span>
      {mayOpenBeside() && (
        <Button size="small" icon={PanelRight} onPress={() => openBeside(pdf)}>
          Open it beside
        </Button>
      )}
    </p>
  );
}
