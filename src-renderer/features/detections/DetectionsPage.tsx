// Detection: the detectors, the packs they come in, exceptions from them, and what of ATT&CK they cover. The address says which.

import { Plus } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { navigate, type ScreenProps } from '../../app/navigation.ts';
import { useMayDo } from '../../app/services.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Strip } from '../../ui/layout/Page.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import { CoverageView } from './CoverageView.tsx';
import { DetectorList } from './DetectorList.tsx';
import css from './detections.module.css';
import { detections } from './detections-state.ts';
import { ExceptionsView } from './ExceptionsView.tsx';
import { MappingView } from './MappingView.tsx';
import { PacksView } from './PacksView.tsx';
import { RuleEditor } from './RuleEditor.tsx';

const views = [
  { id: 'detectors', label: 'Detectors' },
  { id: 'packs', label: 'Packs' },
  { id: 'exceptions', label: 'Exceptions' },
  { id: 'log-sources', label: 'Log sources' },
  { id: 'coverage', label: 'Coverage' },
] as const;

export function DetectionsPage({ path, query }: ScreenProps) {
  const { phase, failure } = useStore(detections);
  const [first, second] = path;

  useEffect(() => {
    void detections.load();
    return detections.listen();
  }, []);

  if (first === 'new' || first === 'edit') {
    return (
      <RuleEditor
        key={`${first} ${second ?? ''}`}
        ruleId={first === 'edit' ? second : undefined}
        copyFrom={query.copy}
        showsVersions={query.show === 'versions'}
      />
    );
  }
  const view = views.find(({ id }) => id === first)?.id ?? 'detectors';
  return (
    <div className={css.page}>
      <Head view={view} />
      {phase === 'loading' && <LoadingSkeleton label="Loading detectors" />}
      {phase === 'failed' && (
        <ErrorState
          title="The detectors could not be read"
          detail={failure}
          stillWorks="The rules themselves are unchanged."
          onRetry={() => void detections.load()}
          diagnostics={`screen: detections\nerror: ${failure ?? ''}`}
        />
      )}
      {phase === 'ready' && view === 'detectors' && <DetectorList openId={first} query={query} />}
      {phase === 'ready' && view === 'packs' && <PacksView />}
      {phase === 'ready' && view === 'exceptions' && <ExceptionsView />}
      {phase === 'ready' && view === 'log-sources' && <MappingView />}
      {phase === 'ready' && view === 'coverage' && <CoverageView />}
    </div>
  );
}

function Head({ view }: { readonly view: (typeof views)[number]['id'] }) {
  const { items, refused, compiling, phase, failure } = useStore(detections);
  const mayManage = useMayDo('detections.manage');
  const on = items.filter(({ state }) => state === 'on').length;
  const simulated = items.filter(({ state }) => state === 'simulated').length;
  return (
    <Strip>
      <h1 className="title-s">Detectors</h1>
      {phase === 'ready' && (
        <span className="muted nowrap">
          {formatCount(on)} of {formatCount(items.length + refused.length)} on
          {simulated > 0 && `, ${formatCount(simulated)} simulated`}
          {refused.length > 0 && `, ${formatCount(refused.length)} refused`}
        </span>
      )}
      <span role="status" className="small muted nowrap">
        {compiling && 'changed rules are being compiled …'}
        {phase === 'ready' && failure !== undefined && 'as last read'}
      </span>
      <span className="grow" />
      <nav className={css.views} aria-label="Views of detection">
        {views.map(({ id, label }) => (
          <Button
            key={id}
            tone={id === view ? 'plain' : 'quiet'}
            size="small"
            isPressed={id === view}
            onPress={() => navigate({ screen: 'detections', path: id === 'detectors' ? [] : [id] })}
          >
            {label}
          </Button>
        ))}
      </nav>
      {mayManage && (
        <Button size="small" icon={Plus} onPress={() => navigate({ screen: 'detections', path: ['new'] })}>
          New rule
        </Button>
      )}
    </Strip>
  );
}
