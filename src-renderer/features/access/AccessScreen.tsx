// Access: API keys and sessions, each under its own address.

import { useEffect, useState } from 'react';
import { call } from '../../api/client.ts';
import { apiUrl } from '../../app/curl-line.ts';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useMayDo, useSessionFacts } from '../../app/services.ts';
import { Tabs } from '../../ui/controls/Tabs.tsx';
import { Page } from '../../ui/layout/Page.tsx';
import { KeysTab } from './KeysTab.tsx';
import { SessionsTab } from './SessionsTab.tsx';

type TabId = 'keys' | 'sessions';

export function AccessScreen({ path }: ScreenProps) {
  const { user } = useSessionFacts();
  const maySeeKeys = useMayDo('keys.read');
  const apiBase = useApiBase();
  const asked: TabId = path[0] === 'sessions' || !maySeeKeys ? 'sessions' : 'keys';
  return (
    <Page title="Access" summary="Who and what may use this console.">
      <Tabs<TabId>
        label="Access"
        value={asked}
        onChange={(tab) => navigate({ screen: 'access', path: [tab] }, { replace: true })}
        tabs={[
          ...(maySeeKeys
            ? [{ id: 'keys' as const, label: 'API keys', content: () => <KeysTab apiBase={apiBase} /> }]
            : []),
          { id: 'sessions' as const, label: 'Sessions', content: () => <SessionsTab username={user.username} /> },
        ]}
      />
    </Page>
  );
}

function useApiBase(): string {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    // Only for the line to copy; without an answer the default address stands there.
    call('console.status', {}).then(
      (status) => setAddress(status.api_address),
      () => undefined,
    );
  }, []);
  return apiUrl(address);
}
