// The keys one trusts: pasted, or asked of the console one is signed in to. With any pinned, another signer is not genuine.

import { Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useStore } from 'zustand';
import { parseVerifierKey } from '../../../src-shared/evidence/signed-note.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { useMayDo } from '../../app/services.ts';
import { noblePrimitives } from '../../lib/evidence-primitives.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import css from './verify.module.css';
import { verifier } from './verify-state.ts';

export function PinnedKeys() {
  const trusted = useStore(verifier, (state) => state.trustedKeys);
  const isChecking = useStore(verifier, (state) => state.phase === 'checking');
  const mayAsk = useMayDo('console.read');
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();

  function pin(event: FormEvent): void {
    event.preventDefault();
    const written = text.trim();
    if (written === '' || isChecking) return;
    const reason = whyNoKey(written);
    if (reason !== undefined) {
      setProblem(reason);
      return;
    }
    verifier.pin(written);
    setText('');
  }

  async function pinOwnKey(): Promise<void> {
    setProblem(undefined);
    try {
      const { verifier_key } = await call('audit.public_key', {});
      verifier.pin(verifier_key);
    } catch (error) {
      if (!isAborted(error)) setProblem(failureWords(error));
    }
  }

  return (
    <section className={css.keys}>
      <h2 className="strong">Pinned keys</h2>
      {trusted.length === 0 ? (
        <p className="small muted">None. Without one the signer stays unknown.</p>
      ) : (
        <ul>
          {trusted.map((key) => (
            <li key={key} className="line">
              <span className="mono clip" title={key}>
                {key}
              </span>
              <Button
                tone="quiet"
                size="small"
                icon={Trash2}
                label={`Remove key ${key.slice(0, 24)}`}
                isDisabled={isChecking}
                onPress={() => verifier.unpin(key)}
              />
            </li>
          ))}
        </ul>
      )}
      <form className={css.pinForm} onSubmit={pin}>
        <TextField
          label="Verifier key"
          hideLabel
          placeholder="Paste a verifier key: name+hex+base64"
          isMono
          maxLength={1000}
          value={text}
          onChange={(next) => {
            setText(next);
            setProblem(undefined);
          }}
          error={problem}
        />
        <Button type="submit" isDisabled={text.trim() === '' || isChecking}>
          Pin key
        </Button>
      </form>
      {mayAsk && (
        <Button size="small" isDisabled={isChecking} onPress={() => void pinOwnKey()}>
          Pin this console’s key
        </Button>
      )}
    </section>
  );
}

function whyNoKey(text: string): string | undefined {
  try {
    parseVerifierKey(noblePrimitives, text);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'This is no verifier key. Paste the whole line, as the console shows it: name+hex+base64.';
  }
}
