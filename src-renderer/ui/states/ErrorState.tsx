// Something failed: what, what still works, another try, and a text for whoever helps. The caller redacts that text.

import { CircleAlert, RotateCw } from 'lucide-react';
import { Button } from '../controls/Button.tsx';
import { CopyButton } from '../controls/CopyButton.tsx';
import { Icon } from '../Icon.tsx';
import css from './states.module.css';

interface ErrorStateProps {
  /** 'The alerts could not be read' */
  readonly title: string;
  /** 'The service did not answer within 10 s.' */
  readonly detail?: string | undefined;
  /** 'Detection keeps running. What you typed is kept.' */
  readonly stillWorks?: string | undefined;
  readonly onRetry?: (() => void) | undefined;
  readonly isRetrying?: boolean;
  readonly diagnostics?: string | undefined;
}

export function ErrorState(props: ErrorStateProps) {
  const { title, detail, stillWorks, onRetry, diagnostics } = props;
  return (
    <div className={css.state} role="alert">
      <span className={css.fault}>
        <Icon of={CircleAlert} size={24} />
      </span>
      <p className={css.title}>{title}</p>
      {detail !== undefined && <p className={css.text}>{detail}</p>}
      {stillWorks !== undefined && <p className={css.text}>{stillWorks}</p>}
      <div className={css.actions}>
        {onRetry && (
          <Button icon={RotateCw} onPress={onRetry} isBusy={props.isRetrying === true}>
            Try again
          </Button>
        )}
        {diagnostics !== undefined && (
          <CopyButton value={diagnostics} what="diagnostics" size="medium">
            Copy diagnostics
          </CopyButton>
        )}
      </div>
    </div>
  );
}
