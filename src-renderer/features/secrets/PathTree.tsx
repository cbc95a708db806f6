// The folders that names make, with their counts, and the views. One item is in the tab order; arrows move, right and left open and close.

import {
  ChevronDown,
  ChevronRight,
  Clock3,
  EyeOff,
  Folder,
  FolderOpen,
  Hourglass,
  Layers,
  Timer,
  Trash2,
} from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Icon, type IconShape } from '../../ui/Icon.tsx';
import css from './secrets.module.css';
import { type SecretsQuery, type View, viewNames, viewWords } from './secrets-query.ts';
import { ancestorsOf, type Folder as FolderFacts, treeMove, visibleFolders } from './secrets-tree.ts';

const viewIcons: Readonly<Record<View, IconShape>> = {
  due: Timer,
  overdue: Clock3,
  expiring: Hourglass,
  unread: EyeOff,
  deleted: Trash2,
};

interface PathTreeProps {
  readonly folders: readonly FolderFacts[];
  readonly total: number;
  readonly views: Readonly<Record<View, number>>;
  readonly query: SecretsQuery;
  readonly onPath: (path: string) => void;
  readonly onView: (view: View | undefined) => void;
}

export function PathTree({ folders, total, views, query, onPath, onView }: PathTreeProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(ancestorsOf(query.path)));
  const shown = useMemo(() => visibleFolders(folders, open), [folders, open]);
  const [focused, setFocused] = useState(query.path);
  const tree = useRef<HTMLDivElement>(null);
  const path = query.text === '' ? query.path : undefined;

  useEffect(() => {
    // Wherever the path was chosen, it is seen here.
    if (path === undefined) return;
    setOpen((before) => new Set([...before, ...ancestorsOf(path)]));
    setFocused(path);
  }, [path]);

  function toggle(folder: string): void {
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(folder)) next.add(folder);
      return next;
    });
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = treeMove(event.key, focused, shown, open);
    if (move === undefined) return;
    event.preventDefault();
    if (move.kind !== 'focus') {
      toggle(move.path);
      return;
    }
    setFocused(move.path);
    const items = tree.current?.querySelectorAll<HTMLElement>('[role="treeitem"]');
    Array.from(items ?? [])
      .find((item) => item.dataset.path === move.path)
      ?.focus();
  }

  // A folder that is gone must not take the only tab stop with it.
  const stop = focused === '' || shown.some((folder) => folder.path === focused) ? focused : '';
  const item = (facts: FolderFacts | undefined) => {
    const each = facts?.path ?? '';
    const isChosen = each === path;
    const isOpen = facts?.hasChildren === true && open.has(each);
    return (
      <div
        key={each}
        role="treeitem"
        data-path={each}
        tabIndex={each === stop ? 0 : -1}
        aria-level={facts?.level ?? 1}
        aria-selected={isChosen}
        aria-expanded={facts?.hasChildren === true ? isOpen : undefined}
        className={css.item}
        style={{ paddingInlineStart: `${8 + ((facts?.level ?? 1) - 1) * 22}px` }}
        onFocus={() => setFocused(each)}
        onClick={() => onPath(each)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          onPath(each);
        }}
      >
        {facts === undefined ? (
          <Icon of={Layers} />
        ) : (
          <>
            {/* The arrow keys do the same for who does not point. */}
            {/* biome-ignore lint/a11y/noStaticElementInteractions: part of the item, which has the keys */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
            <span
              className={css.twist}
              onClick={(event) => {
                if (!facts.hasChildren) return;
                event.stopPropagation();
                toggle(each);
              }}
            >
              {facts.hasChildren && <Icon of={isOpen ? ChevronDown : ChevronRight} size={12} />}
            </span>
            <Icon of={isOpen || isChosen ? FolderOpen : Folder} />
          </>
        )}
        <span className="clip grow">{facts?.label ?? 'All secrets'}</span>
        <b className={css.count}>
          <span className="visually-hidden">, </span>
          {formatCount(facts?.count ?? total)}
        </b>
      </div>
    );
  };

  return (
    <nav className={css.paths} aria-label="Paths and views">
      <p className={css.treeHead} id="secret-paths">
        Paths
      </p>
      <div ref={tree} role="tree" aria-labelledby="secret-paths" onKeyDown={onKeyDown}>
        {item(undefined)}
        {shown.map(item)}
      </div>
      <p className={css.treeHead} id="secret-views">
        Views
      </p>
      <ul aria-labelledby="secret-views">
        {viewNames.map((view) => (
          <li key={view}>
            <button
              type="button"
              className={cx(css.item, css.view)}
              aria-pressed={query.view === view}
              onClick={() => onView(query.view === view ? undefined : view)}
            >
              <Icon of={viewIcons[view]} />
              <span className="clip grow">{viewWords[view]}</span>
              <b className={css.count}>
                <span className="visually-hidden">, </span>
                {formatCount(views[view])}
              </b>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
