// A file dragged over the window: the layer says what will happen to it. Dropping is a shortcut; a button always does the same.

import { FileDown } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { cx } from '../../lib/cx.ts';
import { Icon } from '../Icon.tsx';
import css from './DropZone.module.css';

interface DropZoneProps {
  /** 'Drop a bundle to verify it' */
  readonly label: string;
  readonly detail?: string;
  readonly onFiles: (files: readonly File[]) => void;
  /** Of the whole screen: its layer, and a pane inside, lie over the screen wherever it is scrolled to. */
  readonly isScreen?: boolean;
  readonly children: ReactNode;
}

export function DropZone({ label, detail, onFiles, isScreen = false, children }: DropZoneProps) {
  const zone = useRef<HTMLDivElement>(null);
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });
  useEffect(() => {
    const element = zone.current;
    if (element === null) return;
    // Entering a child leaves its parent: only the balance says whether the pointer is still inside.
    let depth = 0;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth += 1;
      setIsOver(true);
    };
    const over = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault();
    };
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setIsOver(false);
      const files = Array.from(event.dataTransfer?.files ?? []);
      if (files.length > 0) latest.current(files);
    };
    element.addEventListener('dragenter', enter);
    element.addEventListener('dragover', over);
    element.addEventListener('dragleave', leave);
    element.addEventListener('drop', drop);
    return () => {
      element.removeEventListener('dragenter', enter);
      element.removeEventListener('dragover', over);
      element.removeEventListener('dragleave', leave);
      element.removeEventListener('drop', drop);
    };
  }, []);
  return (
    <div ref={zone} className={cx(css.zone, !isScreen && css.part)}>
      {children}
      {isOver && (
        <div className={css.layer}>
          <div className={css.card}>
            <Icon of={FileDown} size={24} />
            <p className="title-s">{label}</p>
            {detail !== undefined && <p className="small muted">{detail}</p>}
          </div>
        </div>
      )}
    </div>
  );
}
