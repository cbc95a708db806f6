// The second step of an export: what is kept back, and what goes into the bundle beside the entries.

import { Paperclip, X } from 'lucide-react';
import { useRef } from 'react';
import { mostReported } from '../../../src-shared/bundle-limits.ts';
import type { BundleExtra, Redaction } from '../../../src-shared/contract/bundles.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import css from './audit.module.css';

const redactions = [
  { id: 'nothing', label: 'Nothing', detail: 'Every field of every entry can be read.' },
  {
    id: 'people',
    label: 'People',
    detail:
      'Who acted, from where, users, owners, names, titles, searches, reasons and notes stay here. Type, action, time, outcome, counts, states and random ids can be read; docs/redaction.md lists them.',
  },
  {
    id: 'all',
    label: 'All details',
    detail: 'Only type, action, time, outcome and the names of the other fields can be read.',
  },
] as const satisfies readonly { id: Redaction; label: string; detail: string }[];
const extras = [
  {
    id: 'pdf',
    label: 'Report for people (PDF)',
    detail: `Of up to ${formatCount(mostReported)} entries. Of more: export without it, then gatehouse audit render FILE. It says itself that only the bundle proves.`,
  },
  { id: 'public_key', label: 'Public key', detail: 'For comparing with the key that is given by another way.' },
  { id: 'verifier', label: 'Verifier (verify.html)', detail: 'One file that opens in any browser, without network.' },
] as const satisfies readonly { id: BundleExtra; label: string; detail: string }[];

interface ExportContentsProps {
  readonly redact: Redaction;
  readonly onRedact: (redact: Redaction) => void;
  readonly include: ReadonlySet<BundleExtra>;
  readonly onInclude: (include: ReadonlySet<BundleExtra>) => void;
  readonly files: readonly File[];
  readonly onFiles: (files: readonly File[]) => void;
}

export function ExportContents({ redact, onRedact, include, onInclude, files, onFiles }: ExportContentsProps) {
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <ChoiceList label="Keep back" choices={redactions} value={redact} onChange={onRedact} layout="list" />
      <p className="small muted">
        What is kept back stays in the proofs as commitments: the bundle verifies all the same, and says how much is
        missing. Whatever you choose, the bundle names this console, you, your reason and the filter, and holds attached
        files as they are.
      </p>
      <fieldset className="stack">
        <legend className={css.legend}>Include</legend>
        {extras.map(({ id, label, detail }) => (
          <Checkbox
            key={id}
            isChecked={include.has(id)}
            detail={detail}
            onChange={(isChecked) => {
              const next = new Set(include);
              if (isChecked) next.add(id);
              else next.delete(id);
              onInclude(next);
            }}
          >
            {label}
          </Checkbox>
        ))}
      </fieldset>
      <section className="stack">
        <h3 className="strong">Files</h3>
        {files.length > 0 && (
          <ul className={css.files}>
            {files.map((file) => (
              <li key={file.name}>
                <span className="mono clip grow">{file.name}</span>
                <span className="muted">{formatBytes(file.size)}</span>
                <Button
                  size="small"
                  tone="quiet"
                  icon={X}
                  label={`Take out ${file.name}`}
                  onPress={() => onFiles(files.filter((each) => each !== file))}
                />
              </li>
            ))}
          </ul>
        )}
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            const chosen = Array.from(event.currentTarget.files ?? []);
            const names = new Set(chosen.map(({ name }) => name));
            onFiles([...files.filter(({ name }) => !names.has(name)), ...chosen]);
            event.currentTarget.value = '';
          }}
        />
        <p>
          <Button icon={Paperclip} onPress={() => chooser.current?.click()}>
            Attach files
          </Button>
        </p>
      </section>
    </>
  );
}
