// Which menu of values is open: about what, and where it stands.

import { createStore } from 'zustand';
import { excludableFields } from '../../../src-shared/alert-words.ts';
import type { AlertRow } from '../../../src-shared/contract/alerts.ts';
import { onForget } from '../../app/forget.ts';
import type { Line } from './group-tree.ts';
import { type NamedValue, valuesOf } from './value-choices.ts';

export interface OpenValueMenu {
  readonly values: readonly NamedValue[];
  /** The one that it is about; the others can be gone to. */
  readonly at: number;
  readonly anchor: HTMLElement;
}

export const valueMenu = createStore<{ readonly open: OpenValueMenu | undefined }>(() => ({ open: undefined }));

export function openValueMenu(values: readonly NamedValue[], at: number, anchor: HTMLElement): void {
  if (values[at] !== undefined) valueMenu.setState({ open: { values, at, anchor } });
}

/** Of a row, at what was pointed at: the value there, or else the first. */
export function openRowMenu(row: AlertRow, target: HTMLElement): void {
  const pointed = target.closest<HTMLElement>('[data-value]');
  openValueMenu(valuesOf(row), Number(pointed?.dataset.value ?? 0), pointed ?? target);
}

/** A group is of one value; a group of those that have none is of nothing one could ask for. */
export function openLineMenu(line: Line, target: HTMLElement): void {
  if (line.kind === 'alert') openRowMenu(line.row, target);
  const value = line.kind === 'group' ? line.group.value : null;
  const key = line.kind === 'group' ? excludableFields.find((one) => one === line.by) : undefined;
  if (key !== undefined && value !== null) openValueMenu([{ key, value }], 0, target);
}

export function closeValueMenu(): void {
  valueMenu.setState({ open: undefined });
}

onForget(closeValueMenu);
