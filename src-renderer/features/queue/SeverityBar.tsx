// How many of a group are of which severity: a bar of pieces, and the same in words.

import type { AlertGroup } from '../../../src-shared/contract/alert-groups.ts';
import { formatCount } from '../../lib/numbers.ts';
import { severities, severityWords } from '../../ui/data/severity-levels.ts';
import css from './groups.module.css';

export function SeverityBar({ counts }: { readonly counts: AlertGroup['severities'] }) {
  const present = severities.filter((level) => counts[level] > 0);
  return (
    <span className={css.bar} title={severityCounts(counts)}>
      {present.map((level) => (
        <span key={level} className={css[level]} style={{ flexGrow: counts[level] }} />
      ))}
    </span>
  );
}

/** '2 critical, 40 high' */
export function severityCounts(counts: AlertGroup['severities']): string {
  return severities
    .filter((level) => counts[level] > 0)
    .map((level) => `${formatCount(counts[level])} ${severityWords[level].toLowerCase()}`)
    .join(', ');
}
