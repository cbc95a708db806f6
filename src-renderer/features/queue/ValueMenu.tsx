// The menu of a value: look for it, leave it out, look for nothing else, group by it, copy it, and search elsewhere.

import { Copy, FileSearch, Filter, FilterX, Layers, ScrollText, Target } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { type AlertQuery, canAskFor, printQuery } from '../../../src-shared/alert-query.ts';
import { navigate } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { announce } from '../../ui/feedback/announcer.ts';
import { ContextMenu } from '../../ui/overlays/ContextMenu.tsx';
import type { MenuEntry, MenuGroup } from '../../ui/overlays/Menu.tsx';
import { fieldWords } from './group-words.ts';
import { eventQueryFor, excludedFrom, groupedBy, included, type NamedValue, onlyThis } from './value-choices.ts';
import { closeValueMenu, openValueMenu, valueMenu } from './value-menu.ts';

interface ValueMenuProps {
  readonly query: AlertQuery;
  readonly onQuery: (text: string) => void;
}

export function ValueMenu({ query, onQuery }: ValueMenuProps) {
  const open = useStore(valueMenu, (state) => state.open);
  const maySearch = useMayDo('events.read');
  const mayAudit = useMayDo('audit.read');
  // What it stands beside goes with the page.
  useEffect(() => closeValueMenu, []);
  const named = open?.values[open.at];
  if (open === undefined || named === undefined) return null;

  const others = open.values.flatMap((each, at) =>
    at === open.at
      ? []
      : [
          {
            id: `value-${at}`,
            label: each.value,
            detail: fieldWords[each.key].name,
            staysOpen: true,
            onAction: () => openValueMenu(open.values, at, open.anchor),
          },
        ],
  );
  const groups: MenuGroup[] = [
    { id: 'query', title: nameOf(named), entries: queryEntries(query, named, onQuery) },
    { id: 'elsewhere', entries: elsewhere(named, maySearch, mayAudit) },
    ...(others.length === 0 ? [] : [{ id: 'others', title: 'Other values of this alert', entries: others }]),
  ];
  return (
    <ContextMenu key={open.at} label={nameOf(named)} anchor={open.anchor} groups={groups} onClose={closeValueMenu} />
  );
}

function queryEntries(query: AlertQuery, named: NamedValue, onQuery: ValueMenuProps['onQuery']): MenuEntry[] {
  // It could not be asked for; a part of it would be another value.
  if (!canAskFor(named)) return [];
  const { key, value } = named;
  const to = (next: AlertQuery) => () => onQuery(printQuery(next));
  const held = query[key];
  const without = excludedFrom(query, named);
  const grouped = groupedBy(query, named);
  return [
    ...(held === value
      ? []
      : [
          {
            id: 'include',
            label: 'Include',
            icon: Filter,
            ...(held === undefined ? {} : { detail: `in place of ${key}:${held}` }),
            onAction: to(included(query, named)),
          },
        ]),
    ...(without === undefined ? [] : [{ id: 'exclude', label: 'Exclude', icon: FilterX, onAction: to(without) }]),
    { id: 'only', label: 'Only this', icon: Target, onAction: to(onlyThis(query, named)) },
    ...(grouped === undefined
      ? []
      : [
          {
            id: 'group',
            label: `Group by ${fieldWords[key].name.toLowerCase()}`,
            icon: Layers,
            onAction: to(grouped),
          },
        ]),
  ];
}

function elsewhere(named: NamedValue, maySearch: boolean, mayAudit: boolean): MenuEntry[] {
  const events = eventQueryFor(named);
  return [
    { id: 'copy', label: 'Copy', icon: Copy, onAction: () => void copy(named.value) },
    ...(maySearch && events !== undefined
      ? [
          {
            id: 'events',
            label: 'Search events for it',
            icon: FileSearch,
            onAction: () => navigate({ screen: 'events', query: { q: events } }),
          },
        ]
      : []),
    ...(mayAudit && named.key === 'user'
      ? [
          {
            id: 'audit',
            label: 'Search audit log for it',
            icon: ScrollText,
            onAction: () => navigate({ screen: 'audit', query: { actor: named.value } }),
          },
        ]
      : []),
  ];
}

function nameOf({ key, value }: NamedValue): string {
  return `${fieldWords[key].name} ${value}`;
}

async function copy(value: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(value);
    announce('Copied');
  } catch {
    announce('Could not copy. Select the text and copy it with the keyboard.', 'urgent');
  }
}
