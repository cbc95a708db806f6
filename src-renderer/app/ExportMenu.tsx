// The way out of a list: what it shows as a file of another tool.

import { Download } from 'lucide-react';
import type { OutputFormat } from '../../src-shared/contract/search.ts';
import { Icon } from '../ui/Icon.tsx';
import { Menu } from '../ui/overlays/Menu.tsx';
import { exportFormats } from './line-export.ts';

interface ExportMenuProps {
  /** 'What the filter finds, as' */
  readonly title: string;
  readonly size?: 'small' | 'medium';
  readonly onExport: (format: OutputFormat) => void;
}

export function ExportMenu({ title, size = 'medium', onExport }: ExportMenuProps) {
  return (
    <Menu
      label="Export"
      tone="quiet"
      size={size}
      trigger={
        <>
          <Icon of={Download} /> Export
        </>
      }
      placement="bottom end"
      groups={[
        {
          id: 'formats',
          title,
          entries: exportFormats.map(({ format, label, detail }) => ({
            id: format,
            label,
            detail,
            onAction: () => onExport(format),
          })),
        },
      ]}
    />
  );
}
