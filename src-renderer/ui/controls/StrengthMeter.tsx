// How hard something is to guess: four steps and the words that say the same.

import { cx } from '../../lib/cx.ts';
import css from './StrengthMeter.module.css';

export interface Strength {
  /** 0 to 4. */
  readonly score: number;
  /** 'Weak: found in a list of leaked passwords' */
  readonly words: string;
}

interface StrengthMeterProps {
  /** 'Password strength' */
  readonly label: string;
  readonly strength: Strength;
}

export function StrengthMeter({ label, strength }: StrengthMeterProps) {
  return (
    <div className={css.strength}>
      {/* biome-ignore lint/a11y/useSemanticElements: a meter element cannot be drawn as four steps */}
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={4}
        aria-valuenow={strength.score}
        aria-valuetext={strength.words}
        className={css.meter}
      >
        {[1, 2, 3, 4].map((step) => (
          <i key={step} className={cx(css.step, step <= strength.score && css[`score${strength.score}`])} />
        ))}
      </div>
      <p className={css.words}>{strength.words}</p>
    </div>
  );
}
