// The pane beside a list: it pushes, it does not cover, until the window is too narrow for both. Opened by key it takes the focus
// and gives it back to the row on closing. Its edge is dragged or moved with the arrow keys.

import { ChevronDown, ChevronUp, Maximize2, X } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import { cx } from '../../lib/cx.ts';
import { Button } from '../controls/Button.tsx';
import type { SeverityLevel } from '../data/severity-levels.ts';
import css from './layout.module.css';

/** Of a pane beside its list; narrower screens give it the whole width. */
export const paneWidth = { least: 480, most: 640, step: 16 } as const;

interface DetailPaneProps {
  /** 'Alert ALR-20928' */
  readonly label: string;
  readonly title: string;
  /** Left of the pane's own controls: severity, tags, timer. */
  readonly headline?: ReactNode;
  /** Under the title: id, who, when. */
  readonly facts?: ReactNode;
  readonly actions?: ReactNode;
  readonly severity?: SeverityLevel | undefined;
  readonly width: number;
  readonly onWidthChange: (width: number) => void;
  readonly onClose: () => void;
  readonly onPrevious?: (() => void) | undefined;
  readonly onNext?: (() => void) | undefined;
  readonly onFullPage?: (() => void) | undefined;
  /** Whether opening moves the focus in: yes for Enter, no for a preview that follows the list. */
  readonly takesFocus: boolean;
  readonly children: ReactNode;
}

/** A list and its pane side by side. */
export function Split({ list, pane }: { readonly list: ReactNode; readonly pane: ReactNode }) {
  return (
    <div className={css.split}>
      <div className={css.listSide}>{list}</div>
      {pane}
    </div>
  );
}

export function DetailPane(props: DetailPaneProps) {
  const { label, title, severity, takesFocus, onPrevious, onNext, onFullPage } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const pane = useRef<HTMLElement>(null);
  const cameFrom = useRef<Element | null>(null);
  useLayoutEffect(() => {
    // Where the pane covers the list, the row that had the focus is out of sight, so the pane takes it in any case.
    if (!takesFocus && !(pane.current && covers(pane.current))) return;
    if (document.activeElement !== document.body) cameFrom.current = document.activeElement;
    heading.current?.focus();
  }, [takesFocus]);
  useInertBehind(pane);
  useEffect(() => {
    const element = pane.current;
    const beside = element?.parentElement;
    return () => {
      // Only if the focus would be lost with the pane; who has moved on is left alone.
      const isLost = document.activeElement === document.body || element?.contains(document.activeElement) === true;
      if (!isLost) return;
      // Rows that were read anew meanwhile are others: then the one that is current now.
      const row = cameFrom.current?.isConnected
        ? cameFrom.current
        : beside?.querySelector('[role="row"][tabindex="0"]');
      if (row instanceof HTMLElement) row.focus();
    };
  }, []);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    props.onClose();
  }

  return (
    <aside
      ref={pane}
      className={css.pane}
      style={{ width: props.width }}
      aria-label={label}
      data-region="detail"
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        // Whatever brought the focus in, a key or a press, it returns to where it was before.
        if (event.relatedTarget !== null && !event.currentTarget.contains(event.relatedTarget)) {
          cameFrom.current = event.relatedTarget;
        }
      }}
    >
      <Grip width={props.width} onWidthChange={props.onWidthChange} />
      <div className={css.paneInside}>
        <header className={css.paneHead}>
          {severity !== undefined && <i className={cx(css.edge, css[severity])} />}
          <div className={css.paneLine}>
            {props.headline}
            <div className={css.paneControls}>
              {onPrevious && (
                <Button tone="quiet" size="small" icon={ChevronUp} label="Previous" keys="[" onPress={onPrevious} />
              )}
              {onNext && <Button tone="quiet" size="small" icon={ChevronDown} label="Next" keys="]" onPress={onNext} />}
              {onFullPage && (
                <Button
                  tone="quiet"
                  size="small"
                  icon={Maximize2}
                  label="Full page"
                  keys="Enter"
                  onPress={onFullPage}
                />
              )}
              <Button tone="quiet" size="small" icon={X} label="Close" keys="Escape" onPress={props.onClose} />
            </div>
          </div>
          <h2 ref={heading} tabIndex={-1} className={css.paneTitle}>
            {title}
          </h2>
          {props.facts !== undefined && <div className="line small muted wrap">{props.facts}</div>}
          {props.actions !== undefined && <div className={css.paneActions}>{props.actions}</div>}
        </header>
        <div className={css.paneBody}>{props.children}</div>
      </div>
    </aside>
  );
}

function covers(pane: HTMLElement): boolean {
  return getComputedStyle(pane).position === 'absolute';
}

/** While the pane covers what is around it nothing behind it can be focused or read. The stylesheet decides when that is. */
function useInertBehind(pane: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const element = pane.current;
    const parent = element?.parentElement;
    if (!element || !parent) return;
    let behind: readonly Element[] = [];
    const set = (isInert: boolean) => {
      for (const each of behind) each.removeAttribute('inert');
      behind = isInert ? coveredBy(element) : [];
      for (const each of behind) each.setAttribute('inert', '');
    };
    const observer = new ResizeObserver(() => set(covers(element)));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      set(false);
    };
  }, [pane]);
}

/** Beside the pane, and beside what holds it, up to the box that it fills. */
function coveredBy(pane: HTMLElement): readonly Element[] {
  const found: Element[] = [];
  for (let at: Element = pane; at.parentElement !== null && at !== pane.offsetParent; at = at.parentElement) {
    found.push(...Array.from(at.parentElement.children).filter((each) => each !== at));
  }
  return found;
}

function clampWidth(width: number): number {
  return Math.min(paneWidth.most, Math.max(paneWidth.least, Math.round(width)));
}

function Grip({ width, onWidthChange }: Pick<DetailPaneProps, 'width' | 'onWidthChange'>) {
  const drag = useRef<{ readonly x: number; readonly width: number } | undefined>(undefined);

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowLeft: paneWidth.step, ArrowRight: -paneWidth.step }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onWidthChange(clampWidth(width + step));
  }

  function onPointerMove(event: PointerEvent): void {
    if (drag.current) onWidthChange(clampWidth(drag.current.width + drag.current.x - event.clientX));
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is a widget, not a rule
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the pane"
      aria-valuenow={width}
      aria-valuemin={paneWidth.least}
      aria-valuemax={paneWidth.most}
      tabIndex={0}
      className={css.grip}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, width };
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        drag.current = undefined;
      }}
    />
  );
}
