// The restore itself, and what came of it: what was checked, what it proves, what is still to be done.

import { useStore } from 'zustand';
import type { Output } from '../../../src-shared/contract/contract.ts';
import { formatCount } from '../../lib/numbers.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import { Card, KeyValues } from '../../ui/layout/Page.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import { ProgressBar } from '../../ui/states/ProgressBar.tsx';
import { RestoreFrame } from './RestoreFrame.tsx';
import type { Restore } from './restore-store.ts';
import css from './setup.module.css';

interface RestoreResultProps {
  readonly restore: Restore;
  readonly onDone: () => void;
}

export function RestoreResult({ restore, onDone }: RestoreResultProps) {
  const { result } = useStore(restore.store);
  if (result === undefined) {
    return (
      <RestoreFrame restore={restore} title="Restoring" lead="Do not stop Gatehouse while this runs.">
        <ProgressBar label="Opening, checking every page and entry, putting it in place" done={0} unit="bytes" />
      </RestoreFrame>
    );
  }
  return (
    <RestoreFrame
      restore={restore}
      title={`${result.console_name} is back`}
      lead="Sign in with the account and the second factor that it had."
      next={{ label: 'Sign in', onPress: onDone }}
    >
      <div className={css.column}>
        {!result.recovery_key_works && (
          <Banner>
            The recovery key does not open this console any more, because its master key is another one here. Issue a
            new one after signing in: Settings, Encryption.
          </Banner>
        )}
        <Verification verification={result.verification} />
      </div>
    </RestoreFrame>
  );
}

function Verification({ verification }: { readonly verification: Output<'setup.restore'>['verification'] }) {
  const { audit_entries: entries, root_hash: root, detail } = verification;
  return (
    <Card className={css.found}>
      <Outcome kind={verification.passed ? 'good' : 'limited'}>
        {verification.passed ? 'Restored whole' : 'Restored with limits'}
      </Outcome>
      <p>{detail}</p>
      <KeyValues
        nameWidth="120px"
        entries={[
          ...(entries === null ? [] : [{ name: 'Audit tree', value: `${formatCount(entries)} entries rebuilt` }]),
          ...(root === null
            ? []
            : [
                {
                  name: 'Root hash',
                  value: (
                    <span className={css.line}>
                      <span className="mono">{root}</span>
                      <CopyButton value={root} what="root hash" />
                    </span>
                  ),
                },
              ]),
        ]}
      />
    </Card>
  );
}
