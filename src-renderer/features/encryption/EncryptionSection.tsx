// Settings, Encryption: the keys and their rotation, how the master key is kept, the recovery key, the vault's lock.

import { KeyRound, LockKeyhole } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { EncryptionStatus, RotatableKey } from '../../../src-shared/contract/encryption.ts';
import { useConsoleName } from '../../app/console-name.ts';
import { useMayDo } from '../../app/services.ts';
import { useNow } from '../../lib/now.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { KeyValues, Panel } from '../../ui/layout/Page.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './encryption.module.css';
import { encryption } from './encryption-state.ts';
import type { Rotated } from './encryption-store.ts';
import { KeyTable } from './KeyTable.tsx';
import { protectionNames } from './key-words.ts';
import { ProtectionDialog } from './ProtectionDialog.tsx';
import { RecoveryKeyDialog } from './RecoveryKeyDialog.tsx';
import { RotateDialog } from './RotateDialog.tsx';
import { RotationCard } from './RotationCard.tsx';
import type { IssuedKey } from './recovery-sheet.ts';
import { IssueDialog, LockDialog } from './VaultDialogs.tsx';

type Asked =
  | { readonly kind: 'rotate'; readonly key: RotatableKey }
  | { readonly kind: 'protection' | 'recovery' | 'lock' };

interface EncryptionSectionProps {
  /** What the address asks for: 'lock', 'recovery', 'rotate'. */
  readonly asked: string | undefined;
  /** Takes it out of the address, so that going back does not ask again. */
  readonly onAsked: () => void;
}

export function EncryptionSection({ asked: asking, onAsked }: EncryptionSectionProps) {
  const { status, problem, rate } = useStore(encryption);
  const mayManage = useMayDo('encryption.manage');
  const consoleName = useConsoleName() ?? 'Gatehouse';
  const [asked, setAsked] = useState<Asked>();
  const [issued, setIssued] = useState<IssuedKey>();
  useEffect(() => encryption.follow(), []);
  const close = useCallback(() => setAsked(undefined), []);
  useEffect(() => {
    if (asking === undefined || status === undefined) return;
    const next = askedBy(asking);
    if (next !== undefined && mayManage) setAsked(next);
    onAsked();
  }, [asking, status, mayManage, onAsked]);

  if (status === undefined) {
    return problem === undefined ? (
      <LoadingSkeleton label="Loading the keys" rows={5} />
    ) : (
      <ErrorState
        title="The keys could not be read"
        detail={problem}
        stillWorks="Nothing about the keys themselves has changed."
        onRetry={() => void encryption.load()}
      />
    );
  }
  const show = ({ recoveryKey, nextStep }: Rotated) => {
    if (recoveryKey === undefined) return;
    setIssued({ recoveryKey, consoleName, issuedAt: new Date().toISOString(), nextStep });
  };
  const isBusy = status.task?.state === 'running' || status.task?.state === 'paused';
  return (
    <div className={css.section}>
      <div className={css.toolbar}>
        <Summary status={status} />
        <span className="grow" />
        {mayManage && (
          <Button icon={LockKeyhole} onPress={() => setAsked({ kind: 'lock' })}>
            Lock the vault
          </Button>
        )}
      </div>
      {problem !== undefined && <p className={css.problem}>{problem}</p>}
      {status.task !== null && <RotationCard task={status.task} rate={rate} maySteer={mayManage} />}
      <KeyTable
        keys={status.keys}
        isBusy={isBusy}
        onRotate={mayManage ? (key) => setAsked({ kind: 'rotate', key }) : undefined}
      />
      <div className={css.panels}>
        <Kept status={status} onChange={mayManage ? () => setAsked({ kind: 'protection' }) : undefined} />
        <Recovery status={status} onIssue={mayManage ? () => setAsked({ kind: 'recovery' }) : undefined} />
      </div>
      <RotateDialog
        rotating={asked?.kind === 'rotate' ? asked.key : undefined}
        status={status}
        onClose={close}
        onRotated={show}
      />
      <ProtectionDialog isOpen={asked?.kind === 'protection'} current={status.protection} onClose={close} />
      <IssueDialog isOpen={asked?.kind === 'recovery'} onClose={close} onIssued={setIssued} />
      <LockDialog isOpen={asked?.kind === 'lock'} protection={status.protection} onClose={close} />
      <RecoveryKeyDialog issued={issued} onClose={() => setIssued(undefined)} />
    </div>
  );
}

function askedBy(asking: string): Asked | undefined {
  switch (asking) {
    case 'lock':
    case 'recovery':
    case 'protection':
      return { kind: asking };
    case 'rotate':
      return { kind: 'rotate', key: 'sealing' };
    default:
      return undefined;
  }
}

function Summary({ status }: { readonly status: EncryptionStatus }) {
  const now = useNow(60_000);
  const current = status.keys.filter((key) => key.state === 'current');
  const overdue = current.filter((key) => key.due_at !== null && Date.parse(key.due_at) < now).length;
  return (
    <p className="muted">
      {current.length} keys in use, {overdue === 0 ? 'none overdue' : <b className="warn">{overdue} overdue</b>}. Due
      every {status.rotation_days} days; the sealing and the backup key are then rotated by themselves.
    </p>
  );
}

interface PanelProps {
  readonly status: EncryptionStatus;
}

function Kept({ status, onChange }: PanelProps & { readonly onChange: (() => void) | undefined }) {
  return (
    <Panel title="How the master key is kept">
      <div className={css.panelBody}>
        <KeyValues
          nameWidth="120px"
          entries={[
            { name: 'Kept in', value: <b>{protectionNames[status.protection]}</b> },
            { name: 'Which', value: status.protection_detail },
            { name: 'Keys of subjects', value: subjectWords(status.subject_keys) },
          ]}
        />
        {onChange && (
          <div className={css.foot}>
            <Button icon={KeyRound} onPress={onChange}>
              Change
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}

function subjectWords(count: number): string {
  return count === 0
    ? 'none yet; each secret and each data subject gets one of its own'
    : `${formatCount(count)}; destroying one shreds what it seals`;
}

function Recovery({ status, onIssue }: PanelProps & { readonly onIssue: (() => void) | undefined }) {
  const { recovery_key_issued_at: at } = status;
  return (
    <Panel title="Recovery key">
      <div className={css.panelBody}>
        {at === null ? (
          <>
            <Outcome kind="limited">Never issued</Outcome>
            <p className="small">If what keeps the master key is lost, everything stored here is lost with it.</p>
          </>
        ) : (
          <KeyValues
            nameWidth="120px"
            entries={[
              {
                name: 'Issued',
                value: (
                  <>
                    <Time at={at} format="minute" />, <RelativeTime at={at} />
                  </>
                ),
              },
              { name: 'Opens', value: 'the store when its keychain or passphrase is lost; backups on a new computer' },
              { name: 'Kept by', value: 'you alone, on paper or in a file away from this computer' },
            ]}
          />
        )}
        {onIssue && (
          <div className={css.foot}>
            <Button onPress={onIssue}>Issue a new one</Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
