// Saves what was just checked as a receipt: signed by the console one is signed in to, otherwise by nobody, which it says.

import { Receipt } from 'lucide-react';
import { useState } from 'react';
import { formatReceipt, VERIFIER } from '../../../src-shared/evidence/receipt.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { saveText } from '../../app/save-file.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { savedName } from './saved-name.ts';
import { verifier } from './verify-state.ts';

interface ReceiptButtonProps {
  /** What came of it, in words. */
  readonly onSaid: (words: string | undefined) => void;
}

export function ReceiptButton({ onSaid }: ReceiptButtonProps) {
  const maySign = useMayDo('audit.verify');
  const [isBusy, setIsBusy] = useState(false);

  async function save(): Promise<void> {
    setIsBusy(true);
    onSaid(undefined);
    try {
      const checked = await verifier.describe();
      if (checked === undefined) return onSaid('The file could not be read again; open it once more.');
      const program = `${VERIFIER}, ${maySign ? 'window of the console' : 'stand-alone verifier'}`;
      const text = maySign
        ? (await call('bundles.receipt', { ...checked, program })).receipt
        : new TextDecoder().decode(
            formatReceipt({
              ...checked,
              checked_at: new Date().toISOString(),
              checked_by: { console: null, person: null, program },
              format_version: 1,
            }),
          );
      saveText(savedName(`${checked.file.name}.receipt.json`), text, 'application/json');
      const words = maySign
        ? 'Receipt saved, signed by this console'
        : 'Receipt saved. Nobody signed it, and it says so';
      onSaid(words);
    } catch (error) {
      if (!isAborted(error)) onSaid(failureWords(error));
    } finally {
      setIsBusy(false);
    }
  }

  useShortcuts('verify', 'Verifier', [
    { id: 'verify.receipt', keys: 's', label: 'Save a receipt', run: () => void save() },
  ]);
  return (
    <Button tone="primary" icon={Receipt} keys="s" isBusy={isBusy} onPress={() => void save()}>
      Save receipt
    </Button>
  );
}
