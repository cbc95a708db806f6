// Draws the messages above the status bar and reads them out. Focus never moves here by itself.

import { Check, TriangleAlert, X } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { cx } from '../../lib/cx.ts';
import { Button } from '../controls/Button.tsx';
import { Icon } from '../Icon.tsx';
import { announce } from './announcer.ts';
import css from './Toasts.module.css';
import { type Toast, toastMs, toasts } from './toast-list.ts';

const stepMs = 250;

export function Toasts() {
  const shown = useStore(toasts.store, (state) => state.toasts);
  const isRunning = shown.length > 0;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => toasts.pass(stepMs), stepMs);
    return () => clearInterval(timer);
  }, [isRunning]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing and focusing only stop the clock (WCAG 2.2.1)
    <div
      className={css.toasts}
      onPointerEnter={() => toasts.hold(true)}
      onPointerLeave={() => toasts.hold(false)}
      onFocus={() => toasts.hold(true)}
      onBlur={() => toasts.hold(false)}
    >
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const { id, text, undo, action, leftMs, tone = 'plain' } = toast;
  useEffect(() => {
    announce(undo === undefined ? text : `${text}. Undo with Z`);
    // The last message goes while held: nothing is pointed at any more.
    return () => toasts.hold(false);
  }, [text, undo]);
  return (
    <div className={cx(css.toast, css[tone])}>
      <Icon of={tone === 'warn' ? TriangleAlert : Check} />
      <span className={css.text}>{text}</span>
      {action && (
        <Button size="small" onPress={action.run}>
          {action.label}
        </Button>
      )}
      {undo !== undefined && (
        <>
          <Button size="small" keys="z" onPress={() => toasts.undo(id)}>
            Undo
          </Button>
          <span className={css.left} aria-hidden="true">
            {Math.ceil(leftMs / 1000)} s
          </span>
        </>
      )}
      <Button tone="quiet" size="small" icon={X} label="Dismiss" onPress={() => toasts.dismiss(id)} />
      <i className={css.clock} style={{ width: `${(100 * leftMs) / toastMs}%` }} />
    </div>
  );
}
