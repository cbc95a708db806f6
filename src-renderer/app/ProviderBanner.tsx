// The secret provider (Vault, OpenBao) in one line: connected, sealed, out of reach, and which settings are answered from elsewhere
// meanwhile. Nothing where none is configured.

import { useEffect, useState } from 'react';
import type { ProviderStatus } from '../../src-shared/contract/settings.ts';
import { call, subscribe } from '../api/client.ts';
import { failureWords, isAborted } from '../api/failures.ts';
import { Button } from '../ui/controls/Button.tsx';
import { RelativeTime } from '../ui/data/Time.tsx';
import { toasts } from '../ui/feedback/toast-list.ts';
import { KeyValues } from '../ui/layout/Page.tsx';
import { DataTable } from '../ui/lists/DataTable.tsx';
import { Dialog } from '../ui/overlays/Dialog.tsx';
import { Banner } from '../ui/states/Banner.tsx';
import { originWords } from './origin-words.ts';
import { type Fallback, providerSentence, sentenceOf } from './provider-words.ts';
import { useMayDo } from './services.ts';

function useProvider(): readonly [ProviderStatus | undefined, (provider: ProviderStatus) => void] {
  const maySee = useMayDo('settings.read');
  const [provider, setProvider] = useState<ProviderStatus>();
  useEffect(() => {
    if (!maySee) return;
    const stop = new AbortController();
    const read = () =>
      call('settings.list', {}, { signal: stop.signal }).then(
        (settings) => setProvider(settings.provider),
        // What was known last stays; a console that does not answer says so above every screen.
        () => undefined,
      );
    void read();
    const unsubscribe = subscribe(['settings.changed'], () => void read());
    return () => {
      stop.abort();
      unsubscribe();
    };
  }, [maySee]);
  return [provider, setProvider];
}

export function ProviderBanner() {
  const [provider, setProvider] = useProvider();
  const [isListed, setIsListed] = useState(false);
  const sentence = provider && providerSentence(provider);
  if (provider === undefined || sentence === undefined) return null;
  const isWell = provider.state === 'connected' && provider.fallbacks.length === 0;
  return (
    <>
      <Banner
        tone={isWell ? 'info' : 'warn'}
        actions={
          <Button size="small" tone="quiet" onPress={() => setIsListed(true)}>
            {provider.fallbacks.length > 0 ? 'Show which' : 'Details'}
          </Button>
        }
      >
        {sentence}
      </Banner>
      {isListed && <ProviderDialog provider={provider} onChange={setProvider} onClose={() => setIsListed(false)} />}
    </>
  );
}

interface ProviderDialogProps {
  readonly provider: ProviderStatus;
  readonly onChange: (provider: ProviderStatus) => void;
  readonly onClose: () => void;
}

function ProviderDialog({ provider, onChange, onClose }: ProviderDialogProps) {
  const mayAsk = useMayDo('settings.manage');
  const [isBusy, setIsBusy] = useState(false);
  async function ask(): Promise<void> {
    setIsBusy(true);
    try {
      onChange(await call('settings.check_provider', {}));
    } catch (error) {
      if (!isAborted(error)) toasts.show({ text: failureWords(error), tone: 'warn' });
    } finally {
      setIsBusy(false);
    }
  }
  return (
    <Dialog
      title={providerSentence(provider) ?? 'Vault'}
      isOpen
      onClose={onClose}
      isDismissable
      footer={
        <>
          {mayAsk && (
            <Button isBusy={isBusy} onPress={() => void ask()}>
              Ask again now
            </Button>
          )}
          <Button tone="primary" onPress={onClose}>
            Done
          </Button>
        </>
      }
    >
      {provider.detail !== null && <p>{sentenceOf(provider.detail)}</p>}
      <KeyValues
        entries={[
          ...(provider.address === null ? [] : [{ name: 'Address', value: provider.address }]),
          ...(provider.since === null ? [] : [{ name: 'So since', value: <RelativeTime at={provider.since} /> }]),
          ...(provider.checked_at === null
            ? []
            : [{ name: 'Last asked', value: <RelativeTime at={provider.checked_at} /> }]),
          ...(provider.token_expires_at === null
            ? []
            : [{ name: 'Token ends', value: <RelativeTime at={provider.token_expires_at} /> }]),
        ]}
      />
      {provider.fallbacks.length > 0 && (
        <DataTable
          caption="Names that are answered from elsewhere"
          isTight
          isFlush
          columns={[
            { id: 'name', title: 'Name', isMono: true, cell: (each: Fallback) => each.name },
            { id: 'using', title: 'Answered by', width: '192px', cell: (each: Fallback) => originWords[each.using] },
          ]}
          rows={provider.fallbacks}
          keyOf={(each) => each.name}
        />
      )}
    </Dialog>
  );
}
