// The rooms of a screen: a scrolling page, a 40-px strip, blocks with a head, panels, cards and pairs of name and value.

import type { ReactNode } from 'react';
import { cx } from '../../lib/cx.ts';
import css from './layout.module.css';

interface PageProps {
  readonly title: string;
  /** Beside the title: what is true now, in one sentence. */
  readonly summary?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, summary, actions, children }: PageProps) {
  return (
    <div className={css.page}>
      <header className={css.pageHead}>
        <h1 className={css.pageTitle}>{title}</h1>
        {summary !== undefined && <p className={css.summary}>{summary}</p>}
        {actions !== undefined && <div className={css.pageActions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** One line at the top of a list or pane. Children lie side by side; <span className="grow" /> pushes the rest to the end. */
export function Strip({ children, isPane = false }: { readonly children: ReactNode; readonly isPane?: boolean }) {
  return <div className={cx(css.strip, isPane && css.paneStrip)}>{children}</div>;
}

interface BlockProps {
  readonly title: string;
  /** At the end of the head: a count, an age, a button. */
  readonly end?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a detail pane, with a line under it. */
export function Block({ title, end, children }: BlockProps) {
  return (
    <section className={css.block}>
      <h3 className={css.blockTitle}>
        {title}
        {end !== undefined && <span className={css.blockEnd}>{end}</span>}
      </h3>
      {children}
    </section>
  );
}

/** A box of a page with a head of 40 px; its content brings its own padding. */
export function Panel({ title, end, children }: BlockProps) {
  return (
    <section className={css.panel}>
      <h2 className={css.panelTitle}>
        {title}
        {end !== undefined && <span className={css.blockEnd}>{end}</span>}
      </h2>
      {children}
    </section>
  );
}

export function Card({
  children,
  className,
}: {
  readonly children: ReactNode;
  readonly className?: string | undefined;
}) {
  return <div className={cx(css.card, className)}>{children}</div>;
}

interface KeyValuesProps {
  readonly entries: readonly { readonly name: string; readonly value: ReactNode }[];
  /** Width of the names, '96px' unless told. */
  readonly nameWidth?: string;
}

export function KeyValues({ entries, nameWidth = '96px' }: KeyValuesProps) {
  return (
    <dl className={css.pairs} style={{ gridTemplateColumns: `${nameWidth} minmax(0, 1fr)` }}>
      {entries.map((entry) => (
        <div key={entry.name} className={css.pair}>
          <dt>{entry.name}</dt>
          <dd>{entry.value}</dd>
        </div>
      ))}
    </dl>
  );
}
