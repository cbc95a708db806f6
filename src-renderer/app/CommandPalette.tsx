// Ctrl/Cmd+K: go to, do, find. The arrows move, Enter runs, the right half says what it would do. Focus stays in the field.

import { Search } from 'lucide-react';
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { cx } from '../lib/cx.ts';
import { Kbd } from '../ui/controls/Kbd.tsx';
import { announce } from '../ui/feedback/announcer.ts';
import { Icon } from '../ui/Icon.tsx';
import css from './CommandPalette.module.css';
import { type Command, type CommandSource, groupTitles, paletteGroups } from './palette.ts';

interface CommandPaletteProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Only what the person may do: others are left out, not shown as disabled. */
  readonly commands: readonly Command[];
  readonly sources?: readonly CommandSource[];
  /** Ids, the last used first. */
  readonly recent?: readonly string[];
  readonly onUsed?: (id: string) => void;
}

export function CommandPalette(props: CommandPaletteProps) {
  return (
    <ModalOverlay
      className={css.scrim ?? ''}
      isOpen={props.isOpen}
      isDismissable
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
    >
      <Modal className={css.modal ?? ''}>
        <AriaDialog className={css.dialog ?? ''} aria-label="Search or run a command">
          <Palette {...props} />
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

const noSources: readonly CommandSource[] = [];
const noneUsed: readonly string[] = [];

function Palette({ onClose, commands, sources = noSources, recent = noneUsed, onUsed }: CommandPaletteProps) {
  const id = useId();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  // Typing is never held up by a long list.
  const searched = useDeferredValue(query);
  const groups = useMemo(
    () => paletteGroups(commands, sources, searched, recent),
    [commands, sources, searched, recent],
  );
  const flat = groups.flatMap((group) => group.commands);
  const position = Math.min(chosen, flat.length - 1);
  const command = flat[position];
  const preview = command?.preview?.();

  useEffect(() => {
    list.current?.querySelector(`[data-position="${position}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [position]);
  useEffect(() => {
    if (searched !== '') announce(`${flat.length} results`);
  }, [searched, flat.length]);

  function run(target: Command): void {
    onUsed?.(target.id);
    onClose();
    target.run();
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const last = flat.length - 1;
    const moved = {
      ArrowDown: position >= last ? 0 : position + 1,
      ArrowUp: position <= 0 ? last : position - 1,
      PageDown: Math.min(last, position + 8),
      PageUp: Math.max(0, position - 8),
    }[event.key];
    const hasSelection = event.currentTarget.selectionStart !== event.currentTarget.selectionEnd;
    if (moved !== undefined) setChosen(moved);
    else if (event.key === 'Enter' && command && !event.nativeEvent.isComposing) run(command);
    else if (event.key === 'c' && (event.ctrlKey || event.metaKey) && !hasSelection && command?.cli !== undefined) {
      void navigator.clipboard.writeText(command.cli);
      announce('Copied the command line');
    } else return;
    event.preventDefault();
  }

  let index = -1;
  return (
    <>
      <div className={css.search}>
        <Icon of={Search} />
        <input
          // biome-ignore lint/a11y/noAutofocus: a dialog that is a field
          autoFocus
          className={css.input}
          role="combobox"
          aria-label="Search or run a command"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={command && `${id}-${position}`}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck="false"
          placeholder="Go to, do, find"
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Kbd keys="Escape" />
      </div>
      <div className={cx(css.body, preview !== undefined && css.withPreview)}>
        <div ref={list} id={`${id}-list`} className={css.list} role="listbox" aria-label="Results" tabIndex={-1}>
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: a group of results, not a form's fieldset
            <div key={group.group} role="group" aria-labelledby={`${id}-${group.group}`}>
              {/* A list box may hold options and groups of them, no headings: this is the group's name. */}
              <div id={`${id}-${group.group}`} className={css.heading} role="presentation">
                {groupTitles[group.group]}
              </div>
              {group.commands.map((each) => {
                index += 1;
                const own = index;
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
                  <div
                    key={each.id}
                    id={`${id}-${own}`}
                    data-position={own}
                    role="option"
                    tabIndex={-1}
                    aria-selected={own === position}
                    className={css.option}
                    onPointerMove={() => setChosen(own)}
                    onClick={() => run(each)}
                  >
                    <Icon of={each.icon} />
                    <span className="clip grow">{each.label}</span>
                    {each.hint !== undefined && <span className={css.hint}>{each.hint}</span>}
                    {own === position && each.keys === undefined ? (
                      <Kbd keys="Enter" />
                    ) : (
                      each.keys && <Kbd keys={each.keys} />
                    )}
                  </div>
                );
              })}
            </div>
          ))}
          {flat.length === 0 && (
            <p className={css.nothing}>Nothing found for “{searched.trim()}”. Try a screen, a verb or an address.</p>
          )}
        </div>
        {preview !== undefined && <div className={css.preview}>{preview}</div>}
      </div>
      <footer className={css.foot}>
        <span className={css.footItem}>
          <Kbd keys="ArrowUp ArrowDown" /> move
        </span>
        <span className={css.footItem}>
          <Kbd keys="Enter" /> {preview === undefined ? 'run' : 'open the preview'}
        </span>
        {command?.cli !== undefined && (
          <span className={css.footItem}>
            <Kbd keys="Mod+c" /> copy as CLI
          </span>
        )}
        <span className={css.count}>{flat.length} results</span>
      </footer>
    </>
  );
}
