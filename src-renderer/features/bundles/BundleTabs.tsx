// Below the verdict: the entries, the files, what the manifest says, and what all of it is held against.

import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { formatCount } from '../../lib/numbers.ts';
import { Tabs } from '../../ui/controls/Tabs.tsx';
import { Attachments } from './Attachments.tsx';
import { EntryList } from './EntryList.tsx';
import { Held } from './Held.tsx';
import { ManifestView } from './ManifestView.tsx';
import { usePins } from './pins.ts';
import css from './verify.module.css';
import type { ShownVerdict } from './verify-messages.ts';
import { verifier } from './verify-state.ts';

type TabId = 'entries' | 'files' | 'manifest' | 'held';

export function BundleTabs({ verdict }: { readonly verdict: ShownVerdict }) {
  const { entries, given, opened } = useStore(verifier);
  const pins = usePins();
  // What somebody gave can't be used: there it can be taken away.
  const isGivenWrong = verdict.findings.some(({ code }) => code === 'bad-argument');
  const [tab, setTab] = useState<TabId>(isGivenWrong ? 'held' : 'entries');
  const below = useRef<HTMLDivElement>(null);
  const isReading = opened !== undefined || tab !== 'entries';
  // biome-ignore lint/correctness/useExhaustiveDependencies: each tab that is opened is to be seen
  useEffect(() => {
    // What was chosen comes into sight; before, the verdict is what one looks at.
    if (isReading) below.current?.scrollIntoView({ block: 'nearest' });
  }, [isReading, tab]);
  const { manifest } = verdict;
  return (
    <div className={css.below} ref={below}>
      <Tabs<TabId>
        label="Of the bundle"
        value={manifest === undefined && (tab === 'files' || tab === 'manifest') ? 'entries' : tab}
        onChange={setTab}
        end={entries > 0 && tab === 'entries' && `in the order of the file, all ${formatCount(entries)}`}
        tabs={[
          { id: 'entries', label: 'Entries', count: entries, content: () => <EntryList /> },
          ...(manifest === undefined
            ? []
            : [
                {
                  id: 'files' as const,
                  label: 'Files',
                  count: manifest.attachments.length,
                  content: () => <Attachments verdict={verdict} />,
                },
                {
                  id: 'manifest' as const,
                  label: 'Manifest',
                  content: () => <ManifestView manifest={manifest} verdict={verdict.verdict} />,
                },
              ]),
          {
            id: 'held',
            label: 'Held against',
            count: pins.items.length + given.length,
            content: () => (
              <div className={css.inTab}>
                <Held />
              </div>
            ),
          },
        ]}
      />
    </div>
  );
}
