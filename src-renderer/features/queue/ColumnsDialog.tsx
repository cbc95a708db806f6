// How a view is shown: its columns and their order, by box and button alone, what comes first, and how dense. Each press is kept at once.

import { ArrowDown, ArrowUp } from 'lucide-react';
import { useRef } from 'react';
import type { AlertColumnName, AlertView } from '../../../src-shared/alert-words.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Checkbox } from '../../ui/controls/Checkbox.tsx';
import { ChoiceList } from '../../ui/controls/ChoiceList.tsx';
import { announce } from '../../ui/feedback/announcer.ts';
import { toasts } from '../../ui/feedback/toast-list.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Dialog } from '../../ui/overlays/Dialog.tsx';
import { columnWords } from './alert-words.ts';
import css from './ColumnsDialog.module.css';
import { choicesOf, type Layout, movedColumn, withColumn } from './layouts.ts';
import { layouts } from './queue-state.ts';

interface ColumnsDialogProps {
  readonly view: AlertView;
  /** As it is called on the page. */
  readonly name: string;
  readonly layout: Layout;
  readonly onClose: () => void;
}

export function ColumnsDialog({ view, name, layout, onClose }: ColumnsDialogProps) {
  const list = useRef<HTMLUListElement>(null);
  const isUsual = !layouts.getState().layouts.has(view);
  const keep = (next: Layout) => void layouts.arrange(view, next).then(tellFailure);

  function move(column: AlertColumnName, step: 1 | -1): void {
    const next = movedColumn(layout, column, step);
    if (next === undefined) return;
    keep(next);
    const place = next.columns.indexOf(column) + 1;
    announce(`${columnWords[column]}, ${place} of ${next.columns.length}`);
    // At an end the button goes; the other one of the column is where one goes on.
    const isEnd = movedColumn(next, column, step) === undefined;
    if (isEnd) {
      list.current?.querySelector<HTMLElement>(`[data-move="${column} ${-step}"]`)?.focus();
    }
  }

  return (
    <Dialog
      title={`Columns of “${name}”`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button isDisabled={isUsual} onPress={() => void layouts.reset(view).then(tellFailure)}>
            As usual
          </Button>
          <Button tone="primary" onPress={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className="stack">
        <ul ref={list} className={css.columns} aria-label="Columns, from left to right">
          {choicesOf(layout).map((column) => {
            const isShown = layout.columns.includes(column);
            return (
              <li key={column}>
                {column === 'title' ? (
                  <span className={css.fixed}>
                    {columnWords[column]} <span className="small muted">always shown</span>
                  </span>
                ) : (
                  <Checkbox isChecked={isShown} onChange={(shown) => keep(withColumn(layout, column, shown))}>
                    {columnWords[column]}
                  </Checkbox>
                )}
                {isShown && (
                  <span className={css.moves}>
                    {([-1, 1] as const).map((step) => {
                      const label = `Move ${columnWords[column]} ${step < 0 ? 'to the left' : 'to the right'}`;
                      return (
                        <button
                          key={step}
                          type="button"
                          className={css.move}
                          data-move={`${column} ${step}`}
                          aria-label={label}
                          title={label}
                          disabled={movedColumn(layout, column, step) === undefined}
                          onClick={() => move(column, step)}
                        >
                          <Icon of={step < 0 ? ArrowUp : ArrowDown} />
                        </button>
                      );
                    })}
                  </span>
                )}
              </li>
            );
          })}
        </ul>
        <p className="small muted">In a narrow list some give way.</p>
        <ChoiceList
          label="First"
          layout="row"
          choices={[
            { id: 'risk', label: 'Highest risk' },
            { id: 'newest', label: 'Newest' },
          ]}
          value={layout.sort}
          onChange={(sort) => keep({ ...layout, sort })}
        />
        <ChoiceList
          label="Density"
          layout="row"
          choices={[
            { id: 'usual', label: 'As in settings' },
            { id: 'compact', label: 'Compact' },
            { id: 'comfortable', label: 'Comfortable' },
          ]}
          value={layout.density ?? 'usual'}
          onChange={(density) => keep({ ...layout, density: density === 'usual' ? null : density })}
        />
      </div>
    </Dialog>
  );
}

export function tellFailure(failure: string | undefined): void {
  if (failure !== undefined) toasts.show({ tone: 'warn', text: `The view could not be kept. ${failure}` });
}
