// Secrets out of a file: choose or drop it, see which names would come of it, then import. All of them or none. The preview holds names;
// the file's text is held in a reference that is dropped with the dialog, and never drawn.

import { FileUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { CallInput } from '../../../src-shared/contract/contract.ts';
import { call } from '../../api/client.ts';
import { useSubmit } from '../../app/use-submit.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { DropZone } from '../../ui/overlays/DropZone.tsx';
import { importLines } from './copy-as.ts';
import { type Format, formatOf, longestFile, type Outcome, outcomeSentence } from './import-words.ts';
import { CopyAs } from './parts.tsx';
import css from './secrets.module.css';

type Existing = NonNullable<CallInput<'secrets.import'>['existing']>;

const formats: readonly { readonly id: Format; readonly label: string; readonly detail: string }[] = [
  { id: 'env', label: '.env', detail: 'NAME=value, one a line' },
  { id: 'csv', label: 'CSV', detail: 'with a header line' },
  { id: 'fernet_json', label: 'Fernet-encrypted JSON', detail: 'needs its key' },
];
const existings: readonly { readonly id: Existing; readonly label: string }[] = [
  { id: 'refuse', label: 'Import nothing if one is taken' },
  { id: 'skip', label: 'Skip those that are taken' },
  { id: 'rotate', label: 'Give those a new version' },
];

interface Chosen {
  readonly name: string;
  readonly size: number;
}

interface ImportDialogProps {
  readonly path: string;
  readonly apiBase: string;
  readonly onImported: (outcome: Outcome) => void;
  readonly onClose: () => void;
}

export function ImportDialog({ path, apiBase, onImported, onClose }: ImportDialogProps) {
  const text = useRef('');
  const chooser = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<Chosen>();
  const [fileFault, setFileFault] = useState<string>();
  const [format, setFormat] = useState<Format>('env');
  const [key, setKey] = useState('');
  const [prefix, setPrefix] = useState(path === '' ? '' : `${path}/`);
  const [existing, setExisting] = useState<Existing>('refuse');
  const [preview, setPreview] = useState<Outcome>();
  const check = useSubmit(() => run(true), setPreview);
  const take = useSubmit(() => run(false), onImported);
  const isBusy = check.isBusy || take.isBusy;
  const words = fileFault ?? take.words ?? check.words;
  const isReady = file !== undefined && (format !== 'fernet_json' || key.trim() !== '');

  useEffect(
    () => () => {
      text.current = '';
    },
    [],
  );
  // A preview is of exactly these choices.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them makes another import
  useEffect(() => {
    setPreview(undefined);
    check.forget();
    take.forget();
  }, [file, format, key, prefix, existing]);

  function run(isDry: boolean): Promise<Outcome> {
    return call('secrets.import', {
      format,
      content: text.current,
      ...(format === 'fernet_json' ? { fernet_key: key.trim() } : {}),
      ...(prefix.trim() === '' ? {} : { path: prefix.trim() }),
      existing,
      dry_run: isDry,
    });
  }

  async function choose(files: readonly File[]): Promise<void> {
    const [first] = files;
    if (first === undefined) return;
    setFileFault(undefined);
    if (first.size > longestFile) {
      setFile(undefined);
      setFileFault(
        `${first.name} has ${formatBytes(first.size)}; at most ${formatBytes(longestFile)} are read. Split it.`,
      );
      return;
    }
    try {
      text.current = await first.text();
    } catch {
      setFile(undefined);
      setFileFault(`${first.name} could not be read. Choose it again.`);
      return;
    }
    setFormat(formatOf(first.name, text.current.slice(0, 8)));
    setFile({ name: first.name, size: first.size });
  }

  return (
    <Dialog
      title="Import secrets"
      isOpen
      onClose={onClose}
      isHeld={isBusy}
      size="large"
      footnote={<CopyAs lines={importLines(apiBase, format)} what="This" />}
      footer={
        <>
          <Button onPress={onClose} isDisabled={isBusy}>
            Cancel
          </Button>
          {preview === undefined ? (
            <Button tone="primary" isBusy={check.isBusy} isDisabled={!isReady} onPress={() => void check.submit()}>
              Preview
            </Button>
          ) : (
            <Button
              tone="primary"
              isBusy={take.isBusy}
              isDisabled={preview.created + preview.rotated === 0}
              onPress={() => void take.submit()}
            >
              {`Import ${formatCount(preview.created + preview.rotated)}`}
            </Button>
          )}
        </>
      }
    >
      <DropZone
        label="Drop the file here"
        detail=".env, CSV or Fernet-encrypted JSON"
        onFiles={(files) => void choose(files)}
      >
        <div className="stack">
          <input
            ref={chooser}
            type="file"
            hidden
            onChange={(event) => {
              void choose(Array.from(event.currentTarget.files ?? []));
              event.currentTarget.value = '';
            }}
          />
          <div className={css.drop}>
            <Button icon={FileUp} onPress={() => chooser.current?.click()} autoFocus>
              {file === undefined ? 'Choose a file' : 'Choose another'}
            </Button>
            {file === undefined ? (
              <span className="muted">or drop it here: .env, CSV, Fernet-encrypted JSON</span>
            ) : (
              <span className="clip">
                <span className="mono">{file.name}</span> <span className="muted">{formatBytes(file.size)}</span>
              </span>
            )}
          </div>
          <div className={css.pair}>
            <Select label="Format" className={css.wide} options={formats} value={format} onChange={setFormat} />
            <TextField
              label="Put before each name"
              className={css.wide}
              isMono
              placeholder="imported/"
              maxLength={150}
              autoComplete="off"
              value={prefix}
              onChange={setPrefix}
            />
            <Select
              label="Names that are taken"
              className={css.wide}
              options={existings}
              value={existing}
              onChange={setExisting}
            />
          </div>
          {format === 'fernet_json' && (
            <TextField
              label="Fernet key"
              type="password"
              isMono
              autoComplete="one-time-code"
              maxLength={100}
              value={key}
              onChange={setKey}
              description="44 characters of base64. It opens the file and is not kept."
            />
          )}
          {words !== undefined && (
            <p className={css.problem} role="alert">
              {words}
            </p>
          )}
          {preview !== undefined && <Preview outcome={preview} />}
        </div>
      </DropZone>
    </Dialog>
  );
}

type Item = Outcome['items'][number];

const outcomeWords: Readonly<Record<Item['outcome'], string>> = {
  created: 'new',
  rotated: 'new version',
  skipped: 'taken, skipped',
};

const mostShown = 500;

function Preview({ outcome }: { readonly outcome: Outcome }) {
  return (
    <section className={css.valueFields} aria-label="Preview">
      <p role="status">
        <b>{outcomeSentence(outcome)}.</b>{' '}
        <span className="muted">Nothing was imported yet; values are not shown.</span>
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: a box that scrolls, not a form's group */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: by keys too */}
      <div className={css.tableBox} role="group" aria-label="Names" tabIndex={0}>
        <DataTable
          caption="What would be imported"
          isTight
          columns={[
            {
              id: 'line',
              title: 'Line',
              width: '64px',
              align: 'end',
              cell: (item: Item) => (item.line === null ? '' : formatCount(item.line)),
            },
            {
              id: 'name',
              title: 'Name',
              isMono: true,
              cell: (item: Item) => <span title={item.name}>{item.name}</span>,
            },
            { id: 'outcome', title: 'Becomes', width: '144px', cell: (item: Item) => outcomeWords[item.outcome] },
          ]}
          rows={outcome.items.slice(0, mostShown)}
          keyOf={(item) => `${item.line ?? ''} ${item.name}`}
        />
      </div>
      {outcome.items.length > mostShown && (
        <p className="small muted">
          The first {formatCount(mostShown)} of {formatCount(outcome.items.length)}.
        </p>
      )}
    </section>
  );
}
