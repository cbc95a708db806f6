// Copies a text and says so for two seconds. Clearing the clipboard of secrets is up to who hands in `copy`.

import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { announce } from '../feedback/announcer.ts';
import { Button } from './Button.tsx';

const confirmedMs = 2000;

interface CopyButtonProps {
  /** The text, or what fetches it when pressed: a secret is not held before. */
  readonly value: string | (() => Promise<string>);
  /** What is copied: 'root hash'. */
  readonly what: string;
  /** Words beside the icon; without them the icon stands alone. */
  readonly children?: string;
  readonly size?: 'small' | 'medium';
  readonly tone?: 'plain' | 'quiet';
  /** Writes to the clipboard. Default: the page's own. */
  readonly copy?: (text: string) => Promise<void>;
}

async function copyInPage(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

export function CopyButton(props: CopyButtonProps) {
  const { value, what, children, copy = copyInPage } = props;
  const [state, setState] = useState<'ready' | 'copied' | 'refused'>('ready');
  useEffect(() => {
    if (state === 'ready') return;
    const timer = setTimeout(() => setState('ready'), confirmedMs);
    return () => clearTimeout(timer);
  }, [state]);

  async function press(): Promise<void> {
    try {
      await copy(typeof value === 'string' ? value : await value());
      setState('copied');
      announce(`Copied ${what}`);
    } catch {
      setState('refused');
      announce(`Could not copy ${what}. Select it and use the system's own copy.`, 'urgent');
    }
  }

  const word = state === 'copied' ? 'Copied' : state === 'refused' ? 'Not copied' : children;
  return (
    <Button
      icon={state === 'copied' ? Check : Copy}
      label={children === undefined ? `Copy ${what}` : undefined}
      size={props.size ?? 'small'}
      iconSize={children === undefined ? 12 : 16}
      tone={props.tone ?? (children === undefined ? 'quiet' : 'plain')}
      onPress={press}
    >
      {children === undefined ? undefined : word}
    </Button>
  );
}
