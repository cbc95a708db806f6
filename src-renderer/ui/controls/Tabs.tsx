// Tabs with an optional count beside the word. The chosen panel alone is mounted.

import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components/Tabs';
import { cx } from '../../lib/cx.ts';
import { formatCount } from '../../lib/numbers.ts';
import css from './Tabs.module.css';

export interface TabEntry<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly count?: number | undefined;
  readonly content: () => ReactNode;
}

interface TabsProps<Id extends string> {
  readonly label: string;
  readonly tabs: readonly TabEntry<Id>[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
  /** At the end of the row of tabs. */
  readonly end?: ReactNode;
}

export function Tabs<Id extends string>({ label, tabs, value, onChange, end }: TabsProps<Id>) {
  return (
    <AriaTabs
      className={cx(css.tabs)}
      selectedKey={value}
      onSelectionChange={(key) => {
        const chosen = tabs.find((tab) => tab.id === key);
        if (chosen) onChange(chosen.id);
      }}
    >
      <div className={css.row}>
        <TabList className={cx(css.list)} aria-label={label}>
          {tabs.map((tab) => (
            <Tab key={tab.id} id={tab.id} className={cx(css.tab)}>
              {tab.label}
              {tab.count !== undefined && <span className={css.count}>{formatCount(tab.count)}</span>}
            </Tab>
          ))}
        </TabList>
        {end !== undefined && <div className={css.end}>{end}</div>}
      </div>
      {tabs.map((tab) => (
        <TabPanel key={tab.id} id={tab.id} className={cx(css.panel)}>
          {tab.content()}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
