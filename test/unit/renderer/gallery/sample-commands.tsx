// Commands for the palette: two written ones, one made from what is typed, and the screens.

import { Ban, CircleHelp, FlaskConical, Globe, ScrollText } from 'lucide-react';
import { navigate } from '../../../../src-renderer/app/navigation.ts';
import type { Command, CommandSource } from '../../../../src-renderer/app/palette.ts';
import { DataTable } from '../../../../src-renderer/ui/lists/DataTable.tsx';
import { sampleScreens } from './sample-screens.ts';

export const sampleCommands: readonly Command[] = [
  ...sampleScreens.map(
    (screen): Command => ({
      id: `go.${screen.id}`,
      group: 'go',
      label: screen.label,
      icon: screen.icon,
      keys: screen.keys,
      run: () => navigate({ screen: screen.id }),
    }),
  ),
  { id: 'do.drill', group: 'do', label: 'Run a drill', icon: FlaskConical, run: () => undefined },
  { id: 'find.audit', group: 'find', label: 'Audit entries with an address', icon: ScrollText, run: () => undefined },
  { id: 'find.blocked', group: 'find', label: 'Who blocked an address?', icon: CircleHelp, run: () => undefined },
];

export const blockSource: CommandSource = (query) => {
  const [, address, length] = /^block (\S+)(?: (\d+[mhd]))?$/.exec(query) ?? [];
  if (address === undefined) return [];
  const words = `Block ${address} for ${length ?? '4h'}`;
  return [
    {
      id: 'do.block',
      group: 'do',
      label: words,
      icon: Ban,
      hint: 'preview',
      cli: `gatehouse block ${address} --for ${length ?? '4h'}`,
      preview: () => (
        <>
          <h2 className="title-s">{words}</h2>
          <DataTable
            caption="Would hit"
            isTight
            isFlush
            rows={[
              { name: 'Sessions', hit: '0 of 23' },
              { name: 'API keys', hit: '0 of 41' },
            ]}
            keyOf={(row) => row.name}
            columns={[
              { id: 'name', title: 'Would hit', cell: (row) => row.name },
              { id: 'hit', title: 'How many', align: 'end', cell: (row) => row.hit },
            ]}
          />
        </>
      ),
      run: () => undefined,
    },
    { id: 'find.address', group: 'find', label: address, icon: Globe, hint: '2 open alerts', run: () => undefined },
  ];
};
