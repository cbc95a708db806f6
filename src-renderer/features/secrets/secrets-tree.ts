// The folders that secrets' names make, with how many lie in each, and how the keys move in them. Pure.

export interface Folder {
  /** 'db/orders' */
  readonly path: string;
  /** 'orders' */
  readonly label: string;
  readonly level: number;
  /** In it and below it. */
  readonly count: number;
  readonly hasChildren: boolean;
}

/** Every folder, each after the one it lies in, by name. */
export function foldersOf(names: readonly string[]): readonly Folder[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    for (let cut = name.indexOf('/'); cut >= 0; cut = name.indexOf('/', cut + 1)) {
      const path = name.slice(0, cut);
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
  }
  const parents = new Set(Array.from(counts.keys(), parentOf));
  // A slash sorts before everything a segment may hold, so that `db/x` comes before `db-2`.
  const key = (path: string) => path.replaceAll('/', '\u0000');
  return Array.from(counts, ([path, count]): Folder => {
    const segments = path.split('/');
    return {
      path,
      label: segments.at(-1) ?? path,
      level: segments.length,
      count,
      hasChildren: parents.has(path),
    };
  }).sort((left, right) => (key(left.path) < key(right.path) ? -1 : 1));
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** 'db', 'db/orders' for 'db/orders/x': what has to be open for it to be seen. */
export function ancestorsOf(path: string): readonly string[] {
  const segments = path.split('/');
  return segments.slice(0, -1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** Those whose folders are all open. */
export function visibleFolders(folders: readonly Folder[], open: ReadonlySet<string>): readonly Folder[] {
  return folders.filter(({ path }) => ancestorsOf(path).every((each) => open.has(each)));
}

export type TreeMove =
  | { readonly kind: 'focus'; readonly path: string }
  | { readonly kind: 'open' | 'close'; readonly path: string };

/** What a key does on the item at `path`; the item with an empty path is "all secrets", above the folders. */
export function treeMove(
  key: string,
  path: string,
  shown: readonly Folder[],
  open: ReadonlySet<string>,
): TreeMove | undefined {
  const order = ['', ...shown.map((folder) => folder.path)];
  const at = Math.max(0, order.indexOf(path));
  const focus = (index: number): TreeMove => ({
    kind: 'focus',
    path: order[Math.min(order.length - 1, Math.max(0, index))] ?? '',
  });
  const folder = shown[at - 1];
  switch (key) {
    case 'ArrowDown':
      return focus(at + 1);
    case 'ArrowUp':
      return focus(at - 1);
    case 'Home':
      return focus(0);
    case 'End':
      return focus(order.length - 1);
    case 'ArrowRight':
      if (folder === undefined || !folder.hasChildren) return undefined;
      return open.has(path) ? focus(at + 1) : { kind: 'open', path };
    case 'ArrowLeft':
      if (folder === undefined) return undefined;
      return folder.hasChildren && open.has(path) ? { kind: 'close', path } : { kind: 'focus', path: parentOf(path) };
    default:
      return undefined;
  }
}
