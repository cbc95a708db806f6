// The packs that rules come in: how many, which version, signed by whom, and the switch for the whole of it.

import { Download, Ellipsis, FileUp, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { RulePack } from '../../../src-shared/contract/rule-packs.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { formatPlace } from '../../app/navigation.ts';
import { saveText } from '../../app/save-file.ts';
import { useMayDo } from '../../app/services.ts';
import { useNarrowWindow } from '../../app/window-width.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { CopyLine } from '../../ui/data/CopyLine.tsx';
import { RelativeTime } from '../../ui/data/Time.tsx';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Icon } from '../../ui/Icon.tsx';
import type { Column } from '../../ui/lists/column.ts';
import { DataTable } from '../../ui/lists/DataTable.tsx';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog.tsx';
import { DropZone } from '../../ui/overlays/DropZone.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import { PackImportDialog } from './PackImportDialog.tsx';
import { exportPack } from './pack-export.ts';
import { chosenStates, countOf, signatureWords, stateWords } from './rule-words.ts';

const narrow: ReadonlySet<string> = new Set(['name', 'rules', 'state', 'more']);

export function PacksView() {
  const packs = useStore(detections, (state) => state.packs);
  const mayManage = useMayDo('detections.manage');
  const isNarrow = useNarrowWindow();
  const [importing, setImporting] = useState<readonly File[]>();
  const [deleting, setDeleting] = useState<RulePack>();
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
        columns={columnsFor(mayManage, setDeleting).filter(({ id }) => !isNarrow || narrow.has(id))}
        rows={packs}
        keyOf={(pack) => pack.id}
      />
      <section className={css.how}>
        <h2 className="title-s">By command line</h2>
        <CopyLine line="gatehouse rules diff ./sigma --pack sigma" />
        <CopyLine line="gatehouse rules import ./sigma --pack sigma --state simulated" />
        <CopyLine line="gatehouse rules export own --out our-rules.ghpack" />
      </section>
      {deleting !== undefined && (
        <ConfirmDialog
          isOpen
          title={`Delete the pack ${deleting.name}?`}
          confirmLabel="Delete pack"
          isDanger
          typeToConfirm={deleting.rules > 100 ? deleting.id : undefined}
          consequences={[{ label: 'Rules that go', value: formatCount(deleting.rules) }]}
          describeError={failureWords}
          onConfirm={() => remove(deleting)}
          onClose={() => setDeleting(undefined)}
        >
          Its rules go, with their versions and exceptions. Alerts that they raised stay, and can still be computed
          anew. To keep the rules without running them, switch the pack off.
        </ConfirmDialog>
      )}
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

async function setState(pack: RulePack, state: RulePack['state'], isUndo = false): Promise<void> {
  try {
    await call('packs.update', { id: pack.id, state });
    toasts.show({
      text: `${pack.name}: ${stateWords[state].toLowerCase()}`,
      undo: isUndo ? undefined : () => void setState(pack, pack.state, true),
    });
    void detections.load();
  } catch (error) {
    toasts.show({ text: failureWords(error), tone: 'warn' });
  }
}

async function save(pack: RulePack): Promise<void> {
  try {
    const { text, files } = await exportPack(pack, call);
    saveText(`${pack.id}.ghpack`, text, 'application/json');
    toasts.show({ text: `${pack.name}: ${countOf(files, 'rule file')}, signed by this console` });
  } catch (error) {
    toasts.show({ text: failureWords(error), tone: 'warn' });
  }
}

async function remove(pack: RulePack): Promise<void> {
  await call('packs.delete', { id: pack.id });
  toasts.show({ text: `${pack.name} deleted` });
  await detections.load();
}

function columnsFor(mayManage: boolean, onDelete: (pack: RulePack) => void): Column<RulePack>[] {
  return [
    {
      id: 'name',
      title: 'Pack',
      cell: (pack) => (
        <a className={css.packName} href={formatPlace({ screen: 'detections', query: { pack: pack.id } })}>
          {pack.name} <span className="mono faint">{pack.id}</span>
        </a>
      ),
    },
    {
      id: 'version',
      title: 'Version',
      width: '80px',
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
      width: '176px',
      cell: (pack) => (
        <span className="small" title={[signatureWords[pack.signature], pack.signer].filter(Boolean).join(' ')}>
          {pack.kind === 'imported' ? signatureWords[pack.signature] : <span className="faint">of this console</span>}
        </span>
      ),
    },
    {
      id: 'imported',
      title: 'Imported',
      width: '80px',
      cell: (pack) => (pack.imported_at === null ? null : <RelativeTime at={pack.imported_at} />),
    },
    {
      id: 'state',
      title: 'State',
      width: '132px',
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
    ...(mayManage
      ? [
          {
            id: 'more',
            title: 'Actions',
            hidesTitle: true,
            width: '56px',
            cell: (pack: RulePack) => <More pack={pack} onDelete={onDelete} />,
          },
        ]
      : []),
  ];
}

function More({ pack, onDelete }: { readonly pack: RulePack; readonly onDelete: (pack: RulePack) => void }) {
  return (
    <Menu
      label={`More about ${pack.name}`}
      trigger={<Icon of={Ellipsis} />}
      isIconTrigger
      tone="quiet"
      size="small"
      placement="bottom end"
      groups={[
        {
          id: 'pack',
          entries: [
            {
              id: 'export',
              label: 'Export signed',
              icon: Download,
              detail: `${pack.id}.ghpack, for another console`,
              isDisabled: pack.rules === 0,
              onAction: () => void save(pack),
            },
            ...(pack.kind === 'imported'
              ? [
                  {
                    id: 'delete',
                    label: 'Delete…',
                    icon: Trash2,
                    isDanger: true,
                    onAction: () => onDelete(pack),
                  },
                ]
              : []),
          ],
        },
      ]}
    />
  );
}
