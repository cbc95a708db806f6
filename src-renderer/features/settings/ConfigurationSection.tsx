// Settings, Configuration: every setting in force with its value and who answered for it. Nothing is changed here; each row says where.

import { ListFilter } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { SettingEntry } from '../../../src-shared/contract/settings.ts';
import { useShortcuts } from '../../app/KeyboardProvider.tsx';
import { originNames } from '../../app/origin-words.ts';
import { useMayDo } from '../../app/services.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { CopyCommand } from '../../ui/controls/CopyCommand.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Outcome } from '../../ui/data/Outcome.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { configuration } from './configuration-state.ts';
import { matchingSettings, type SettingFilter, valueText } from './configuration-store.ts';
import { ProviderCard } from './ProviderCard.tsx';
import css from './settings.module.css';

const everything: SettingFilter = { text: '', show: 'all' };

interface ConfigurationSectionProps {
  /** What the address asks for: 'fallbacks', 'check'. */
  readonly asked: string | undefined;
  readonly onAsked: () => void;
}

export function ConfigurationSection({ asked, onAsked }: ConfigurationSectionProps) {
  const { items, provider, problem, isChecking, checkProblem } = useStore(configuration);
  const mayManage = useMayDo('settings.manage');
  const [filter, setFilter] = useState<SettingFilter>(everything);
  const field = useRef<HTMLInputElement>(null);
  const isNarrow = useNarrowWindow();
  useEffect(() => configuration.follow(), []);
  useShortcuts('settings', 'Configuration', [
    { id: 'configuration.filter', keys: '/', label: 'Filter the settings', run: () => field.current?.focus() },
  ]);
  useEffect(() => {
    if (asked === undefined) return;
    if (asked === 'fallbacks') setFilter({ text: '', show: 'fallback' });
    if (asked === 'check') void configuration.check();
    onAsked();
  }, [asked, onAsked]);

  if (items === undefined || provider === undefined) {
    return problem === undefined ? (
      <LoadingSkeleton label="Loading the settings" />
    ) : (
      <ErrorState title="The settings could not be read" detail={problem} onRetry={() => void configuration.load()} />
    );
  }
  const rows = matchingSettings(items, filter, originNames);
  const fallbacks = items.filter((item) => item.fallback).length;
  return (
    <div className={css.configuration}>
      <ProviderCard
        provider={provider}
        isChecking={isChecking}
        checkProblem={checkProblem}
        onCheck={mayManage ? () => void configuration.check() : undefined}
        onShowFallbacks={() => setFilter({ text: '', show: 'fallback' })}
      />
      <div className={css.filterBar}>
        <TextField
          label="Filter the settings"
          hideLabel
          icon={ListFilter}
          placeholder="Name, value or origin"
          value={filter.text}
          onChange={(text) => setFilter({ ...filter, text })}
          maxLength={100}
          ref={field}
          className={css.filterField}
        />
        <ChoiceList
          label="Which settings"
          hideLabel
          layout="row"
          value={filter.show}
          onChange={(show) => setFilter({ ...filter, show })}
          choices={[
            { id: 'all', label: 'All' },
            { id: 'set', label: 'Not default' },
            ...(fallbacks > 0 || filter.show === 'fallback' ? [{ id: 'fallback' as const, label: 'Fallbacks' }] : []),
          ]}
        />
        <span className="grow" />
        <span className="muted tn" role="status">
          {rows.length === items.length ? `${items.length} settings` : `${rows.length} of ${items.length} settings`}
        </span>
        <CopyCommand line="gatehouse config show" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key */}
      <section className={css.tableScroll} tabIndex={0} aria-label="Table of the settings in force">
        <DataTable
          caption="Settings in force"
          columns={isNarrow ? columns.filter(({ id }) => id !== 'detail') : columns}
          rows={rows}
          keyOf={(item) => item.name}
          isFlush
          empty={
            <EmptyState
              reason="hidden"
              title={`The filter hides all ${items.length} settings`}
              actions={<Button onPress={() => setFilter(everything)}>Clear the filter</Button>}
            />
          }
        />
      </section>
    </div>
  );
}

const columns: readonly Column<SettingEntry>[] = [
  { id: 'name', title: 'Setting', width: '296px', isMono: true, cell: ({ name }) => <span title={name}>{name}</span> },
  { id: 'value', title: 'Value', isMono: true, cell: (item) => <Value item={item} /> },
  {
    id: 'origin',
    title: 'From',
    width: '176px',
    cell: ({ origin, fallback, detail }) => (
      <span title={detail ?? undefined}>
        {fallback ? (
          <Outcome kind="limited" isSmall>
            {originNames[origin]}, not Vault
          </Outcome>
        ) : (
          <span className={origin === 'default' ? 'faint' : ''}>{originNames[origin]}</span>
        )}
      </span>
    ),
  },
  {
    id: 'detail',
    title: 'Where',
    width: '320px',
    isMono: true,
    cell: ({ detail }) => <span title={detail ?? undefined}>{detail}</span>,
  },
];

function Value({ item }: { readonly item: SettingEntry }) {
  const text = valueText(item);
  if (!item.set || text === '') return <span className="faint">not set</span>;
  if (item.secret) {
    return (
      <>
        <span aria-hidden="true">{text}</span>
        <span className="visually-hidden">a secret that is set</span>
      </>
    );
  }
  return <span title={text}>{text}</span>;
}
