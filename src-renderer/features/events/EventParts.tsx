// One event in full: its fields, the hash it is proven by, and its JSON.

import type { EventOut } from '../../../src-shared/contract/events.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import { resultWord } from './event-columns.tsx';
import css from './events.module.css';

export function EventParts({ event }: { readonly event: EventOut }) {
  const json = JSON.stringify(event, null, 2);
  const named = [
    ['Received', <Time key="received" at={event.received_at} />],
    ['Source', event.source],
    ['Format', event.format],
    ['Signed by', event.signed_by === undefined ? undefined : `API key gh_${event.signed_by}_…`],
    ['Actor', event.actor],
    ['Address', event.ip_address],
    ['Action', event.action],
    ['Resource', [event.resource_type, event.resource_id].filter(Boolean).join(' ')],
    ['Result', resultWord(event)],
    ['User agent', event.user_agent],
  ] as const;
  return (
    <>
      <Block title="Fields">
        <KeyValues
          entries={named
            .filter(([, value]) => value !== undefined && value !== '')
            .map(([name, value]) => ({ name, value }))}
        />
      </Block>
      <Block title="SHA-256" end={<CopyButton value={event.sha256} what="the event's SHA-256" />}>
        <p className={css.hash}>{event.sha256}</p>
      </Block>
      <Block title="JSON" end={<CopyButton value={json} what="the event as JSON" />}>
        <pre className={css.json}>{json}</pre>
      </Block>
    </>
  );
}
