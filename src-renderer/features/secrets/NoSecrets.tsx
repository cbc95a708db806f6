// The list without rows, and why: loading, refused, failed, nothing kept yet, or hidden by the filter.

import { useStore } from 'zustand';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { isFiltered, type SecretsQuery, wantsDeleted } from './secrets-query.ts';
import { secrets } from './secrets-state.ts';

interface NoSecretsProps {
  readonly query: SecretsQuery;
  readonly mayManage: boolean;
  readonly onQuery: (query: SecretsQuery) => void;
  readonly onCreate: () => void;
  readonly onImport: () => void;
}

export function NoSecrets({ query, mayManage, onQuery, onCreate, onImport }: NoSecretsProps) {
  const state = useStore(secrets);
  const { found } = state;
  const phase = found?.phase ?? state.phase;
  const failure = found === undefined ? state.failure : found.failure;
  if (phase === 'loading') return <LoadingSkeleton label="Loading secrets" rows={16} />;
  if (phase === 'forbidden') {
    return (
      <EmptyState reason="nothing" title="Your role does not include the vault">
        It takes the permission secrets.read. Whoever manages users can give it.
      </EmptyState>
    );
  }
  if (phase === 'failed') {
    return (
      <ErrorState
        title="The secrets could not be read"
        detail={failure}
        stillWorks="Nothing that is kept is lost, and tools that read by the API are not concerned by this page."
        onRetry={() => (found === undefined ? void secrets.load() : secrets.searchAgain())}
        diagnostics={`screen: secrets\nerror: ${failure ?? ''}`}
      />
    );
  }
  const total = state.secrets.length;
  if (isFiltered(query) && (total > 0 || wantsDeleted(query))) {
    return (
      <EmptyState
        reason="hidden"
        title={
          wantsDeleted(query)
            ? 'Nothing deleted matches'
            : query.text === ''
              ? `The filter hides ${formatCount(total)}`
              : `Nothing has “${query.text}” in its name, description, owner or tags`
        }
        actions={
          <Button
            onPress={() =>
              onQuery({ ...query, text: '', view: undefined, type: undefined, state: undefined, tag: '', path: '' })
            }
          >
            Show all {formatCount(total)}
          </Button>
        }
      />
    );
  }
  if (total > 0) {
    return (
      <EmptyState
        reason="hidden"
        title={`Nothing lies under ${query.path}`}
        actions={<Button onPress={() => onQuery({ ...query, path: '' })}>Show all {formatCount(total)}</Button>}
      />
    );
  }
  return (
    <EmptyState
      reason="nothing"
      title="No secret is kept yet"
      actions={
        mayManage && (
          <>
            <Button tone="primary" onPress={onCreate}>
              New secret
            </Button>
            <Button onPress={onImport}>Import a file</Button>
          </>
        )
      }
    >
      {mayManage
        ? 'Passwords, keys and certificates are sealed one by one; each reading is logged.'
        : 'Your role may see secrets, not add them.'}
    </EmptyState>
  );
}
