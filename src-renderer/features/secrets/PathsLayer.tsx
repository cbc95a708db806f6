// The paths over the list, where there is no room for them beside it, and how much room there is.

import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import css from './secrets.module.css';

/** It takes the focus and gives it back; Escape and the button that opened it close it. */
export function PathsLayer({ onClose, children }: { readonly onClose: () => void; readonly children: ReactNode }) {
  const layer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const cameFrom = document.activeElement;
    layer.current?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus();
    return () => {
      if (document.activeElement === document.body && cameFrom instanceof HTMLElement) cameFrom.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the layer, whatever in it has the focus
    <div
      ref={layer}
      className={cx(css.tree, css.over)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </div>
  );
}

/** Is the box at least so many pixels wide? */
export function useRoom(box: { readonly current: HTMLElement | null }, least: number): boolean {
  const [hasRoom, setHasRoom] = useState(true);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setHasRoom(element.clientWidth >= least);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, least]);
  return hasRoom;
}
