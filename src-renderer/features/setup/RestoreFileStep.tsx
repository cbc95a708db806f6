// The backup: chosen, dropped, or named by its path where the console runs elsewhere. Before anything is opened it says what it is.

import { FileInput, FolderOpen } from 'lucide-react';
import { useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Card, KeyValues } from '../../ui/layout/Page.tsx';
import { DropZone } from '../../ui/overlays/DropZone.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import { RestoreFrame } from './RestoreFrame.tsx';
import type { Restore } from './restore-store.ts';
import css from './setup.module.css';

interface RestoreFileStepProps {
  readonly restore: Restore;
  readonly onBack: () => void;
}

export function RestoreFileStep({ restore, onBack }: RestoreFileStepProps) {
  const { upload, rate, facts, source, isBusy } = useStore(restore.store);
  const chooser = useRef<HTMLInputElement>(null);
  const take = (files: readonly File[]) => {
    const [file] = files;
    if (file !== undefined) void restore.sendFile(file);
  };
  const choose = () => chooser.current?.click();
  return (
    <div className={css.whole}>
      <DropZone label="Drop the backup to restore" detail="A .ghbackup file. It stays on this computer." onFiles={take}>
        {/* In the page, not made when needed: the browser may drop a field that stands nowhere before its dialog opens. */}
        <input
          ref={chooser}
          type="file"
          hidden
          accept=".ghbackup"
          onChange={(event) => {
            take(Array.from(event.currentTarget.files ?? []));
            // So that choosing the same file again is a change.
            event.currentTarget.value = '';
          }}
        />
        <RestoreFrame
          restore={restore}
          title="Choose the backup"
          lead="A file that ends in .ghbackup, as Gatehouse wrote it. Looking at it changes nothing."
          onBack={onBack}
          next={{
            label: 'Continue',
            onPress: () => restore.show('key'),
            isDisabled: facts === undefined,
            isBusy,
          }}
        >
          {facts !== undefined && source !== undefined ? (
            <div className={css.column}>
              <Facts facts={facts} />
              <div className={css.buttons}>
                <Button icon={FolderOpen} onPress={choose}>
                  Choose another file
                </Button>
              </div>
            </div>
          ) : upload !== undefined ? (
            <ProgressBar
              label={upload.sent < upload.total ? `Handing over ${upload.name}` : `Looking at ${upload.name}`}
              done={upload.sent}
              total={upload.total}
              unit="bytes"
              rate={rate}
              onCancel={restore.cancelUpload}
            />
          ) : (
            <div className={css.column}>
              <div className={css.drop}>
                <Icon of={FileInput} size={24} />
                <p className="title-s">Drop the .ghbackup file here</p>
                <p className="small muted">or anywhere on this page</p>
                <Button size="large" tone="primary" icon={FolderOpen} onPress={choose}>
                  Choose a file
                </Button>
              </div>
              <ByPath restore={restore} isBusy={isBusy} />
            </div>
          )}
        </RestoreFrame>
      </DropZone>
    </div>
  );
}

function ByPath({ restore, isBusy }: { readonly restore: Restore; readonly isBusy: boolean }) {
  const [path, setPath] = useState('');
  return (
    <details className={css.details}>
      <summary>It lies on the computer that Gatehouse runs on</summary>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() !== '') void restore.readPath(path.trim());
        }}
      >
        <TextField
          label="Its path there"
          value={path}
          onChange={setPath}
          description="Read in place, without sending it. For large backups and for consoles without a screen."
          maxLength={1000}
          autoComplete="off"
          isMono
          size="large"
        />
        <div className={css.buttons}>
          <Button type="submit" isBusy={isBusy} isDisabled={path.trim() === ''}>
            Look at it
          </Button>
        </div>
      </form>
    </details>
  );
}

function Facts({ facts }: { readonly facts: Output<'setup.restore_inspect'> }) {
  return (
    <Card className={css.found}>
      <h2 className="title-m">{facts.console_name}</h2>
      <KeyValues
        nameWidth="120px"
        entries={[
          {
            name: 'Made',
            value: (
              <>
                <Time at={facts.created_at} format="minute" />, <RelativeTime at={facts.created_at} />
              </>
            ),
          },
          { name: 'Size', value: formatBytes(facts.size_bytes) },
          ...(facts.audit_entries === null
            ? []
            : [{ name: 'Audit log', value: `${formatCount(facts.audit_entries)} entries` }]),
          { name: 'By', value: `Gatehouse ${facts.gatehouse_version}` },
          { name: 'Encrypted', value: facts.encrypted ? 'yes' : 'no; the pages of the store inside are' },
          {
            name: 'Signer',
            value: (
              <>
                <span className="mono">{facts.signer.verifier_key}</span>
                <br />
                <span className="muted">
                  SHA-256 <span className="mono">{facts.signer.fingerprint}</span>
                </span>
              </>
            ),
          },
        ]}
      />
      <p className="small muted">
        So says the file of itself. The signer is the verifier key of your recovery kit; compare them. Whether the file
        is whole is checked before anything is restored.
      </p>
    </Card>
  );
}
