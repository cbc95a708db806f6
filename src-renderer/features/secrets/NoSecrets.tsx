// The list without rows, and why: loading, refused, failed, nothing kept yet, or hidden by the filter.

import { useStore } from 'zustand';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { isFiltered, matching, noSecretsQuery, type SecretsQuery, wantsDeleted } from './secrets-query.ts';
import { secrets } from './secrets-state.ts';
import type { SecretsState } from './secrets-store.ts';

/** What the conditions keep from being seen, and of how much. */
function hiddenWords({ secrets: all }: SecretsState, query: SecretsQuery): string {
  if (wantsDeleted(query)) return 'Nothing deleted matches';
  if (query.text !== '') {
    const isAlone = !isFiltered({ ...query, text: '' });
    return isAlone
      ? `Nothing has “${query.text}” in its name, description, owner or tags`
      : `Nothing with “${query.text}” passes the filter`;
  }
  const here = matching(all, { ...noSecretsQuery, path: query.path }, 0).length;
  return `The filter hides ${formatCount(here)}${query.path === '' ? '' : ` under ${query.path}`}`;
}

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
        stillWorks="Nothing that is kept is lost."
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
        title={hiddenWords(state, query)}
        actions={<Button onPress={() => onQuery(noSecretsQuery)}>Show all {formatCount(total)}</Button>}
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
