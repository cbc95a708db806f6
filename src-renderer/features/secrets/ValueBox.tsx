// The value: not in this page until asked for, shown for half a minute, gone at once with Escape, on leaving the pane or the page.
// SECURITY: the text goes from the closure of reveal.ts into the element by hand, so that no prop and no state of React ever holds it.

import { Copy, Eye, EyeOff } from 'lucide-react';
import { type ClipboardEvent, useEffect, useLayoutEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { SecretSummary } from '../../../src-shared/contract/secrets.ts';
import { useNow } from '../../lib/now.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { announce } from '../../ui/feedback/announcer.ts';
import { copyShown, copyValue } from './copy-value.ts';
import { Mask } from './parts.tsx';
import { shownMs } from './reveal.ts';
import css from './secrets.module.css';
import { capture, reveal } from './secrets-state.ts';

interface ValueBoxProps {
  readonly secret: Pick<SecretSummary, 'id' | 'name' | 'type' | 'version'>;
  readonly fieldNames: readonly string[];
}

export function ValueBox({ secret, fieldNames }: ValueBoxProps) {
  const state = useStore(reveal.store);
  const isOurs = state.kind !== 'hidden' && state.id === secret.id;
  const isShown = isOurs && state.kind === 'shown';
  const isAsking = isOurs && state.kind === 'asking';
  const isMany = secret.type === 'key_value';
  const { id, name } = secret;

  // Another secret, another screen, a lock: whatever takes this box away takes the value with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a box for another secret or version is another box
  useEffect(() => () => reveal.hide(), [id, secret.version]);
  useHideOnLeaving(isShown);
  useEffect(() => {
    if (!isShown) return;
    announce('The value is shown for 30 seconds');
    return () => announce('The value is hidden');
  }, [isShown]);

  const show = (field?: string) => void reveal.show({ id, name, field });
  const shownFields = isShown ? state.fields : undefined;
  return (
    <section className={css.reveal} aria-label="Value">
      {isShown && <CountdownBar until={state.until} />}
      {isMany ? (
        <ul className={css.fields}>
          {fieldNames.map((field) => {
            const isFieldShown = shownFields?.includes(field) === true;
            return (
              <li key={field} className={css.field}>
                <span className={css.fieldName} title={field}>
                  {field}
                </span>
                {isFieldShown ? <ShownText key={state.kind === 'shown' ? state.until : 0} field={field} /> : <Mask />}
                <span className={css.fieldButtons}>
                  <Button
                    tone="quiet"
                    size="small"
                    icon={isFieldShown ? EyeOff : Eye}
                    label={`${isFieldShown ? 'Hide' : 'Reveal'} ${field}`}
                    onPress={() => (isFieldShown ? reveal.hide() : show(field))}
                  />
                  <Button
                    tone="quiet"
                    size="small"
                    icon={Copy}
                    label={`Copy ${field}`}
                    onPress={() => void copyValue({ id, name, field }, field)}
                  />
                </span>
              </li>
            );
          })}
        </ul>
      ) : isShown ? (
        <ShownText key={state.until} field={undefined} />
      ) : (
        <div className={css.value}>
          <Mask />
        </div>
      )}
      <div className={css.revealFoot}>
        <Words />
        {/* The same button before and after, so that the focus stays on it. */}
        <Button
          size="small"
          icon={isShown ? EyeOff : Eye}
          keys={isShown ? 'Escape' : 'r'}
          isBusy={isAsking}
          onPress={() => (isShown ? reveal.hide() : show())}
        >
          {isShown ? 'Hide' : isMany ? 'Reveal all' : 'Reveal'}
        </Button>
      </div>
    </section>
  );
}

function Words() {
  const state = useStore(reveal.store);
  const isUnseen = useStore(capture, ({ isHidden }) => isHidden);
  switch (state.kind) {
    case 'hidden':
      return <span className={css.revealWords}>Not fetched. Each reading is logged.</span>;
    case 'asking':
      return <span className={css.revealWords}>Asking for it.</span>;
    case 'refused':
      return (
        <span className={css.revealWords} role="alert">
          {state.words}
        </span>
      );
    case 'shown':
      return (
        <span className={css.revealWords}>
          <Countdown until={state.until} /> {state.fields === undefined && `Version ${state.version}. `}
          {isUnseen && 'This window is hidden from screen capture.'}
        </span>
      );
  }
}

function secondsLeft(until: number, now: number): number {
  return Math.min(shownMs / 1000, Math.max(0, Math.ceil((until - now) / 1000)));
}

function Countdown({ until }: { readonly until: number }) {
  const now = useNow();
  return (
    <span>
      Hides in <b className="tn">{secondsLeft(until, now)} s</b>.
    </span>
  );
}

function CountdownBar({ until }: { readonly until: number }) {
  const now = useNow();
  return (
    <div className={css.countdown} aria-hidden="true">
      <i style={{ width: `${(100_000 * secondsLeft(until, now)) / shownMs}%` }} />
    </div>
  );
}

function ShownText({ field }: { readonly field: string | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const text = reveal.read(field) ?? '';
    element.textContent = text;
    // Lines of a PEM file stay lines; one long line is broken where the box ends.
    element.toggleAttribute('data-lines', text.includes('\n'));
    return () => {
      element.textContent = '';
    };
  }, [field]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form's
    <div
      ref={box}
      role="group"
      aria-label={field === undefined ? 'Value' : `Value of ${field}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a long value scrolls, by keys too
      tabIndex={0}
      className={css.value}
      onCopy={(event: ClipboardEvent) => {
        // What is selected and copied by hand is cleared like the rest.
        const selected = window.getSelection()?.toString() ?? '';
        if (selected === '') return;
        event.preventDefault();
        void copyShown(selected);
      }}
    />
  );
}

/** While a value shows: Escape hides it before it closes anything, and so does moving the focus out of the pane or leaving the page. */
function useHideOnLeaving(isShown: boolean): void {
  useEffect(() => {
    if (!isShown) return;
    const stop = new AbortController();
    const { signal } = stop;
    const isLayer = (target: EventTarget | null) =>
      target instanceof Element && target.closest('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;
    window.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape' || isLayer(event.target)) return;
        event.preventDefault();
        event.stopPropagation();
        reveal.hide();
      },
      { capture: true, signal },
    );
    document.addEventListener(
      'focusin',
      ({ target }) => {
        if (target instanceof Element && target.closest('[data-region="detail"]') === null && !isLayer(target)) {
          reveal.hide();
        }
      },
      { signal },
    );
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'hidden') reveal.hide();
      },
      { signal },
    );
    window.addEventListener('pagehide', () => reveal.hide(), { signal });
    return () => stop.abort();
  }, [isShown]);
}
