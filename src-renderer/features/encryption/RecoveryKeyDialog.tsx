// A new recovery key, shown once: save, print, copy, then type its last group to show that it can be read where it was kept. Leaving
// without that asks once more, because nothing can show the key again.

import { Download, Printer } from 'lucide-react';
import { useState } from 'react';
import { recoveryKeyPrefix } from '../../../src-shared/recovery-key.ts';
import { fileNamePart, saveText } from '../../app/save-file.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import css from './encryption.module.css';
import { groupsOfKey, type IssuedKey, isLastGroup, lastGroupOf, sheetText } from './recovery-sheet.ts';

const form = 'keep-recovery-key';

interface RecoveryKeyDialogProps {
  /** Undefined: closed. */
  readonly issued: IssuedKey | undefined;
  readonly onClose: () => void;
}

export function RecoveryKeyDialog({ issued, onClose }: RecoveryKeyDialogProps) {
  return issued === undefined ? null : <Sheet issued={issued} onClose={onClose} />;
}

function Sheet({ issued, onClose }: { readonly issued: IssuedKey; readonly onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const { recoveryKey, consoleName, issuedAt } = issued;
  const text = sheetText(issued);

  if (isLeaving) {
    return (
      <Dialog
        title="Close without confirming?"
        isOpen
        onClose={() => setIsLeaving(false)}
        isAlert
        size="small"
        footer={
          <>
            <Button autoFocus onPress={() => setIsLeaving(false)}>
              Show it again
            </Button>
            <Button tone="danger" onPress={onClose}>
              Close anyway
            </Button>
          </>
        }
      >
        <p>
          Nothing can show this recovery key again. Without it, a lost keychain or passphrase loses everything that is
          stored here. You can issue another one at any time.
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="Keep the new recovery key"
      isOpen
      onClose={() => setIsLeaving(true)}
      size="medium"
      footnote="It is shown now and never again."
      footer={
        <Button tone="primary" type="submit" form={form} isDisabled={typed.trim() === ''}>
          I kept it
        </Button>
      }
    >
      <div className={css.sheet}>
        <p className={css.paper}>
          Gatehouse recovery key of {consoleName}, issued <Time at={issuedAt} format="minute" />
        </p>
        <code className={css.key}>
          <span>{recoveryKeyPrefix}</span>
          {groupsOfKey(recoveryKey).map((group, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: groups may be equal and never move
            <span key={position}>{group}</span>
          ))}
        </code>
        <p className="small muted">
          Opens the encrypted store when keychain or passphrase are lost, and on a new computer the backups made from
          now on. The sheet from before opens only backups made until now: keep it with them.
        </p>
        {issued.nextStep !== undefined && <p className={css.warn}>{sentence(issued.nextStep)}</p>}
      </div>
      <div className={css.buttons}>
        <Button icon={Download} onPress={() => saveText(`${fileNamePart(consoleName)}-recovery-key.txt`, text)}>
          Save to a file
        </Button>
        <Button icon={Printer} onPress={() => window.print()}>
          Print
        </Button>
        <CopyButton value={recoveryKey} what="recovery key" size="medium">
          Copy
        </CopyButton>
      </div>
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isLastGroup(recoveryKey, typed)) onClose();
          else setIsWrong(true);
        }}
      >
        <TextField
          label="Its last group"
          value={typed}
          onChange={(value) => {
            setTyped(value);
            setIsWrong(false);
          }}
          error={
            isWrong
              ? `That is not the last group. Read its ${lastGroupOf(recoveryKey).length} characters from where you kept it.`
              : undefined
          }
          description="Type it from the file or the paper: that shows that it can be read."
          autoComplete="off"
          maxLength={12}
          isMono
        />
      </form>
    </Dialog>
  );
}

/** The console's words begin small, as in its messages. */
function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
