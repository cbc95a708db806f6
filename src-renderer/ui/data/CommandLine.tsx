// A line for a terminal, whole and copyable.

import { CopyButton } from '../controls/CopyButton.tsx';
import css from './CommandLine.module.css';

interface CommandLineProps {
  readonly line: string;
  /** What is copied: 'command that lists alerts'. */
  readonly what?: string;
}

export function CommandLine({ line, what = 'command' }: CommandLineProps) {
  return (
    <div className={css.line}>
      <code className={css.code}>{line}</code>
      <CopyButton value={line} what={what} />
    </div>
  );
}
