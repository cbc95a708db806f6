// Before a file is imported: how its first lines would be read, in which format and time zone, and which of them would be refused. What is
// chosen here holds for all files that were chosen together.

import { useEffect, useState } from 'react';
import type { LogFormatChoice } from '../../../src-shared/contract/events.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './events.module.css';
import { imports } from './events-state.ts';
import { ImportPreviewTable } from './ImportPreviewTable.tsx';
import { choicesIn, type ImportChoices, type ImportSource } from './import-file.ts';
import { columnsOf, formatOptions } from './import-words.ts';
import { type Previewed, previewFile } from './preview-file.ts';

const askAfterMs = 250;

export function ImportDialog({ files }: { readonly files: readonly ImportSource[] }) {
  const [format, setFormat] = useState<LogFormatChoice>('auto');
  const [zone, setZone] = useState('');
  const [columns, setColumns] = useState('');
  const [shown, setShown] = useState('0');
  const file = files[Number(shown)] ?? files[0];
  const mapping = columnsOf(columns);
  const isCsv = format === 'csv';
  const choices: ImportChoices = {
    format,
    zone: zone.trim(),
    ...(isCsv && mapping !== 'wrong' && mapping !== undefined ? { columns: mapping } : {}),
  };
  const { preview, failure, isAsking } = usePreview(file, choices);
  const size = files.reduce((sum, each) => sum + each.size, 0);
  const close = () => imports.choose([]);

  function begin(): void {
    imports.add(files, choices);
    close();
  }

  return (
    <Dialog
      title={files.length === 1 ? `Import ${file?.name ?? 'a file'}` : `Import ${formatCount(files.length)} files`}
      isOpen
      size="large"
      onClose={close}
      footnote={
        <span className="small muted">
          {formatBytes(size)}. Importing twice adds nothing: what is there already counts as known.
        </span>
      }
      footer={
        <>
          <Button onPress={close}>Cancel</Button>
          <Button tone="primary" isDisabled={isCsv && mapping === 'wrong'} onPress={begin} autoFocus>
            {files.length === 1 ? 'Import' : `Import ${formatCount(files.length)} files`}
          </Button>
        </>
      }
    >
      <div className={css.importForm}>
        <div className={css.choices}>
          {files.length > 1 && (
            <Select
              label="Preview of"
              options={files.map(({ name }, index) => ({ id: String(index), label: name }))}
              value={shown}
              onChange={setShown}
            />
          )}
          <Select label="Format" options={formatOptions} value={format} onChange={setFormat} />
          <TextField
            label="Time zone of lines that name none"
            placeholder="The console’s"
            description="Such as Europe/Berlin or +02:00."
            isMono
            maxLength={60}
            value={zone}
            onChange={setZone}
          />
          {isCsv && (
            <TextField
              label="Columns"
              placeholder="time=Date, actor=User"
              description="Event field = column of the header, or all by number. Empty: the header’s names are the fields."
              error={mapping === 'wrong' ? 'Pairs such as time=Date, with commas between.' : undefined}
              isMono
              maxLength={2000}
              value={columns}
              onChange={setColumns}
            />
          )}
        </div>
        {failure !== undefined && (
          <p className="warn" role="alert">
            {failure}
          </p>
        )}
        {preview === undefined && failure === undefined && <LoadingSkeleton label="Reading the first lines" rows={6} />}
        {preview !== undefined && failure === undefined && (
          <ImportPreviewTable previewed={preview} isOld={isAsking} isTold={format !== 'auto'} />
        )}
      </div>
    </Dialog>
  );
}

interface Asked {
  readonly preview: Previewed | undefined;
  readonly failure: string | undefined;
  readonly isAsking: boolean;
}

/** A moment after the last key; the answer of before stays until then. */
function usePreview(file: ImportSource | undefined, choices: ImportChoices): Asked {
  const [state, setState] = useState<Asked>({ preview: undefined, failure: undefined, isAsking: true });
  const key = JSON.stringify(choicesIn(choices));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the choices
  useEffect(() => {
    if (file === undefined) return undefined;
    const reading = new AbortController();
    setState((before) => ({ ...before, isAsking: true }));
    const timer = setTimeout(() => {
      previewFile(file, choices, call, reading.signal).then(
        (preview) => setState({ preview, failure: undefined, isAsking: false }),
        (error: unknown) => {
          if (isAborted(error) || reading.signal.aborted) return;
          const failure =
            error instanceof DOMException ? 'The file could not be read. Choose it again.' : failureWords(error);
          setState({ preview: undefined, failure, isAsking: false });
        },
      );
    }, askAfterMs);
    return () => {
      clearTimeout(timer);
      reading.abort();
    };
  }, [file, key]);
  return state;
}
