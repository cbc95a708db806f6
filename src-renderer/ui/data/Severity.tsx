// Severity as glyph, word and colour, always the three together; on a tint where it stands alone in a headline.

import { cx } from '../../lib/cx.ts';
import css from './Severity.module.css';
import { type SeverityLevel, severityGlyphs, severityWords } from './severity-levels.ts';

interface SeverityProps {
  readonly level: SeverityLevel;
  readonly isTinted?: boolean;
  /** After the word, as in a chart's key: 'Critical 5'. */
  readonly count?: number | undefined;
}

export function Severity({ level, isTinted = false, count }: SeverityProps) {
  return (
    <span className={cx(css.severity, css[level], isTinted && css.tinted)}>
      <SeverityGlyph level={level} />
      {severityWords[level]}
      {count !== undefined && ` ${count}`}
    </span>
  );
}

/** The shape alone, for places where the word stands beside it anyway. */
export function SeverityGlyph({ level }: { readonly level: SeverityLevel }) {
  return (
    <svg className={cx(css.glyph, css[level])} width={12} height={12} viewBox="0 0 12 12" aria-hidden="true">
      <path fillRule="evenodd" d={severityGlyphs[level]} />
    </svg>
  );
}
