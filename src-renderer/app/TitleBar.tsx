// The bar at the top: brand, workspace, command box, live state, help and lock. In the desktop window it is also the handle.

import {
  ChevronDown,
  CircleHelp,
  Lock,
  PanelLeftClose,
  PanelLeftOpen,
  Pause,
  RefreshCw,
  Search,
  TriangleAlert,
} from 'lucide-react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { cx } from '../lib/cx.ts';
import { spacedDuration } from '../lib/durations.ts';
import { toMillis } from '../lib/instants.ts';
import { useNow } from '../lib/now.ts';
import { Button } from '../ui/controls/Button.tsx';
import { Kbd } from '../ui/controls/Kbd.tsx';
import { GateIcon, Icon } from '../ui/Icon.tsx';
import { Menu } from '../ui/overlays/Menu.tsx';
import type { FrameProps, LiveState } from './frame-model.ts';
import css from './TitleBar.module.css';

type TitleBarProps = Pick<
  FrameProps,
  'workspaces' | 'live' | 'rail' | 'onRailChange' | 'onOpenPalette' | 'onOpenHelp' | 'onLock'
>;

export function TitleBar(props: TitleBarProps) {
  const { workspaces, live, rail, onRailChange } = props;
  const workspace = workspaces?.all.find((each) => each.id === workspaces.current)?.label ?? workspaces?.current;
  return (
    <header className={css.titlebar} data-window-handle data-region="title bar" tabIndex={-1}>
      <div className={css.brand}>
        <GateIcon />
        <span>Gatehouse</span>
        <div className={css.railToggle}>
          <Button
            tone="quiet"
            size="small"
            icon={rail === 'narrow' ? PanelLeftOpen : PanelLeftClose}
            label={rail === 'narrow' ? 'Widen the rail' : 'Narrow the rail'}
            onPress={() => onRailChange(rail === 'narrow' ? 'wide' : 'narrow')}
          />
        </div>
      </div>
      <div className={css.workspace}>
        {workspaces !== undefined && workspaces.all.length > 1 ? (
          <Menu
            label="Workspace"
            triggerClassName={css.workspaceButton}
            trigger={
              <>
                <span className="visually-hidden">Workspace</span>
                <span className="clip">{workspace}</span>
                <Icon of={ChevronDown} size={12} />
              </>
            }
            groups={[
              {
                id: 'workspaces',
                title: 'Workspace',
                entries: workspaces.all.map((each) => ({
                  id: each.id,
                  label: each.label,
                  isCurrent: each.id === workspaces.current,
                  onAction: () => workspaces.onChange(each.id),
                })),
              },
            ]}
          />
        ) : (
          <span className={cx(css.workspaceName, 'clip')}>{workspace}</span>
        )}
      </div>
      <AriaButton className={css.command ?? ''} onPress={props.onOpenPalette}>
        <Icon of={Search} />
        <span className={css.commandWords}>Search or run a command</span>
        <Kbd keys="Mod+k" />
      </AriaButton>
      <div className={css.end}>
        <Live live={live} />
        <Button tone="quiet" icon={CircleHelp} label="Shortcuts and help" keys="?" onPress={props.onOpenHelp} />
        <Button tone="quiet" icon={Lock} className={css.lock} onPress={props.onLock}>
          Lock
        </Button>
      </div>
    </header>
  );
}

function Live({ live }: { readonly live: LiveState }) {
  switch (live.kind) {
    case 'live':
      return <LiveWords dot words="Live" />;
    case 'paused':
      return (
        <span className={css.live} role="status">
          <Icon of={Pause} size={12} />
          <span className={css.liveWords}>paused, {live.waiting} new</span>
        </span>
      );
    case 'connecting':
      return (
        <span className={css.live} role="status">
          <Icon of={RefreshCw} size={12} />
          <span className={css.liveWords}>connecting</span>
        </span>
      );
    case 'lost':
      return (
        <span className={cx(css.live, css.lost)} role="status">
          <Icon of={TriangleAlert} size={12} />
          <span className={css.liveWords}>
            stream lost
            {live.retryAt !== undefined && <Countdown until={toMillis(live.retryAt)} />}
          </span>
        </span>
      );
  }
}

function LiveWords({ words, dot }: { readonly words: string; readonly dot: boolean }) {
  return (
    <span className={cx(css.live, dot && css.dot)} role="status">
      {words}
    </span>
  );
}

/** Not announced again each second: only the first words are. */
function Countdown({ until }: { readonly until: number }) {
  const now = useNow();
  return <span aria-hidden="true">, retrying {until > now ? `in ${spacedDuration(until - now)}` : 'now'}</span>;
}
