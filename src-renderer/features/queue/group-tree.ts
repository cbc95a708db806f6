// Groups of the queue as one draws them: a tree of groups, and in the innermost ones alerts, flattened to lines. Pure: nothing here fetches.

import type { GroupField } from '../../../src-shared/alert-words.ts';
import type { AlertGroup } from '../../../src-shared/contract/alert-groups.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';

/** Keys of groups, the outermost first; empty: everything. */
export type Path = readonly string[];

/** What is loaded of one group: further groups, or alerts by id. */
export interface Branch {
  readonly groups: readonly AlertGroup[];
  readonly alerts: readonly string[];
  /** Groups or alerts in all; of alerts the count of their group. */
  readonly total: number;
  readonly nextCursor: string | null;
  readonly isLoading: boolean;
  readonly failure?: string | undefined;
}

export interface Tree {
  readonly by: readonly GroupField[];
  readonly branches: ReadonlyMap<string, Branch>;
  readonly open: ReadonlySet<string>;
  readonly rows: ReadonlyMap<string, AlertRow>;
}

export interface GroupLine {
  readonly kind: 'group';
  readonly id: string;
  readonly depth: number;
  readonly by: GroupField;
  /** With the group's own key at the end. */
  readonly path: Path;
  readonly group: AlertGroup;
  readonly isOpen: boolean;
}

export interface AlertLine {
  readonly kind: 'alert';
  readonly id: string;
  readonly depth: number;
  readonly path: Path;
  readonly row: AlertRow;
}

/** Where more of a group will be. */
export interface MoreLine {
  readonly kind: 'more';
  readonly id: string;
  readonly depth: number;
  readonly path: Path;
  readonly left: number;
  readonly what: 'groups' | 'alerts';
  readonly isLoading: boolean;
  readonly failure: string | undefined;
}

export type Line = GroupLine | AlertLine | MoreLine;

export const emptyBranch: Branch = { groups: [], alerts: [], total: 0, nextCursor: null, isLoading: true };

/** Names a path in maps, and its line. */
export function idOfPath(path: Path): string {
  return JSON.stringify(path);
}

export function hasGroups(tree: Tree): boolean {
  return (tree.branches.get(idOfPath([]))?.groups.length ?? 0) > 0;
}

export function linesOf(tree: Tree): readonly Line[] {
  const lines: Line[] = [];
  addBranch(tree, [], lines);
  return lines;
}

function addBranch(tree: Tree, path: Path, lines: Line[]): void {
  const branch = tree.branches.get(idOfPath(path));
  if (branch === undefined) return;
  const depth = path.length;
  const by = tree.by[depth];
  for (const group of by === undefined ? [] : branch.groups) {
    const own = [...path, group.key];
    const id = idOfPath(own);
    const isOpen = tree.open.has(id);
    lines.push({ kind: 'group', id, depth, by: by ?? 'detector', path: own, group, isOpen });
    if (isOpen) addBranch(tree, own, lines);
  }
  for (const alert of branch.alerts) {
    const row = tree.rows.get(alert);
    if (row !== undefined) lines.push({ kind: 'alert', id: `${idOfPath(path)} ${alert}`, depth, path, row });
  }
  const loaded = by === undefined ? branch.alerts.length : branch.groups.length;
  if (branch.nextCursor === null && !branch.isLoading && branch.failure === undefined) return;
  lines.push({
    kind: 'more',
    id: `${idOfPath(path)} more`,
    depth,
    path,
    left: Math.max(0, branch.total - loaded),
    what: by === undefined ? 'alerts' : 'groups',
    isLoading: branch.isLoading,
    failure: branch.failure,
  });
}

/** The line of the group that a line stands in; -1 at the top. */
export function parentIndex(lines: readonly Line[], index: number): number {
  const line = lines[index];
  if (line === undefined) return -1;
  const path = line.kind === 'group' ? line.path.slice(0, -1) : line.path;
  return path.length === 0 ? -1 : lines.findIndex((each) => each.id === idOfPath(path));
}

/** Where the cursor stands when its own line went: on what took its place. */
export function placeOf(before: readonly Line[], now: readonly Line[], id: string | undefined): string | undefined {
  if (id === undefined) return now[0]?.id;
  if (now.some((line) => line.id === id)) return id;
  const at = before.findIndex((line) => line.id === id);
  return now[Math.min(Math.max(0, at), now.length - 1)]?.id;
}

export interface Near {
  readonly id: string;
  readonly title: string;
  /** What the cursor moves to. */
  readonly line: string;
}

/** The alert before or after the cursor, past any groups between. */
export function nearInGroups(tree: Tree & { readonly cursorId?: string | undefined }, step: 1 | -1): Near | undefined {
  const lines = linesOf(tree);
  for (let at = lines.findIndex((line) => line.id === tree.cursorId) + step; at >= 0; at += step) {
    const line = lines[at];
    if (line === undefined) return undefined;
    if (line.kind === 'alert') return { id: line.row.id, title: line.row.title, line: line.id };
  }
  return undefined;
}

export function nearInRows(rows: readonly AlertRow[], cursorId: string | undefined, step: 1 | -1): Near | undefined {
  const at = rows.findIndex((row) => row.id === cursorId);
  const row = at < 0 ? undefined : rows[at + step];
  return row && { id: row.id, title: row.title, line: row.id };
}
