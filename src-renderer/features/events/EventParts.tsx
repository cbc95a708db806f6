// One event in full: its fields, each a way to narrow the search, the hash it is proven by, its JSON, and how it stands in OCSF.

import { useState } from 'react';
import type { EventOut } from '../../../src-shared/contract/events.ts';
import { call } from '../../api/client.ts';
import { failureWords } from '../../api/failures.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Tabs } from '../../ui/controls/Tabs.tsx';
import { Time } from '../../ui/data/Time.tsx';
import { Block, KeyValues } from '../../ui/layout/Page.tsx';
import { resultWord } from './event-columns.tsx';
import css from './events.module.css';
import { withCondition } from './events-query.ts';

interface EventPartsProps {
  readonly event: EventOut;
  readonly query: string;
  readonly onQuery: (query: string) => void;
}

type Shown = 'fields' | 'json' | 'ocsf';

export function EventParts(props: EventPartsProps) {
  const [shown, setShown] = useState<Shown>('fields');
  const { event } = props;
  const json = JSON.stringify(event, null, 2);
  return (
    <Tabs<Shown>
      label="Views of the event"
      value={shown}
      onChange={setShown}
      tabs={[
        { id: 'fields', label: 'Fields', content: () => <Fields {...props} /> },
        {
          id: 'json',
          label: 'JSON',
          content: () => (
            <Block title="As the API answers it" end={<CopyButton value={json} what="the event as JSON" />}>
              <pre className={css.json}>{json}</pre>
            </Block>
          ),
        },
        { id: 'ocsf', label: 'OCSF', content: () => <Ocsf key={event.id} id={event.id} /> },
      ]}
    />
  );
}

function Fields({ event, query, onQuery }: EventPartsProps) {
  const narrow = (name: string, field: string, value: string | undefined, word = value) => ({
    name,
    value:
      value === undefined || value === '' ? undefined : (
        <span className={css.fieldValue}>
          <span>{word}</span>
          <Button
            size="small"
            tone="quiet"
            label={`Only ${name.toLowerCase()} ${value}`}
            onPress={() => onQuery(withCondition(query, field, value))}
          >
            Only
          </Button>
          <Button
            size="small"
            tone="quiet"
            label={`Not ${name.toLowerCase()} ${value}`}
            onPress={() => onQuery(withCondition(query, field, value, true))}
          >
            Not
          </Button>
        </span>
      ),
  });
  const named = [
    { name: 'Received', value: <Time key="received" at={event.received_at} /> },
    narrow('Source', 'source', event.source),
    narrow('Format', 'format', event.format),
    { name: 'Signed by', value: event.signed_by === undefined ? undefined : `API key gh_${event.signed_by}_…` },
    narrow('Actor', 'actor', event.actor),
    narrow('Address', 'ip_address', event.ip_address),
    narrow('Action', 'action', event.action),
    narrow('Kind', 'resource_type', event.resource_type),
    narrow('Resource', 'resource_id', event.resource_id),
    narrow('Result', 'success', event.success === undefined ? undefined : String(event.success), resultWord(event)),
    narrow('Session', 'session_id', event.session_id),
    { name: 'User agent', value: event.user_agent },
  ];
  const details = Object.entries(event.details ?? {});
  return (
    <>
      <Block title="Fields">
        <KeyValues entries={named.filter(({ value }) => value !== undefined && value !== '')} />
      </Block>
      {details.length > 0 && (
        <Block title="Details">
          <KeyValues
            nameWidth="128px"
            entries={details.map(([name, value]) => ({
              name,
              value: <span className={css.detail}>{typeof value === 'string' ? value : JSON.stringify(value)}</span>,
            }))}
          />
        </Block>
      )}
      <Block title="SHA-256" end={<CopyButton value={event.sha256} what="the event's SHA-256" />}>
        <p className={css.hash}>{event.sha256}</p>
      </Block>
    </>
  );
}

/** Made by the service, and an export like any other: it is asked for, not shown in passing. */
function Ocsf({ id }: { readonly id: string }) {
  const [text, setText] = useState<string>();
  const [failure, setFailure] = useState<string>();

  async function show(): Promise<void> {
    setFailure(undefined);
    try {
      const { lines } = await call('events.export', { q: `id:${id}`, format: 'ocsf-1.8.0', limit: 1 });
      setText(JSON.stringify(JSON.parse(lines[0] ?? '{}'), null, 2));
    } catch (error) {
      setFailure(failureWords(error));
    }
  }

  if (text === undefined) {
    return (
      <Block title="OCSF 1.8.0">
        <p className="small muted">Writing an event in the format of another tool is an entry in the audit log.</p>
        {failure !== undefined && <p className="small warn">{failure}</p>}
        <Button onPress={() => void show()}>Show as OCSF</Button>
      </Block>
    );
  }
  return (
    <Block title="OCSF 1.8.0" end={<CopyButton value={text} what="the event as OCSF" />}>
      <pre className={css.json}>{text}</pre>
    </Block>
  );
}
