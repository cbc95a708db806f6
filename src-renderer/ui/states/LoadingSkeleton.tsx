// What is being loaded, drawn only when it takes longer than an eye notices, and with a way out when it takes long.

import { useEffect, useState } from 'react';
import { Button } from '../controls/Button.tsx';
import css from './states.module.css';

const skeletonAfterMs = 150;
const cancelAfterMs = 3000;

interface LoadingSkeletonProps {
  /** 'Loading alerts' */
  readonly label: string;
  readonly rows?: number;
  readonly onCancel?: (() => void) | undefined;
}

export function LoadingSkeleton({ label, rows = 8, onCancel }: LoadingSkeletonProps) {
  const [stage, setStage] = useState<'quiet' | 'shown' | 'long'>('quiet');
  useEffect(() => {
    const shown = setTimeout(() => setStage('shown'), skeletonAfterMs);
    const long = setTimeout(() => setStage('long'), cancelAfterMs);
    return () => {
      clearTimeout(shown);
      clearTimeout(long);
    };
  }, []);
  if (stage === 'quiet') return null;
  return (
    <div className={css.loading} role="status">
      <span className="visually-hidden">{label}</span>
      {stage === 'long' && onCancel && (
        <div className={css.cancel}>
          <span>{label} takes longer than usual.</span>
          <Button size="small" onPress={onCancel}>
            Cancel
          </Button>
        </div>
      )}
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal bars
        <div key={row} className={css.bone} aria-hidden="true">
          <i />
          <i />
          <i style={{ width: `${70 - ((row * 17) % 40)}%` }} />
          <i />
        </div>
      ))}
    </div>
  );
}
