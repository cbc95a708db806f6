// The secret provider: how it stands, since when, until when its token holds, and which settings came from elsewhere meanwhile.

import { RotateCw } from 'lucide-react';
import type { ProviderStatus } from '../../../src-shared/contract/settings.ts';
import { originNames } from '../../app/origin-words.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Outcome, type OutcomeKind } from '../../ui/data/Outcome.tsx';
import { RelativeTime, Time } from '../../ui/data/Time.tsx';
import { KeyValues, Panel } from '../../ui/layout/Page.tsx';
import { Banner } from '../../ui/states/Banner.tsx';
import css from './settings.module.css';

interface ProviderCardProps {
  readonly provider: ProviderStatus;
  readonly isChecking: boolean;
  readonly checkProblem: string | undefined;
  /** Absent: the person may only look. */
  readonly onCheck: (() => void) | undefined;
  readonly onShowFallbacks: () => void;
}

const states: Readonly<Record<ProviderStatus['state'], readonly [OutcomeKind, string]>> = {
  off: ['none', 'Not configured'],
  connected: ['good', 'Connected'],
  sealed: ['limited', 'Sealed'],
  forbidden: ['limited', 'Refuses'],
  unreachable: ['limited', 'Not reachable'],
  failing: ['limited', 'Failing'],
};

const authWords: Readonly<Record<NonNullable<ProviderStatus['auth']>, string>> = {
  token: 'token (VAULT_TOKEN)',
  approle: 'AppRole (VAULT_ROLE_ID, VAULT_SECRET_ID)',
  kubernetes: 'Kubernetes service account (VAULT_KUBERNETES_ROLE)',
};

export function ProviderCard({ provider, isChecking, checkProblem, onCheck, onShowFallbacks }: ProviderCardProps) {
  const [kind, word] = states[provider.state];
  return (
    <Panel
      title="Secret provider"
      end={
        <>
          {provider.checked_at !== null && (
            <span>
              asked <RelativeTime at={provider.checked_at} />
            </span>
          )}
          {onCheck && provider.configured && (
            <Button size="small" icon={RotateCw} isBusy={isChecking} onPress={onCheck}>
              Check now
            </Button>
          )}
        </>
      }
    >
      {provider.fallbacks.length > 0 && (
        <Banner
          actions={
            <Button size="small" onPress={onShowFallbacks}>
              Show which
            </Button>
          }
        >
          {fallbackWords(provider)}
        </Banner>
      )}
      <div className={css.providerBody}>
        {provider.configured ? (
          <KeyValues
            nameWidth="120px"
            entries={[
              {
                name: 'Vault',
                value: (
                  <span className="line wrap">
                    <Outcome kind={kind} isSmall>
                      {word}
                    </Outcome>
                    {provider.since !== null && (
                      <span className="muted">
                        since <Time at={provider.since} format="minute" />
                      </span>
                    )}
                  </span>
                ),
              },
              ...(provider.detail === null ? [] : [{ name: 'Says', value: provider.detail }]),
              { name: 'Address', value: <span className="mono">{provider.address ?? 'not set'}</span> },
              ...(provider.namespace === null
                ? []
                : [{ name: 'Namespace', value: <span className="mono">{provider.namespace}</span> }]),
              { name: 'Signs in by', value: provider.auth === null ? 'nothing yet' : authWords[provider.auth] },
              { name: 'Token', value: <TokenExpiry provider={provider} /> },
            ]}
          />
        ) : (
          <p className="muted">
            No Vault or OpenBao is configured. Secrets of the console itself come from the environment, else from what
            is stored here. VAULT_ADDR and a way to sign in switch it on.
          </p>
        )}
        {checkProblem !== undefined && (
          <p className={css.problem} role="alert">
            {checkProblem}
          </p>
        )}
      </div>
    </Panel>
  );
}

function TokenExpiry({ provider }: { readonly provider: ProviderStatus }) {
  const { token_expires_at: at, token_renewable: isRenewable } = provider;
  if (at === null) return provider.state === 'connected' ? 'does not expire' : 'none';
  return (
    <>
      expires <RelativeTime at={at} />
      {isRenewable === true ? '; renewed before' : isRenewable === false ? '; cannot be renewed' : ''}
    </>
  );
}

const stateWords: Readonly<Record<ProviderStatus['state'], string>> = {
  off: 'Vault is off.',
  connected: 'Vault is connected.',
  sealed: 'Vault is sealed.',
  forbidden: 'Vault refuses this console.',
  unreachable: 'Vault is not reachable.',
  failing: 'Vault is failing.',
};

/** 'Vault is sealed. Using environment values for 3 secrets.' */
export function fallbackWords({ state, fallbacks }: ProviderStatus): string {
  const origins = [...new Set(fallbacks.map(({ using }) => originNames[using].toLowerCase()))];
  const what = fallbacks.length === 1 ? '1 secret' : `${fallbacks.length} secrets`;
  return `${stateWords[state]} Using ${origins.join(' and ')} values for ${what}.`;
}
