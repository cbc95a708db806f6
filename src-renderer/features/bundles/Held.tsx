// What a bundle is held against: what somebody gave, each by its name and to be taken away by itself, for as long as the window is open;
// and the keys pinned in the console one is signed in to. With a signer's key given here, another signer is not genuine.

import { FilePlus2, Pin, Trash2 } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { PinnedSigner } from '../../../src-shared/contract/bundle-verification.ts';
import { printable } from '../../../src-shared/evidence/verdict.ts';
import { call } from '../../api/client.ts';
import { failureWords, isAborted } from '../../api/failures.ts';
import { useMayDo } from '../../app/services.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Tag } from '../../ui/data/Tag.tsx';
import { announce } from '../../ui/feedback/announcer.ts';
import { usePins } from './pins.ts';
import { takeFiles } from './take-files.ts';
import { type Given, longestPasted, readTrust, trustLine, trustWords } from './trust.ts';
import css from './verify.module.css';
import { verifier } from './verify-state.ts';

export function Held() {
  const given = useStore(verifier, (state) => state.given);
  const isChecking = useStore(verifier, (state) => state.phase === 'checking');
  const mayAsk = useMayDo('console.read');
  const pins = usePins();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const chooser = useRef<HTMLInputElement>(null);

  function add(event: FormEvent): void {
    event.preventDefault();
    if (text.trim() === '') return;
    const pieces = readTrust(text);
    if (pieces.length === 0) {
      setProblem('This is none of them. Paste whole lines name+hex+base64, a PEM block, or signed notes.');
      return;
    }
    verifier.hold(pieces.map((piece) => ({ ...piece, name: 'pasted' })));
    setText('');
    // The button is off again: the next one is pasted at once.
    form.current?.querySelector('textarea')?.focus();
  }

  async function addFiles(files: readonly File[]): Promise<void> {
    const taken = await takeFiles(files);
    verifier.hold(taken.given);
    const others = [taken.bundle, taken.pdf].filter((file) => file !== undefined).map(({ name }) => printable(name));
    setProblem(
      others.length > 0
        ? `${others.join(', ')}: no key, certificate or checkpoint. Bundles are opened by the button at the top.`
        : taken.given.length === 0
          ? taken.notice
          : undefined,
    );
    if (taken.given.length > 0 && taken.notice !== undefined) announce(taken.notice, 'reply');
  }

  async function addOwnKey(): Promise<void> {
    setProblem(undefined);
    try {
      const { verifier_key } = await call('audit.public_key', {});
      verifier.hold([{ kind: 'trustedKeys', text: verifier_key, name: 'this console' }]);
    } catch (error) {
      if (!isAborted(error)) setProblem(failureWords(error));
    }
  }

  function takeAway(remove: () => void): void {
    remove();
    // The line goes with its button, the focus stays at the list.
    heading.current?.focus();
  }

  return (
    <section className={css.keys} aria-busy={isChecking}>
      <h2 className="strong" ref={heading} tabIndex={-1}>
        Held against {isChecking && <span className="small muted">checking the file again…</span>}
      </h2>
      {pins.items.length + given.length === 0 ? (
        <p className="small muted">Nothing yet. Without a key the signer stays unknown.</p>
      ) : (
        <ul>
          {pins.items.map((pin) => (
            <PinLine key={pin.id} pin={pin} onRemove={() => takeAway(() => pins.remove(pin.id))} />
          ))}
          {given.map((each) => (
            <GivenLine
              key={`${each.kind} ${each.text}`}
              given={each}
              onRemove={() => takeAway(() => verifier.distrust(each))}
            />
          ))}
        </ul>
      )}
      {pins.failure !== undefined && (
        <p className="warn" role="alert">
          {pins.failure}
        </p>
      )}
      <form ref={form} className={css.pinForm} onSubmit={add}>
        <TextField
          label="Keys, CA or checkpoints"
          hideLabel
          placeholder="Paste a signer’s or witness’s key, a CA (PEM), checkpoints"
          isMono
          rows={2}
          maxLength={longestPasted}
          value={text}
          onChange={(next) => {
            setText(next);
            setProblem(undefined);
          }}
          error={problem}
        />
        <Button type="submit" isDisabled={text.trim() === ''}>
          Add
        </Button>
      </form>
      <div className={css.heldButtons}>
        <input
          ref={chooser}
          type="file"
          hidden
          multiple
          accept=".vkey,.pem,.crt,.cer,.note,.checkpoint,.checkpoints,.txt"
          onChange={(event) => {
            void addFiles(Array.from(event.currentTarget.files ?? []));
            event.currentTarget.value = '';
          }}
        />
        <Button size="small" icon={FilePlus2} onPress={() => chooser.current?.click()}>
          Add from files
        </Button>
        {mayAsk && (
          <Button size="small" onPress={() => void addOwnKey()}>
            Add this console’s key
          </Button>
        )}
      </div>
    </section>
  );
}

function GivenLine({ given, onRemove }: { readonly given: Given; readonly onRemove: () => void }) {
  const line = trustLine(given);
  const name = printable(given.name);
  return (
    <li className={css.heldLine}>
      <Tag tone="line">{trustWords[given.kind]}</Tag>
      <span className={css.heldWords}>
        <span className="clip" title={name}>
          {name}
        </span>
        <span className="mono clip muted" title={line}>
          {line}
        </span>
      </span>
      <Button
        tone="quiet"
        size="small"
        icon={Trash2}
        label={`Remove ${trustWords[given.kind].toLowerCase()} ${name}, ${line.slice(0, 24)}`}
        onPress={onRemove}
      />
    </li>
  );
}

function PinLine({ pin, onRemove }: { readonly pin: PinnedSigner; readonly onRemove: () => void }) {
  return (
    <li className={css.heldLine}>
      <Tag tone="line" icon={Pin}>
        Pinned
      </Tag>
      <span className={css.heldWords}>
        <span className="clip">
          by {pin.pinned_by}
          {pin.note !== '' && `, ${pin.note}`}
        </span>
        <span className="mono clip muted" title={pin.verifier_key}>
          {pin.verifier_key}
        </span>
      </span>
      <Button
        tone="quiet"
        size="small"
        icon={Trash2}
        label={`Take away pinned key ${pin.verifier_key.slice(0, 24)}`}
        onPress={onRemove}
      />
    </li>
  );
}
