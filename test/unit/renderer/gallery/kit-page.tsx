// Every control of the kit on one page, in the states it has.

import { Ban, Copy, Download, Ellipsis, Search } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../../src-renderer/ui/controls/Button.tsx';
import { TextField } from '../../../../src-renderer/ui/controls/TextField.tsx';
import { Dialog } from '../../../../src-renderer/ui/overlays/Dialog.tsx';

export function KitPage() {
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  return (
    <div className="scroll stack" style={{ padding: 24 }}>
      <h1 className="title-l">Kit</h1>
      <div className="line wrap">
        <Button tone="primary" keys="a">
          Acknowledge
        </Button>
        <Button keys="i">Incident</Button>
        <Button icon={Ban} onPress={() => setOpen(true)}>
          Open dialog
        </Button>
        <Button tone="danger">Delete key</Button>
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
      </div>
      <div className="line" style={{ alignItems: 'flex-start', maxWidth: 800 }}>
        <TextField
          label="Name"
          value={text}
          onChange={setText}
          description="As it will stand in exports."
          className="grow"
        />
        <TextField
          label="Find"
          value={text}
          onChange={setText}
          icon={Search}
          placeholder="key or path"
          className="grow"
        />
        <TextField
          label="Address"
          value="203.0.113.300"
          onChange={() => undefined}
          isMono
          error="Expected an IPv4 or IPv6 address."
          className="grow"
        />
      </div>
      <TextField label="Reason" rows={3} value={text} onChange={setText} />
      <Dialog
        title="Block 203.0.113.7 for 4 h"
        isOpen={open}
        onClose={() => setOpen(false)}
        footer={
          <>
            <Button onPress={() => setOpen(false)}>Cancel</Button>
            <Button tone="primary" keys="Enter">
              Block 4 h
            </Button>
          </>
        }
        footnote="Reverts 18:08 UTC"
      >
        <p>Hits 0 sessions, 0 keys of yours.</p>
        <TextField label="Reason" value={text} onChange={setText} autoFocus />
      </Dialog>
    </div>
  );
}
