// Every control of the kit on one page, in the states it has.

import { Ban, Copy, Download, Ellipsis, FileCheck, Inbox, MonitorCheck, Plus, Search, Shield } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../../src-renderer/ui/controls/Button.tsx';
import { Checkbox } from '../../../../src-renderer/ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../../../src-renderer/ui/controls/ChoiceList.tsx';
import { CodeField } from '../../../../src-renderer/ui/controls/CodeField.tsx';
import { Chip, FilterChip } from '../../../../src-renderer/ui/controls/FilterChip.tsx';
import { PasswordField } from '../../../../src-renderer/ui/controls/PasswordField.tsx';
import { Select } from '../../../../src-renderer/ui/controls/Select.tsx';
import { TextField } from '../../../../src-renderer/ui/controls/TextField.tsx';
import { Histogram } from '../../../../src-renderer/ui/data/Histogram.tsx';
import { Outcome } from '../../../../src-renderer/ui/data/Outcome.tsx';
import { Severity } from '../../../../src-renderer/ui/data/Severity.tsx';
import { severities } from '../../../../src-renderer/ui/data/severity-levels.ts';
import { Tag } from '../../../../src-renderer/ui/data/Tag.tsx';
import { Timer } from '../../../../src-renderer/ui/data/Timer.tsx';
import { Page, Panel } from '../../../../src-renderer/ui/layout/Page.tsx';
import { Tile } from '../../../../src-renderer/ui/layout/Tile.tsx';
import { DataTable } from '../../../../src-renderer/ui/lists/DataTable.tsx';
import { ConfirmDialog } from '../../../../src-renderer/ui/overlays/ConfirmDialog.tsx';
import { Dialog } from '../../../../src-renderer/ui/overlays/Dialog.tsx';
import { Menu } from '../../../../src-renderer/ui/overlays/Menu.tsx';
import { Banner } from '../../../../src-renderer/ui/states/Banner.tsx';
import { EmptyState } from '../../../../src-renderer/ui/states/EmptyState.tsx';
import { ErrorState } from '../../../../src-renderer/ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../../../src-renderer/ui/states/LoadingSkeleton.tsx';
import { ProgressBar } from '../../../../src-renderer/ui/states/ProgressBar.tsx';
import { sampleBuckets } from './sample-buckets.ts';

const now = Date.now();
const columnStyle = { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(280px, 1fr))', gap: 16 };

export function KitPage() {
  const [text, setText] = useState('');
  const [password, setPassword] = useState('correct horse battery');
  const [code, setCode] = useState('417');
  const [choice, setChoice] = useState<'new' | 'join' | 'verify'>('new');
  const [theme, setTheme] = useState<'system' | 'light' | 'dark'>('system');
  const [level, setLevel] = useState<'low' | 'high'>();
  const [dialog, setDialog] = useState<'form' | 'confirm'>();
  const close = () => setDialog(undefined);
  return (
    <Page title="Kit" summary="Every control, in the states it has." actions={<Button icon={Plus}>Add</Button>}>
      <Banner actions={<Button size="small">Show which</Button>}>
        Vault is sealed. Using environment values for 3 secrets.
      </Banner>
      <div className="line wrap">
        <Button tone="primary" keys="a">
          Acknowledge
        </Button>
        <Button keys="i">Incident</Button>
        <Button icon={Ban} onPress={() => setDialog('form')}>
          Open dialog
        </Button>
        <Button tone="danger" onPress={() => setDialog('confirm')}>
          Delete key
        </Button>
        <Button tone="quiet">Quiet</Button>
        <Button icon={Ellipsis} label="More actions" />
        <Button tone="quiet" icon={Copy} label="Copy" />
        <Button size="small" icon={Download}>
          Export
        </Button>
        <Button size="large">Back</Button>
        <Button size="large" tone="primary" isBusy>
          Continue
        </Button>
        <Button isDisabled>Disabled</Button>
        <Menu
          label="View"
          trigger="Views"
          groups={[
            {
              id: 'views',
              title: 'Views',
              entries: [
                { id: 'me', label: 'Needs me', icon: Inbox, keys: '1', isCurrent: true, onAction: () => undefined },
                { id: 'all', label: 'All', detail: 'Closed ones too', onAction: () => undefined },
              ],
            },
            { id: 'more', entries: [{ id: 'del', label: 'Delete view', isDanger: true, onAction: () => undefined }] },
          ]}
        />
      </div>
      <div className="line wrap">
        {severities.map((each) => (
          <Severity key={each} level={each} />
        ))}
        {severities.map((each) => (
          <Severity key={each} level={each} isTinted />
        ))}
        <Timer startedAt={now - 60_000} dueAt={now + 600_000} />
        <Timer startedAt={now - 3_600_000} dueAt={now + 600_000} />
        <Timer startedAt={now - 3_600_000} dueAt={now - 190_000} />
        <Tag>neutral</Tag>
        <Tag tone="accent">accent</Tag>
        <Tag tone="ok">ok</Tag>
        <Tag tone="warn">stale</Tag>
        <Tag tone="line">line</Tag>
        <Tag tone="dashed">simulated</Tag>
        <Outcome kind="good">Proven</Outcome>
        <Outcome kind="limited">Limited</Outcome>
        <Outcome kind="bad">Gap</Outcome>
        <Outcome kind="none">Not checkable</Outcome>
        <FilterChip field="status" value="open,ack" onRemove={() => undefined} />
        <Chip onPress={() => undefined}>203.0.113.7</Chip>
      </div>
      <div style={columnStyle}>
        <TextField label="Name" value={text} onChange={setText} description="As it will stand in exports." />
        <TextField label="Find" value={text} onChange={setText} icon={Search} placeholder="key or path" />
        <TextField
          label="Address"
          value="203.0.113.300"
          onChange={setText}
          isMono
          error="Expected an IPv4 or IPv6 address."
        />
        <Select
          label="Level"
          value={level}
          onChange={setLevel}
          options={[
            { id: 'low', label: 'Low', detail: 'Watch' },
            { id: 'high', label: 'High', detail: 'Two persons' },
          ]}
        />
        <PasswordField
          label="Password"
          purpose="new"
          value={password}
          onChange={setPassword}
          strength={{ score: 3, words: 'Good' }}
          rules={[
            { id: 'length', label: '12 characters', isMet: true },
            { id: 'known', label: 'not in the list of common passwords', isMet: true },
            { id: 'name', label: 'without your name', isMet: false },
          ]}
        />
        <CodeField
          label="6-digit code"
          value={code}
          onChange={setCode}
          onComplete={() => undefined}
          description="Checked after the sixth digit. You can paste it."
        />
        <ChoiceList
          label="Start"
          value={choice}
          onChange={setChoice}
          choices={[
            { id: 'new', label: 'New console', detail: 'Makes a store and its keys here.', icon: Shield },
            { id: 'join', label: 'Join a team console', detail: 'Needs its address.', icon: MonitorCheck },
            { id: 'verify', label: 'Just verify a bundle', detail: 'No account, no network.', icon: FileCheck },
          ]}
        />
        <div className="stack">
          <ChoiceList
            label="Theme"
            layout="row"
            value={theme}
            onChange={setTheme}
            choices={[
              { id: 'system', label: 'System' },
              { id: 'light', label: 'Light' },
              { id: 'dark', label: 'Dark' },
            ]}
          />
          <Checkbox isChecked onChange={() => undefined} detail="On sleep and on the system's own lock too.">
            Lock after 10 min idle
          </Checkbox>
          <Checkbox isChecked={false} isMixed onChange={() => undefined}>
            Some of them
          </Checkbox>
          <Checkbox isChecked isSwitch onChange={() => undefined}>
            Demo data
          </Checkbox>
          <ProgressBar
            label="Reading auth.log"
            done={184_211}
            total={412_000}
            unit="lines"
            rate={42_000}
            onCancel={() => undefined}
          />
        </div>
      </div>
      <div style={columnStyle}>
        <Tile
          icon={Inbox}
          title="Queue"
          age="now"
          number="37"
          of="open of 212 in 24 h"
          detail="3 Critical, 1 of them unassigned"
          href="#/queue"
        />
        <Tile
          icon={Shield}
          title="Audit chain"
          age="3 min ago"
          number="48,212"
          of="of 48,212 entries proven"
          detail="checkpoint 14:05 · anchors 2 of 3"
        />
      </div>
      <Panel title="Alerts, last 24 h" end={severities.map((each) => <Severity key={each} level={each} count={7} />)}>
        <div style={{ padding: '12px 16px 8px' }}>
          <Histogram
            label="212 alerts of the last 24 h by hour and severity"
            buckets={sampleBuckets}
            size="panel"
            height={180}
          />
        </div>
      </Panel>
      <Panel title="Risk" end="sum 84">
        <DataTable
          caption="Risk breakdown"
          isTight
          hasTotal
          rows={[
            { name: 'Severity high', value: 70 },
            { name: 'Entity weight', value: 14 },
            { name: 'Risk', value: 84 },
          ]}
          keyOf={(row) => row.name}
          columns={[
            { id: 'name', title: 'Part', cell: (row) => row.name },
            { id: 'value', title: 'Points', align: 'end', width: '80px', cell: (row) => row.value },
          ]}
        />
      </Panel>
      <div style={columnStyle}>
        <EmptyState reason="nothing" title="No open alerts" actions={<Button>See closed today</Button>}>
          Last event 2 min ago; 8 of 8 detectors on.
        </EmptyState>
        <ErrorState
          title="The alerts could not be read"
          detail="The service did not answer within 10 s."
          stillWorks="Detection keeps running."
          onRetry={() => undefined}
          diagnostics="timeout"
        />
        <LoadingSkeleton label="Loading alerts" rows={5} />
      </div>
      <Dialog
        title="Block 203.0.113.7 for 4 h"
        isOpen={dialog === 'form'}
        onClose={close}
        footer={
          <>
            <Button onPress={close}>Cancel</Button>
            <Button tone="primary">Block 4 h</Button>
          </>
        }
        footnote="Reverts 18:08 UTC"
      >
        <p>Hits 0 sessions, 0 keys of yours.</p>
        <TextField label="Reason" value={text} onChange={setText} autoFocus />
      </Dialog>
      <ConfirmDialog
        title="Delete key billing-sync"
        isOpen={dialog === 'confirm'}
        onClose={close}
        confirmLabel="Delete key"
        isDanger
        typeToConfirm="billing-sync"
        consequences={[
          { label: 'Consumers', value: <b>2 of 41</b> },
          { label: 'Requests in 24 h', value: '1,204' },
        ]}
        onConfirm={async () => {
          throw new Error('The key is in use by a playbook that runs now.');
        }}
      />
    </Page>
  );
}
