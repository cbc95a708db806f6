// What of ATT&CK the rules look for: a column for each tactic, a cell for each technique that at least one rule names.

import { Download } from 'lucide-react';
import { useStore } from 'zustand';
import type { Coverage } from '../../../src-shared/contract/detections.ts';
import { navigatorLayer } from '../../../src-shared/navigator-layer.ts';
import { call } from '../../api/client.ts';
import { formatPlace } from '../../app/navigation.ts';
import { saveText } from '../../app/save-file.ts';
import { findTechnique, tactics } from '../../lib/attack-names.ts';
import { cx } from '../../lib/cx.ts';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/states/EmptyState.tsx';
import { ErrorState } from '../../ui/states/ErrorState.tsx';
import { LoadingSkeleton } from '../../ui/states/LoadingSkeleton.tsx';
import css from './coverage.module.css';
import { detections } from './detections-state.ts';
import { countOf } from './rule-words.ts';
import { useLoad } from './use-load.ts';

interface Cell extends Coverage {
  readonly name: string;
  readonly tactic: string;
  /** Sub-techniques that rules name, under their technique. */
  readonly parts: readonly Coverage[];
}

const elsewhere = 'Not in the local list';

export function CoverageView() {
  const reading = useStore(detections, (state) => state.reading);
  const { value, failure, reload } = useLoad(`coverage ${reading}`, (signal) =>
    call('detections.coverage', {}, { signal }),
  );
  if (value === undefined && failure !== undefined)
    return (
      <ErrorState
        title="The coverage could not be read"
        detail={failure}
        stillWorks="The rules go on."
        onRetry={reload}
      />
    );
  if (value === undefined) return <LoadingSkeleton label="Loading coverage" />;
  const cells = cellsOf(value.items);
  const covered = cells.filter(({ on, parts }) => on > 0 || parts.some((part) => part.on > 0)).length;
  if (cells.length === 0) {
    return (
      <EmptyState reason="nothing" title="No rule names a technique">
        Tags such as attack.t1110.001 say what a rule looks for.
      </EmptyState>
    );
  }
  return (
    <div className={css.page}>
      <div className={css.head}>
        <p>
          <b>{countOf(covered, 'technique')}</b> with at least one detector on, of {formatCount(cells.length)} that
          rules name.
        </p>
        <span className={css.legend}>
          <i className={cx(css.swatch, css.on)} /> on <i className={cx(css.swatch, css.simulated)} /> simulated{' '}
          <i className={cx(css.swatch, css.off)} /> off
        </span>
        <span className="grow" />
        <Button
          icon={Download}
          onPress={() =>
            saveText(
              'gatehouse-attack-layer.json',
              `${JSON.stringify(navigatorLayer(value.items, 'Gatehouse'), null, 2)}\n`,
              'application/json',
            )
          }
        >
          Save Navigator layer
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key */}
      <section className={css.matrix} tabIndex={0} aria-label="ATT&CK techniques by tactic">
        {[...tactics, elsewhere].map((tactic) => {
          const own = cells.filter((cell) => cell.tactic === tactic);
          return own.length === 0 ? null : (
            <section key={tactic} className={css.column}>
              <h2 className={css.tactic}>
                {tactic} <span className="small faint">{own.length}</span>
              </h2>
              <ul>
                {own.map((cell) => (
                  <li key={cell.technique}>
                    <Technique cell={cell} />
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </section>
    </div>
  );
}

function Technique({ cell }: { readonly cell: Cell }) {
  const all = [cell, ...cell.parts];
  const on = all.reduce((sum, one) => sum + one.on, 0);
  const simulated = all.reduce((sum, one) => sum + one.simulated, 0);
  const off = all.reduce((sum, one) => sum + one.off, 0);
  const alerts = all.reduce((sum, one) => sum + one.alerts_30d, 0);
  const state = on > 0 ? 'on' : simulated > 0 ? 'simulated' : 'off';
  const parts = cell.parts.map(({ technique }) => `${technique} ${findTechnique(technique)?.name ?? ''}`.trim());
  return (
    <a
      className={cx(css.cell, css[state])}
      href={formatPlace({ screen: 'detections', query: { q: cell.technique } })}
      title={parts.join('\n')}
    >
      <span className="mono small">{cell.technique}</span>
      <span className={css.name}>{cell.name}</span>
      <span className="small">
        {on} on{simulated > 0 && `, ${simulated} simulated`}
        {off > 0 && `, ${off} off`}
        {cell.parts.length > 0 && `; ${countOf(cell.parts.length, 'part')}`}
        {alerts > 0 && <b>; {countOf(alerts, 'alert')}</b>}
      </span>
    </a>
  );
}

function cellsOf(items: readonly Coverage[]): Cell[] {
  const found = new Map<string, { own: Coverage; parts: Coverage[] }>();
  for (const item of items) {
    const id = item.technique.slice(0, 5);
    const known = found.get(id) ?? { own: { technique: id, on: 0, simulated: 0, off: 0, alerts_30d: 0 }, parts: [] };
    found.set(id, known);
    if (item.technique === id) known.own = item;
    else known.parts.push(item);
  }
  return Array.from(found, ([id, { own, parts }]) => {
    const known = findTechnique(id);
    return { ...own, parts, name: known?.name ?? '', tactic: known?.tactic ?? elsewhere };
  });
}
