// A number with its denominator and its age, and where it comes from. On Home and at the head of overviews.

import type { ReactNode } from 'react';
import { Icon, type IconShape } from '../Icon.tsx';
import css from './layout.module.css';

interface TileProps {
  readonly icon: IconShape;
  readonly title: string;
  /** '3 min ago' */
  readonly age?: ReactNode;
  readonly number: string;
  /** 'of 12 checks pass' */
  readonly of: string;
  readonly detail?: ReactNode;
  /** Opens where the number is explained. */
  readonly href?: string | undefined;
}

export function Tile({ icon, title, age, number, of, detail, href }: TileProps) {
  const content = (
    <>
      <h2 className={css.tileTitle}>
        <Icon of={icon} />
        {title}
      </h2>
      <span className={css.tileAge}>{age}</span>
      <p className={css.tileNumber}>
        {number} <span>{of}</span>
      </p>
      {detail !== undefined && <p className={css.tileDetail}>{detail}</p>}
    </>
  );
  if (href === undefined) return <div className={css.tile}>{content}</div>;
  return (
    <a className={css.tile} href={href}>
      {content}
    </a>
  );
}
