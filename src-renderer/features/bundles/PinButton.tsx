// For where a key was just compared: pinned in the console for everybody, where that may be; otherwise held against for as long as the
// window is open.

import { Pin } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../ui/controls/Button.tsx';
import { usePins } from './pins.ts';
import css from './verify.module.css';
import { verifier } from './verify-state.ts';

/** Of the heading that says the verdict: there one reads on when the button is gone. */
export const verdictHeading = 'verdict';

export function PinButton({ signer }: { readonly signer: string }) {
  const trust = useStore(verifier, (state) => state.trust);
  const pins = usePins();
  const [problem, setProblem] = useState<string>();
  const [differs, setDiffers] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another signer has had no problem yet
  useEffect(() => {
    setProblem(undefined);
    setDiffers(false);
  }, [signer]);
  if (trust.trustedKeys.includes(signer) || trust.pinnedKeys.includes(signer)) return null;

  async function pin(): Promise<void> {
    setDiffers(false);
    if (pins.add === undefined) {
      verifier.hold([{ kind: 'trustedKeys', text: signer, name: 'compared by its words' }]);
    } else {
      const failure = await pins.add(signer);
      setProblem(failure);
      if (failure !== undefined) return;
    }
    document.getElementById(verdictHeading)?.focus();
  }

  return (
    <div className={css.pin}>
      <div className={css.pinButtons}>
        <Button icon={Pin} onPress={() => void pin()}>
          Words match, pin this key
        </Button>
        <Button tone="quiet" onPress={() => setDiffers(true)}>
          They differ
        </Button>
      </div>
      <p className="small muted">
        Pin only after the sender read the same words to you.{' '}
        {pins.add === undefined
          ? 'It lasts until this window closes.'
          : 'This console keeps it, for everybody who verifies here.'}
      </p>
      {differs && (
        <p className="warn" role="alert">
          Then this is not the file, or not the key, that the sender means. Don’t rely on it and pin nothing; ask for
          the file again by another way.
        </p>
      )}
      {problem !== undefined && (
        <p className="warn" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
