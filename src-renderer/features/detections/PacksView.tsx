// The packs that rules come in: how many, which version, signed by whom, and the switch for the whole of it.

import { FileUp } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { RulePack } from '../../../src-shared/contract/rule-packs.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { formatPlace } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { DropZone } from '../../ui/overlays/DropZone.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import { PackImportDialog } from './PackImportDialog.tsx';
import { chosenStates, signatureWords, stateWords } from './rule-words.ts';

const narrow: ReadonlySet<string> = new Set(['name', 'rules', 'state']);

export function PacksView() {
  const packs = useStore(detections, (state) => state.packs);
  const mayManage = useMayDo('detections.manage');
  const isNarrow = useNarrowWindow();
  const [importing, setImporting] = useState<readonly File[]>();
  const view = (
    <div className={css.scroll}>
      {mayManage && (
        <div className={css.head}>
          <Button tone="primary" icon={FileUp} onPress={() => setImporting([])}>
            Import a pack
          </Button>
          <span className="small muted">
            or drop a zip, a .tar.gz, rule files or a signed .ghpack here. You see what it changes before it is applied.
          </span>
        </div>
      )}
      <DataTable
        caption="Rule packs"
        columns={columnsFor(mayManage).filter(({ id }) => !isNarrow || narrow.has(id))}
        rows={packs}
        keyOf={(pack) => pack.id}
      />
      <section className={css.how}>
        <h2 className="title-s">By command line</h2>
        <CopyLine line="gatehouse rules diff ./sigma --pack sigma" />
        <CopyLine line="gatehouse rules import ./sigma --pack sigma --state simulated" />
        <CopyLine line="gatehouse rules export own --out our-rules.ghpack" />
      </section>
      {importing !== undefined && <PackImportDialog dropped={importing} onClose={() => setImporting(undefined)} />}
    </div>
  );
  if (!mayManage) return view;
  return (
    <DropZone
      label="Drop a rule pack to import it"
      detail="A zip or .tar.gz of Sigma rules, rule files, or a signed .ghpack. You see what it changes first."
      onFiles={setImporting}
    >
      {view}
    </DropZone>
  );
}

async function setState(pack: RulePack, state: RulePack['state']): Promise<void> {
  try {
    await call('packs.update', { id: pack.id, state });
    toasts.show({ text: `${pack.name}: ${stateWords[state].toLowerCase()}` });
    void detections.load();
  } catch (error) {
    toasts.show({ text: failureWords(error), tone: 'warn' });
  }
}

function columnsFor(mayManage: boolean): Column<RulePack>[] {
  return [
    {
      id: 'name',
      title: 'Pack',
      cell: (pack) => (
        <a href={formatPlace({ screen: 'detections', query: { pack: pack.id } })}>
          {pack.name} <span className="mono faint">{pack.id}</span>
        </a>
      ),
    },
    {
      id: 'version',
      title: 'Version',
      width: '112px',
      isMono: true,
      cell: (pack) => <span className="clip">{pack.version}</span>,
    },
    { id: 'rules', title: 'Rules', width: '72px', align: 'end', cell: (pack) => formatCount(pack.rules) },
    {
      id: 'refused',
      title: 'Refused',
      width: '72px',
      align: 'end',
      cell: (pack) => <span className={pack.refused > 0 ? 'warn' : 'faint'}>{formatCount(pack.refused)}</span>,
    },
    {
      id: 'signature',
      title: 'Signature',
      width: '220px',
      cell: (pack) => (
        <span className="small" title={pack.signer ?? undefined}>
          {pack.kind === 'imported' ? signatureWords[pack.signature] : <span className="faint">of this console</span>}
        </span>
      ),
    },
    {
      id: 'imported',
      title: 'Imported',
      width: '104px',
      cell: (pack) => (pack.imported_at === null ? null : <RelativeTime at={pack.imported_at} />),
    },
    {
      id: 'state',
      title: 'State',
      width: '140px',
      cell: (pack) =>
        mayManage ? (
          <Select
            label={`State of ${pack.name}`}
            hideLabel
            value={pack.state}
            options={chosenStates}
            onChange={(state) => void setState(pack, state)}
          />
        ) : (
          stateWords[pack.state]
        ),
    },
  ];
}
