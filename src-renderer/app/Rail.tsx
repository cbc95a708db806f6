// The rail: screens under the three verbs, with badges, and the person at its foot. Narrow, it shows icons with their names as tooltips.

import { Focusable } from 'react-aria-components/Focusable';
import { cx } from '../lib/cx.ts';
import { formatCount } from '../lib/numbers.ts';
import { Avatar } from '../ui/data/Avatar.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Menu } from '../ui/overlays/Menu.tsx';
import { Tooltip } from '../ui/overlays/Tooltip.tsx';
import type { FrameProps } from './frame-model.ts';
import { formatPlace, type Screen, type ScreenGroup } from './navigation.ts';
import css from './Rail.module.css';

const groups: readonly { readonly id: ScreenGroup; readonly title: string }[] = [
  { id: 'operate', title: 'Operate' },
  { id: 'prove', title: 'Prove' },
  { id: 'control', title: 'Control' },
];

type RailProps = Pick<FrameProps, 'screens' | 'currentScreen' | 'badges' | 'user' | 'rail'>;

export function Rail({ screens, currentScreen, badges = {}, user, rail }: RailProps) {
  const isNarrow = rail === 'narrow';
  return (
    <div className={cx(css.rail, isNarrow && css.narrow)} data-region="navigation" tabIndex={-1}>
      <nav className={css.screens} aria-label="Main">
        {groups.map((group) => {
          const shown = screens.filter((screen) => screen.group === group.id);
          if (shown.length === 0) return null;
          return (
            <section key={group.id} aria-labelledby={`rail-${group.id}`}>
              <h2 id={`rail-${group.id}`} className={css.heading}>
                {group.title}
              </h2>
              <ul>
                {shown.map((screen) => (
                  <li key={screen.id}>
                    <Entry screen={screen} isCurrent={screen.id === currentScreen} badge={badges[screen.id]} />
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </nav>
      <div className={css.foot}>
        <Menu
          label={`Account of ${user.name}`}
          triggerClassName={css.person}
          placement="top start"
          groups={user.menu}
          trigger={
            <>
              <span className="visually-hidden">Account:</span>
              <Avatar name={user.name} isMe />
              <span className={css.personWords}>
                <span className="clip">{user.name}</span>
                <span className={cx('clip', css.personDetail)}>{user.detail}</span>
              </span>
            </>
          }
        />
      </div>
    </div>
  );
}

interface EntryProps {
  readonly screen: Screen;
  readonly isCurrent: boolean;
  readonly badge: number | undefined;
}

function Entry({ screen, isCurrent, badge }: EntryProps) {
  const hasBadge = badge !== undefined && badge > 0;
  return (
    <Tooltip text={screen.label} keys={screen.keys} placement="right">
      <Focusable>
        <a
          href={formatPlace({ screen: screen.id })}
          className={css.entry}
          aria-current={isCurrent ? 'page' : undefined}
        >
          <Icon of={screen.icon} />
          <span className={css.label}>{screen.label}</span>
          {hasBadge && (
            <b className={css.badge}>
              <span className="visually-hidden">, </span>
              {formatCount(badge)}
            </b>
          )}
        </a>
      </Focusable>
    </Tooltip>
  );
}
