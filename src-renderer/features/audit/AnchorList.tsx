// Where checkpoints are kept that this console can't rewrite: each anchor's state, what it holds, how far behind it is and why.

import { type AnchorRow, anchorKinds } from '../../app/anchor-tally.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Tag } from '../../ui/data/Tag.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import css from './anchors.module.css';

interface AnchorListProps {
  readonly id: string;
  readonly anchors: readonly AnchorRow[];
}

export function AnchorList({ id, anchors }: AnchorListProps) {
  return (
    <section className={css.anchors} id={id} aria-label="Anchors">
      {anchors.length === 0 ? (
        <p className="muted">
          No anchor is set. Whoever has this computer and its keys could put an older log in the place of this one, and
          nothing would tell. Set a file on another volume, a witness, a bucket, a webhook or a time-stamp authority in
          the section <code>[audit]</code> of the configuration, or keep the signed checkpoint somewhere else by hand.
        </p>
      ) : (
        <ul>
          {anchors.map((anchor) => (
            <li key={anchor.name} className={css.anchor}>
              <span className={css.name}>
                <span className="clip" title={anchor.name}>
                  {anchor.name}
                </span>
                <span className="small muted">{anchorKinds[anchor.kind]}</span>
              </span>
              <span>
                <State anchor={anchor} />
              </span>
              <span className={css.holds}>
                <Holds anchor={anchor} />
              </span>
              {anchor.error !== null && (
                <span className={anchor.state === 'contradicts' ? css.contradiction : css.fault}>{anchor.error}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function State({ anchor }: { readonly anchor: AnchorRow }) {
  switch (anchor.state) {
    case 'anchored':
      return <Tag tone="ok">Anchored</Tag>;
    case 'waiting':
      return <Tag>Waiting</Tag>;
    case 'failing':
      return <Tag tone="warn">Failing</Tag>;
    case 'contradicts':
      return <span className={css.broken}>Contradicts</span>;
  }
}

function Holds({ anchor: { at, anchored_size, behind } }: { readonly anchor: AnchorRow }) {
  if (at === null) return <span className="muted">holds nothing yet</span>;
  return (
    <>
      holds #{formatCount(anchored_size)}
      <span className="muted">
        {behind > 0 && `, ${formatCount(behind)} behind`}, <RelativeTime at={at} />
      </span>
    </>
  );
}
