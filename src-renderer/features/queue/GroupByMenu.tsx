// What the list is grouped by: one field, a second and third within it, or none.

import { Layers } from 'lucide-react';
import { type GroupField, groupFields, mostGroupFields } from '../../../src-shared/alert-words.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Menu } from '../../ui/overlays/Menu.tsx';
import { fieldWords } from './group-words.ts';

interface GroupByMenuProps {
  readonly groupBy: readonly GroupField[];
  readonly onGroupBy: (groupBy: readonly GroupField[]) => void;
}

export function GroupByMenu({ groupBy, onGroupBy }: GroupByMenuProps) {
  const isFull = groupBy.length >= mostGroupFields;
  const chosen = groupBy.map((field) => fieldWords[field].name);
  return (
    <Menu
      label="Group by"
      tone="quiet"
      size="small"
      trigger={
        <>
          <Icon of={Layers} /> Group by
        </>
      }
      placement="bottom end"
      groups={[
        ...(groupBy.length === 0
          ? []
          : [
              {
                id: 'chosen',
                title: chosen.join(' › '),
                entries: [
                  { id: 'none', label: 'No groups', onAction: () => onGroupBy([]) },
                  ...groupBy.map((field) => ({
                    id: `without-${field}`,
                    label: `Without ${fieldWords[field].name.toLowerCase()}`,
                    onAction: () => onGroupBy(groupBy.filter((each) => each !== field)),
                  })),
                ],
              },
            ]),
        ...(isFull
          ? []
          : [
              {
                id: 'fields',
                title: groupBy.length === 0 ? 'Group by' : 'Then by',
                entries: groupFields
                  .filter((field) => !groupBy.includes(field))
                  .map((field) => ({
                    id: field,
                    label: fieldWords[field].name,
                    onAction: () => onGroupBy([...groupBy, field]),
                  })),
              },
            ]),
      ]}
    />
  );
}
