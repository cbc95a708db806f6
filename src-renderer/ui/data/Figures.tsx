// Digits of one width, for what ticks or stands in a column. Inter's tabular figures widen the hyphen too, so dates would fall apart:
// it alone keeps its own width.

import { Fragment } from 'react';
import css from './Figures.module.css';

export function Figures({ text }: { readonly text: string }) {
  return (
    <span className={css.figures}>
      {text.split('-').map((part, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts are their positions
        <Fragment key={position}>
          {position > 0 && <span className={css.hyphen}>-</span>}
          {part}
        </Fragment>
      ))}
    </span>
  );
}
