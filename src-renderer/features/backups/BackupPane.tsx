// One backup beside the list: what a test restore found, what opens it, where its file lies, and what can be done with it.

import { FileCheck2, RotateCcw, Trash2 } from 'lucide-react';
import { useContext } from 'react';
import type { Backup, BackupVerification } from '../../../src-shared/contract/backups.ts';
import { formatInstant } from '../../lib/instants.ts';
import { formatBytes, formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { DisplayContext } from '../../ui/display.ts';
import { DetailPane } from '../../ui/layout/DetailPane.tsx';
import { Block, Card, KeyValues } from '../../ui/layout/Page.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import { type BackupAction, keptWords, kindWords, type openerWords, stateWords } from './backup-words.ts';
import css from './backups.module.css';
import { restoreLine, verifyLine } from './cli-lines.ts';

interface BackupPaneProps {
  readonly backup: Backup;
  readonly isVerifying: boolean;
  /** Why the last check could not be made. */
  readonly unverified: string | undefined;
  readonly width: number;
  readonly onWidthChange: (width: number) => void;
  readonly onClose: () => void;
  readonly onPrevious: (() => void) | undefined;
  readonly onNext: (() => void) | undefined;
  readonly onAction: ((kind: BackupAction) => void) | undefined;
}

export function BackupPane(props: BackupPaneProps) {
  const { backup, isVerifying, onAction } = props;
  const { timeZone } = useContext(DisplayContext);
  const [kind, word] = stateWords[backup.state];
  const isWhole = backup.state === 'complete';
  return (
    <DetailPane
      label="Backup"
      title={formatInstant(backup.created_at, timeZone, 'minute')}
      headline={
        <>
          <Outcome kind={kind}>{word}</Outcome>
          <Tag>{kindWords[backup.kind]}</Tag>
          {!backup.encrypted && <Tag tone="warn">not encrypted</Tag>}
        </>
      }
      facts={
        <>
          {backup.size_bytes !== null && <span>{formatBytes(backup.size_bytes)}</span>}
          {backup.audit_entries !== null && <span>{formatCount(backup.audit_entries)} audit entries</span>}
          <RelativeTime at={backup.created_at} />
        </>
      }
      actions={
        onAction &&
        backup.state !== 'running' && (
          <>
            {isWhole && (
              <>
                <Button
                  tone={backup.verification === null ? 'primary' : 'plain'}
                  icon={FileCheck2}
                  keys="v"
                  isBusy={isVerifying}
                  onPress={() => onAction('verify')}
                >
                  Test restore
                </Button>
                <Button icon={RotateCcw} onPress={() => onAction('restore')}>
                  Restore
                </Button>
              </>
            )}
            <Button icon={Trash2} tone="quiet" onPress={() => onAction('delete')}>
              {isWhole ? 'Delete' : 'Remove from the list'}
            </Button>
          </>
        )
      }
      width={props.width}
      onWidthChange={props.onWidthChange}
      onClose={props.onClose}
      onPrevious={props.onPrevious}
      onNext={props.onNext}
      takesFocus={false}
    >
      {backup.state === 'failed' && (
        <Block title="Why it failed">
          <p>{backup.error ?? 'No reason was recorded.'}</p>
          <p className="small muted">Nothing of it was kept. The store and the other backups are untouched.</p>
        </Block>
      )}
      {backup.state === 'missing' && (
        <Block title="Its file is gone">
          <p>It is no longer where it was written. Put it back there to use it, or remove it from the list.</p>
        </Block>
      )}
      {isWhole && (
        <Block title="Test restore" end={backup.verification !== null && <RelativeTime at={backup.verification.at} />}>
          {isVerifying ? (
            <ProgressBar
              label="Restoring into a scratch store and checking every page and entry"
              done={0}
              unit="bytes"
            />
          ) : (
            <Verification verification={backup.verification} />
          )}
          {props.unverified !== undefined && !isVerifying && (
            <p className={css.problem} role="alert">
              {props.unverified}
            </p>
          )}
        </Block>
      )}
      {isWhole && (
        <Block title="What opens it">
          {backup.encrypted ? (
            <ul className={css.openers}>
              {backup.opens_with.map((opener) => (
                <li key={opener}>{openerDetails[opener]}</li>
              ))}
            </ul>
          ) : (
            <p>
              Nothing is needed to read the file itself. The pages of the store inside are encrypted, as on the disk.
            </p>
          )}
        </Block>
      )}
      <Block title="File">
        <KeyValues
          entries={[
            { name: 'Path', value: <Copied text={backup.path} what="path" /> },
            ...(backup.sha256 === null
              ? []
              : [{ name: 'SHA-256', value: <Copied text={backup.sha256} what="SHA-256 of the backup" /> }]),
            ...(backup.encryption_algorithm === null
              ? []
              : [{ name: 'Encryption', value: <span className="mono">{backup.encryption_algorithm}</span> }]),
            ...(isWhole ? [{ name: 'Kept', value: keptWords(backup) }] : []),
          ]}
        />
      </Block>
      {isWhole && (
        <Block title="On the command line">
          <div className={css.lines}>
            <CopyLine line={verifyLine(backup.path)} what="command that verifies this backup" />
            <CopyLine line={restoreLine(backup.path)} what="command that restores this backup" />
          </div>
          <p className={css.note}>The second is for a console that is stopped, or for an empty data folder.</p>
        </Block>
      )}
    </DetailPane>
  );
}

const openerDetails: Readonly<Record<keyof typeof openerWords, string>> = {
  backup_key: 'This console, by its backup key.',
  recovery_key: 'The recovery key that was current when it was made.',
  passphrase: 'The passphrase that was given for it.',
};

function Verification({ verification }: { readonly verification: BackupVerification | null }) {
  if (verification === null) {
    return <p className="muted">Not made yet. Whether this backup restores is not known.</p>;
  }
  const { passed, detail, audit_entries: entries, root_hash: root } = verification;
  return (
    <Card className={css.result}>
      <Outcome kind={passed ? 'good' : 'bad'}>{passed ? 'Restores whole' : 'Does not restore'}</Outcome>
      <p className="small">{detail}</p>
      <KeyValues
        entries={[
          { name: 'Checked', value: <Time at={verification.at} /> },
          ...(entries === null ? [] : [{ name: 'Audit tree', value: `${formatCount(entries)} entries rebuilt` }]),
          ...(root === null ? [] : [{ name: 'Root hash', value: <Copied text={root} what="root hash" /> }]),
        ]}
      />
    </Card>
  );
}

function Copied({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <span className={css.copied}>
      <span className="mono">{text}</span>
      <CopyButton value={text} what={what} />
    </span>
  );
}
