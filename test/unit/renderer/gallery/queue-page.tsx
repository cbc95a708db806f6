// A queue as the console's will be: strip, filters, list of any length (?count=), pane.

import { Archive, Check, Download, Ellipsis, Layers, ListFilter, UserPlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useListShortcuts } from '../../../../src-renderer/app/list-shortcuts.ts';
import { Button } from '../../../../src-renderer/ui/controls/Button.tsx';
import { Checkbox } from '../../../../src-renderer/ui/controls/Checkbox.tsx';
import { CopyButton } from '../../../../src-renderer/ui/controls/CopyButton.tsx';
import { FilterChip } from '../../../../src-renderer/ui/controls/FilterChip.tsx';
import { Kbd } from '../../../../src-renderer/ui/controls/Kbd.tsx';
import { Tabs } from '../../../../src-renderer/ui/controls/Tabs.tsx';
import { Avatar } from '../../../../src-renderer/ui/data/Avatar.tsx';
import { Histogram } from '../../../../src-renderer/ui/data/Histogram.tsx';
import type { BucketRange } from '../../../../src-renderer/ui/data/HistogramRange.tsx';
import { Outcome } from '../../../../src-renderer/ui/data/Outcome.tsx';
import { RiskNumber } from '../../../../src-renderer/ui/data/RiskNumber.tsx';
import { Severity } from '../../../../src-renderer/ui/data/Severity.tsx';
import { severityWords } from '../../../../src-renderer/ui/data/severity-levels.ts';
import { Tag } from '../../../../src-renderer/ui/data/Tag.tsx';
import { RelativeTime } from '../../../../src-renderer/ui/data/Time.tsx';
import { Timer } from '../../../../src-renderer/ui/data/Timer.tsx';
import { toasts } from '../../../../src-renderer/ui/feedback/toast-list.ts';
import { DetailPane, Split } from '../../../../src-renderer/ui/layout/DetailPane.tsx';
import { Block, Card, KeyValues, Strip } from '../../../../src-renderer/ui/layout/Page.tsx';
import type { Column } from '../../../../src-renderer/ui/lists/column.ts';
import { RowAction, RowCheck } from '../../../../src-renderer/ui/lists/ListRow.tsx';
import type { SelectionChange } from '../../../../src-renderer/ui/lists/list-moves.ts';
import { VirtualList } from '../../../../src-renderer/ui/lists/VirtualList.tsx';
import { type SampleAlert, sampleAlerts } from './sample-alerts.ts';
import { sampleBuckets } from './sample-buckets.ts';

const now = Date.now();
const count = Number(new URLSearchParams(window.location.search).get('count') ?? 37);

export function QueuePage() {
  const alerts = useMemo(() => sampleAlerts(count, now), []);
  const [current, setCurrent] = useState(4);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [pane, setPane] = useState<'closed' | 'preview' | 'focused'>(
    new URLSearchParams(window.location.search).get('pane') === 'closed' ? 'closed' : 'preview',
  );
  const [width, setWidth] = useState(480);
  const [tab, setTab] = useState<'overview' | 'events'>('overview');
  const [range, setRange] = useState<BucketRange>();
  const alert = alerts[current];

  function change(selection: SelectionChange): void {
    setSelected((before) => {
      const next = new Set(before);
      if (selection.kind === 'all') for (const each of alerts) next.add(each.id);
      if (selection.kind === 'none') next.clear();
      if (selection.kind === 'toggle') {
        const id = alerts[selection.index]?.id ?? '';
        if (!next.delete(id)) next.add(id);
      }
      if (selection.kind === 'range') {
        const [from, to] = [Math.min(selection.from, selection.to), Math.max(selection.from, selection.to)];
        for (const each of alerts.slice(from, to + 1)) next.add(each.id);
      }
      return next;
    });
  }

  useListShortcuts('queue', 'Queue', {
    count: alerts.length,
    currentIndex: current,
    onCurrentChange: setCurrent,
    onSelect: change,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `change` only sets state
  const columns = useMemo<readonly Column<SampleAlert>[]>(
    () => [
      {
        id: 'select',
        title: 'Select',
        hidesTitle: true,
        width: '24px',
        cell: (row, state) => (
          <RowCheck
            label={`Select ${row.id}`}
            isSelected={state.isSelected}
            onToggle={() => change({ kind: 'toggle', index: alerts.indexOf(row) })}
          />
        ),
      },
      { id: 'severity', title: 'Severity', width: '78px', cell: (row) => <Severity level={row.severity} /> },
      {
        id: 'risk',
        title: 'Risk',
        width: '36px',
        align: 'end',
        isSortable: true,
        cell: (row) => <RiskNumber value={row.risk} />,
      },
      {
        id: 'title',
        title: 'Alert',
        width: 'minmax(0, 1fr)',
        isPadded: true,
        cell: (row) => <span className="row-title clip">{row.title}</span>,
      },
      {
        id: 'count',
        title: 'Count',
        leastWidth: 480,
        width: '36px',
        align: 'end',
        cell: (row) => <span className="small muted">{row.repeats > 1 && `×${row.repeats}`}</span>,
      },
      {
        id: 'age',
        title: 'Age',
        leastWidth: 400,
        width: '56px',
        align: 'end',
        cell: (row) => <RelativeTime at={row.raisedAt} form="short" className="small muted" />,
      },
      {
        id: 'sla',
        title: 'SLA left',
        width: '66px',
        align: 'end',
        cell: (row) => <Timer startedAt={row.raisedAt} dueAt={row.dueAt} />,
      },
      {
        id: 'who',
        title: 'Who',
        leastWidth: 480,
        width: '28px',
        align: 'end',
        cell: (row) => <Avatar name={row.assignee} isMe={row.assignee === 'mira.solberg'} />,
      },
      {
        id: 'status',
        title: 'Status',
        leastWidth: 480,
        isPadded: true,
        width: '56px',
        cell: (row) => <span className="small muted">{row.status}</span>,
      },
    ],
    [alerts],
  );

  const list = (
    <>
      <Strip>
        <h1 className="title-s">Open, last 24 h</h1>
        <span className="muted">
          <b style={{ color: 'var(--text)' }}>37</b> of 212
        </span>
        <Histogram
          label="212 alerts of the last 24 h by hour and severity"
          buckets={sampleBuckets}
          size="strip"
          range={range}
          onRange={setRange}
        />
        <span className="grow" />
        <Button tone="news" size="small" keys=".">
          3 new
        </Button>
      </Strip>
      <Strip isPane>
        <ListFilter size={16} strokeWidth={1.5} aria-hidden="true" />
        <FilterChip field="status" value="open,ack" onEdit={() => undefined} onRemove={() => undefined} />
        <FilterChip field="age" value="<24h" onRemove={() => undefined} />
        <FilterChip field="tag" value="drill" isNegated onRemove={() => undefined} />
        <span className="faint">Filter</span>
        <Kbd keys="/" />
        <span className="grow" />
        <Button size="small" icon={Layers}>
          Group
        </Button>
        <Button
          size="small"
          icon={Download}
          onPress={() => toasts.show({ text: '42 closed as benign', undo: () => undefined })}
        >
          Export
        </Button>
      </Strip>
      <VirtualList
        label="Alerts"
        columns={columns}
        count={alerts.length}
        rowAt={(index) => alerts[index]}
        keyOf={(row) => row.id}
        labelOf={(row) => `${severityWords[row.severity]}, risk ${row.risk}, ${row.title}`}
        currentIndex={current}
        onCurrentChange={setCurrent}
        onOpen={() => setPane('focused')}
        onPreview={() => setPane('preview')}
        isSelected={(row) => selected.has(row.id)}
        onSelect={change}
        isMuted={(row) => row.status === 'Ack'}
        sort={{ column: 'risk', direction: 'descending' }}
        onSortChange={() => undefined}
        actions={() => (
          <>
            <RowAction icon={Check} label="Acknowledge, A" onPress={() => undefined} />
            <RowAction icon={UserPlus} label="Assign to me, Shift A" onPress={() => undefined} />
            <RowAction icon={Archive} label="Close, C" onPress={() => undefined} />
          </>
        )}
      />
    </>
  );

  return (
    <Split
      list={list}
      pane={
        pane !== 'closed' &&
        alert && (
          <DetailPane
            label={`Alert ${alert.id}`}
            title={alert.title}
            severity={alert.severity}
            takesFocus={pane === 'focused'}
            width={width}
            onWidthChange={setWidth}
            onClose={() => setPane('closed')}
            onPrevious={() => setCurrent(Math.max(0, current - 1))}
            onNext={() => setCurrent(current + 1)}
            onFullPage={() => undefined}
            headline={
              <>
                <Severity level={alert.severity} isTinted />
                <Tag tone="line">
                  Risk <b>{alert.risk}</b>
                </Tag>
                <Tag tone="line">{alert.status}</Tag>
                <Timer startedAt={alert.raisedAt} dueAt={alert.dueAt} showsLeft />
              </>
            }
            facts={
              <>
                <span className="mono">{alert.id}</span>
                <CopyButton value={alert.id} what="alert id" />
                <span>no assignee</span>
                <span>·</span>
                <span>no verdict</span>
              </>
            }
            actions={
              <>
                <Button tone="primary" keys="a">
                  Acknowledge
                </Button>
                <Button keys="i">Incident</Button>
                <Button keys="b">Block</Button>
                <Button keys="c">Close</Button>
                <span className="push">
                  <Button icon={Ellipsis} label="More actions" />
                </span>
              </>
            }
          >
            <Tabs
              label="Alert"
              value={tab}
              onChange={setTab}
              tabs={[
                { id: 'overview', label: 'Overview', content: () => <Overview /> },
                { id: 'events', label: 'Events', count: 11, content: () => <Block title="Events">11 events</Block> },
              ]}
            />
          </DetailPane>
        )
      }
    />
  );
}

function Overview() {
  return (
    <>
      <Block title="Why it fired">
        <p>
          11 failed logins for <b>alice.tan</b> from <b>203.0.113.7</b> in 4 min 12 s. The limit is 10 in 5 min.
        </p>
        <div className="line" style={{ marginTop: 8 }}>
          <div className="grow">
            <KeyValues
              nameWidth="64px"
              entries={[
                { name: 'Detector', value: <span className="mono">failed_logins v3</span> },
                {
                  name: 'Replay',
                  value: (
                    <Outcome kind="good" isSmall>
                      same result from the 11 stored events
                    </Outcome>
                  ),
                },
              ]}
            />
          </div>
          <Button size="small">Replay</Button>
        </div>
      </Block>
      <Block title="What to do now" end="2 of 5 done">
        <Checkbox isChecked onChange={() => undefined}>
          Is the address ours? No, not in 14 allow-list entries
        </Checkbox>
        <br />
        <Checkbox isChecked={false} onChange={() => undefined}>
          Look at the 5 other users tried from this address
        </Checkbox>
      </Block>
      <Block title="Entities">
        <Card>
          <KeyValues
            nameWidth="64px"
            entries={[
              { name: 'Role', value: 'finance admin' },
              { name: 'MFA', value: 'on, TOTP' },
              { name: 'Sessions', value: '1, from 10.20.8.14' },
            ]}
          />
        </Card>
      </Block>
    </>
  );
}
