// What a bundle is held against: what one pasted or dropped, for as long as the window is open, and the keys pinned in the console one is
// signed in to. With a signer's key given here, another signer is not genuine.

import { Pin, Trash2 } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { PinnedSigner } from '../../../src-shared/contract/bundle-verification.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { usePins } from './pins.ts';
import { readTrust, type TrustKind, trustLine, trustWords } from './trust.ts';
import css from './verify.module.css';
import { verifier } from './verify-state.ts';

export function Held() {
  const trust = useStore(verifier, (state) => state.trust);
  const isChecking = useStore(verifier, (state) => state.phase === 'checking');
  const mayAsk = useMayDo('console.read');
  const pins = usePins();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const added = Object.keys(trustWords) as TrustKind[];
  const isEmpty = pins.items.length === 0 && added.every((kind) => trust[kind].length === 0);

  function add(event: FormEvent): void {
    event.preventDefault();
    if (text.trim() === '' || isChecking) return;
    const read = readTrust(text);
    if (read === undefined) {
      setProblem('This is none of them. Paste a whole line name+hex+base64, a PEM block, or a signed note.');
      return;
    }
    verifier.trust(read.kind, read.text);
    setText('');
  }

  async function addOwnKey(): Promise<void> {
    setProblem(undefined);
    try {
      const { verifier_key } = await call('audit.public_key', {});
      verifier.trust('trustedKeys', verifier_key);
    } catch (error) {
      if (!isAborted(error)) setProblem(failureWords(error));
    }
  }

  return (
    <section className={css.keys} aria-busy={isChecking}>
      <h2 className="strong">
        Held against {isChecking && <span className="small muted">checking the file again…</span>}
      </h2>
      {isEmpty ? (
        <p className="small muted">Nothing yet. Without a key the signer stays unknown.</p>
      ) : (
        <ul>
          {pins.items.map((pin) => (
            <PinLine key={pin.id} pin={pin} isDisabled={isChecking} onRemove={() => pins.remove(pin.id)} />
          ))}
          {added.flatMap((kind) =>
            trust[kind].map((each) => {
              const line = trustLine(kind, each);
              return (
                <li key={`${kind} ${each}`} className="line">
                  <Tag tone="line">{trustWords[kind]}</Tag>
                  <span className="mono clip" title={line}>
                    {line}
                  </span>
                  <Button
                    tone="quiet"
                    size="small"
                    icon={Trash2}
                    label={`Remove ${trustWords[kind].toLowerCase()} ${line.slice(0, 24)}`}
                    isDisabled={isChecking}
                    onPress={() => verifier.distrust(kind, each)}
                  />
                </li>
              );
            }),
          )}
        </ul>
      )}
      {pins.failure !== undefined && (
        <p className="warn" role="alert">
          {pins.failure}
        </p>
      )}
      <form className={css.pinForm} onSubmit={add}>
        <TextField
          label="Key, CA or checkpoint"
          hideLabel
          placeholder="Paste a signer’s or witness’s key, a CA (PEM), a checkpoint"
          isMono
          rows={2}
          maxLength={64 * 1024}
          value={text}
          onChange={(next) => {
            setText(next);
            setProblem(undefined);
          }}
          error={problem}
        />
        <Button type="submit" isDisabled={text.trim() === '' || isChecking}>
          Add
        </Button>
      </form>
      {mayAsk && (
        <Button size="small" isDisabled={isChecking} onPress={() => void addOwnKey()}>
          Add this console’s key
        </Button>
      )}
    </section>
  );
}

interface PinLineProps {
  readonly pin: PinnedSigner;
  readonly isDisabled: boolean;
  readonly onRemove: () => void;
}

function PinLine({ pin, isDisabled, onRemove }: PinLineProps) {
  return (
    <li className="line">
      <Tag tone="line" icon={Pin}>
        Pinned
      </Tag>
      <span className="mono clip" title={`${pin.verifier_key}, pinned by ${pin.pinned_by}, ${pin.note}`}>
        {pin.verifier_key}
      </span>
      <Button
        tone="quiet"
        size="small"
        icon={Trash2}
        label={`Take away pinned key ${pin.verifier_key.slice(0, 24)}`}
        isDisabled={isDisabled}
        onPress={onRemove}
      />
    </li>
  );
}

/** For where a key was just compared: in the console for everybody, where that may be; otherwise for as long as the window is open. */
export function PinButton({ signer }: { readonly signer: string }) {
  const trust = useStore(verifier, (state) => state.trust);
  const pins = usePins();
  const [problem, setProblem] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another signer has had no problem yet
  useEffect(() => setProblem(undefined), [signer]);
  if (trust.trustedKeys.includes(signer) || trust.pinnedKeys.includes(signer)) return null;

  async function pin(): Promise<void> {
    if (pins.add === undefined) {
      verifier.trust('trustedKeys', signer);
      return;
    }
    setProblem(await pins.add(signer));
  }

  return (
    <div className={css.pin}>
      <Button icon={Pin} onPress={() => void pin()}>
        Words match, pin this key
      </Button>
      <p className="small muted">
        Pin only after the sender read the same words to you.{' '}
        {pins.add === undefined
          ? 'It lasts until this window closes.'
          : 'This console keeps it, for everybody who verifies here.'}
      </p>
      {problem !== undefined && (
        <p className="warn" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
