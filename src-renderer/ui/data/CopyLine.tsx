// A text that is needed elsewhere, in a terminal or in a safe: whole, breaking where it must, and copyable.

import { CopyButton } from '../controls/CopyButton.tsx';
import css from './CopyLine.module.css';

interface CopyLineProps {
  readonly line: string;
  /** What is copied: 'command that lists alerts'. */
  readonly what?: string;
  /** Copying is the next thing to do here: the button says so in a word. */
  readonly isNext?: boolean;
}

export function CopyLine({ line, what = 'command', isNext = false }: CopyLineProps) {
  return (
    <div className={css.line}>
      <code className={css.code}>{line}</code>
      {isNext ? (
        <CopyButton value={line} what={what} size="medium">
          Copy
        </CopyButton>
      ) : (
        <CopyButton value={line} what={what} />
      )}
    </div>
  );
}
