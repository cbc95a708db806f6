// The search over all paths and the conditions that narrow the list. Words are looked for while they are typed, once they rest.

import { ListFilter, PanelLeft, Search } from 'lucide-react';
import { type Ref, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { formatCount } from '../../lib/numbers.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { FilterChip } from '../../ui/controls/FilterChip.tsx';
import { Kbd } from '../../ui/controls/Kbd.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, type MenuGroup } from '../../ui/overlays/Menu.tsx';
import { secretStates, secretTypes, stateWords, typeWords } from './secret-words.ts';
import css from './secrets.module.css';
import { isFiltered, type SecretsQuery, viewWords, wantsDeleted } from './secrets-query.ts';
import { secrets } from './secrets-state.ts';

interface SearchFieldProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  /** Enter and Escape: on to the list. */
  readonly onLeave: () => void;
  readonly inputRef: Ref<HTMLInputElement>;
}

export function SearchField({ text, onText, onLeave, inputRef }: SearchFieldProps) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  return (
    <search className={css.search}>
      <TextField
        ref={inputRef}
        label="Search all paths"
        hideLabel
        icon={Search}
        type="search"
        placeholder="Search all paths"
        maxLength={200}
        value={typed}
        onChange={(next) => {
          setTyped(next);
          onText(next);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onLeave();
          if (event.key === 'Escape') {
            event.preventDefault();
            if (typed === '') onLeave();
            else onText('');
          }
        }}
        end={typed === '' ? <Kbd keys="/" /> : undefined}
      />
    </search>
  );
}

interface SecretsBarProps {
  readonly query: SecretsQuery;
  readonly tags: readonly string[];
  readonly onQuery: (query: SecretsQuery) => void;
}

const mostTags = 20;

function filterGroups({ query, tags, onQuery }: SecretsBarProps): readonly MenuGroup[] {
  return [
    {
      id: 'type',
      title: 'Type',
      entries: secretTypes.map((type) => ({
        id: `type.${type}`,
        label: typeWords[type],
        isCurrent: query.type === type,
        onAction: () => onQuery({ ...query, type: query.type === type ? undefined : type }),
      })),
    },
    {
      id: 'state',
      title: 'State',
      entries: secretStates.map((state) => ({
        id: `state.${state}`,
        label: stateWords[state],
        isCurrent: query.state === state,
        onAction: () => onQuery({ ...query, state: query.state === state ? undefined : state }),
      })),
    },
    ...(tags.length === 0
      ? []
      : [
          {
            id: 'tag',
            title: 'Tag',
            entries: tags.slice(0, mostTags).map((tag) => ({
              id: `tag.${tag}`,
              label: tag,
              isCurrent: query.tag === tag,
              onAction: () => onQuery({ ...query, tag: query.tag === tag ? '' : tag }),
            })),
          },
        ]),
  ];
}

export function FilterButton(props: SecretsBarProps) {
  return (
    <Menu
      label="Filter"
      placement="bottom end"
      trigger={
        <>
          <Icon of={ListFilter} /> Filter
        </>
      }
      groups={filterGroups(props)}
    />
  );
}

/** What narrows the list now; nothing when nothing does. */
export function FilterChips({ query, onQuery }: Omit<SecretsBarProps, 'tags'>) {
  const { view, type, state, tag, text } = query;
  if (view === undefined && type === undefined && state === undefined && tag === '' && text === '') return null;
  return (
    <div className={css.chips}>
      {text !== '' && <FilterChip field="text" value={text} onRemove={() => onQuery({ ...query, text: '' })} />}
      {view !== undefined && (
        <FilterChip field="view" value={viewWords[view]} onRemove={() => onQuery({ ...query, view: undefined })} />
      )}
      {type !== undefined && (
        <FilterChip field="type" value={typeWords[type]} onRemove={() => onQuery({ ...query, type: undefined })} />
      )}
      {state !== undefined && (
        <FilterChip field="state" value={stateWords[state]} onRemove={() => onQuery({ ...query, state: undefined })} />
      )}
      {tag !== '' && <FilterChip field="tag" value={tag} onRemove={() => onQuery({ ...query, tag: '' })} />}
    </div>
  );
}

/** Where there is no room for the paths beside the list. */
export function PathsButton({ isOpen, onPress }: { readonly isOpen: boolean; readonly onPress: () => void }) {
  return (
    <Button icon={PanelLeft} isPressed={isOpen} onPress={onPress}>
      Paths
    </Button>
  );
}

/** How many of how many, and whether that is all. */
export function Counts({ shown }: { readonly shown: number }) {
  const { secrets: all, deleted, found, phase, query, isComplete, failure } = useStore(secrets);
  if (phase !== 'ready' && all.length === 0) return null;
  const total = wantsDeleted(query) ? deleted.length : all.length;
  const isMore = found !== undefined && found.nextCursor !== null;
  return (
    <span className="muted small tn nowrap">
      {found === undefined && !isFiltered(query) && query.path === ''
        ? `${formatCount(total)} ${total === 1 ? 'secret' : 'secrets'}`
        : `${formatCount(shown)} of ${formatCount(total)}`}
      {isMore && ', more below'}
      {!isComplete && (failure === undefined ? ', loading' : ', not all could be read')}
    </span>
  );
}
