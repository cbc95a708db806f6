// What opens the backup: the recovery key on its sheet, a passphrase, or the key that this process was started with.

import { FileKey, KeyRound, LockKeyhole } from 'lucide-react';
import { useStore } from 'zustand';
import { RecoveryKeyField } from '../../app/credentials/RecoveryKeyField.tsx';
import type { KeyGroups } from '../../app/credentials/recovery-key-groups.ts';
import { Waiting } from '../../app/credentials/Waiting.tsx';
import { type Choice, ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { PasswordField } from '../../ui/controls/PasswordField.tsx';
import { RestoreFrame } from './RestoreFrame.tsx';
import type { Restore, RestoreOpener } from './restore-store.ts';
import css from './setup.module.css';

const form = 'restore-key';

export type OpenerKind = RestoreOpener['kind'];

interface RestoreKeyStepProps {
  readonly restore: Restore;
  /** This process was started with a master key. */
  readonly canBeGiven: boolean;
  readonly opener: OpenerKind;
  readonly onOpenerChange: (opener: OpenerKind) => void;
  readonly groups: KeyGroups;
  readonly onGroupsChange: (groups: KeyGroups) => void;
  readonly passphrase: string;
  readonly onPassphraseChange: (passphrase: string) => void;
  readonly isReady: boolean;
}

export function RestoreKeyStep(props: RestoreKeyStepProps) {
  const { restore, opener, isReady } = props;
  const { problem, problemAt, retryAt, facts } = useStore(restore.store);
  const wrong = problemAt === 'key' ? problem : undefined;
  const given: Choice<OpenerKind> = {
    id: 'given',
    label: 'The key that Gatehouse was started with',
    detail: 'If it is the one that the console had when the backup was made.',
    icon: FileKey,
  };
  return (
    <RestoreFrame
      restore={restore}
      title="Open the backup"
      lead={`What opens ${facts === undefined ? 'it' : `the backup of ${facts.console_name}`}. It is tried when the restore begins, and kept nowhere.`}
      onBack={() => restore.show('file')}
      next={{ label: 'Continue', form, isDisabled: !isReady }}
    >
      <form
        id={form}
        className={css.column}
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) restore.show('guard');
        }}
      >
        <ChoiceList<OpenerKind>
          label="Open it with"
          value={opener}
          onChange={(next) => {
            props.onOpenerChange(next);
            restore.clearProblem();
          }}
          choices={[
            {
              id: 'recovery_key',
              label: 'The recovery key',
              detail: 'From the sheet that was current when the backup was made.',
              icon: KeyRound,
            },
            {
              id: 'passphrase',
              label: 'A passphrase',
              detail: 'Of the backup itself, or of the console that made it.',
              icon: LockKeyhole,
            },
            ...(props.canBeGiven ? [given] : []),
          ]}
        />
        {opener === 'recovery_key' && (
          <RecoveryKeyField
            groups={props.groups}
            onChange={(groups) => {
              props.onGroupsChange(groups);
              restore.clearProblem();
            }}
            error={wrong}
            autoFocus
          />
        )}
        {opener === 'passphrase' && (
          <div className={css.form}>
            <PasswordField
              label="Passphrase"
              purpose="current"
              value={props.passphrase}
              onChange={(text) => {
                props.onPassphraseChange(text);
                restore.clearProblem();
              }}
              error={wrong}
              autoFocus
              size="large"
            />
          </div>
        )}
        {opener === 'given' && wrong !== undefined && (
          <p className={css.wrong} role="alert">
            {wrong}
          </p>
        )}
        <Waiting until={retryAt} />
      </form>
    </RestoreFrame>
  );
}
