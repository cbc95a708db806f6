// Risk 0 to 100, tabular and bold: a number to compare down a column.

import css from './RiskNumber.module.css';

export function RiskNumber({ value }: { readonly value: number }) {
  return <span className={css.risk}>{Math.round(value)}</span>;
}
