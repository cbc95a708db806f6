// The one button. A button with an icon alone must be given a label, which is also its tooltip.

import type { ReactNode, Ref } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { cx } from '../../lib/cx.ts';
import { given } from '../../lib/given.ts';
import { Icon, type IconShape } from '../Icon.tsx';
import { Tooltip } from '../overlays/Tooltip.tsx';
import css from './Button.module.css';
import { Kbd } from './Kbd.tsx';

export type ButtonTone = 'plain' | 'primary' | 'danger' | 'quiet' | 'news';
export type ButtonSize = 'small' | 'medium' | 'large';

/** The button's look, for triggers that are buttons of another kind. */
export function buttonClass(tone: ButtonTone, size: ButtonSize, isIconAlone: boolean): string {
  return cx(css.button, css[tone], css[size], isIconAlone && css.alone);
}

export interface ButtonProps {
  /** A verb: "Block 4 h". Without it the button is an icon and needs `label`. */
  readonly children?: ReactNode;
  readonly label?: string | undefined;
  readonly icon?: IconShape;
  /** Drawn after the words, e.g. a chevron of a menu button. */
  readonly endIcon?: IconShape;
  /** Shortcut shown beside the words. The key itself is registered by the screen. */
  readonly keys?: string | undefined;
  /** news: the pill behind which new rows wait. */
  readonly tone?: ButtonTone;
  readonly size?: ButtonSize;
  readonly iconSize?: 12 | 16;
  /** Keeps focus, refuses presses and says so to a screen reader. */
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean | undefined;
  readonly type?: 'button' | 'submit';
  readonly form?: string | undefined;
  readonly autoFocus?: boolean;
  readonly className?: string | undefined;
  readonly isPressed?: boolean | undefined;
  readonly ref?: Ref<HTMLButtonElement> | undefined;
  /** An icon alone shows its label and key on hover and focus. Off where Escape must close what is around, not the tooltip. */
  readonly hasTooltip?: boolean;
  readonly onPress?: (() => void) | undefined;
}

export function Button(props: ButtonProps) {
  const { children, label, icon, endIcon, keys, tone = 'plain', size = 'medium', isBusy = false } = props;
  const isIconAlone = children === undefined;
  const iconSize = props.iconSize ?? (size === 'small' && !isIconAlone ? 12 : 16);
  const button = (
    <AriaButton
      className={cx(buttonClass(tone, size, isIconAlone), props.className)}
      data-tone={tone}
      // Not React Aria's isPending: its announcer leaves an image without a name behind, and the policy of the page forbids how it clears.
      aria-disabled={isBusy}
      type={isBusy ? 'button' : (props.type ?? 'button')}
      {...given({
        'aria-label': label,
        'aria-pressed': props.isPressed,
        isDisabled: props.isDisabled,
        autoFocus: props.autoFocus,
        form: props.form,
        ref: props.ref,
        onPress: isBusy ? undefined : props.onPress && (() => props.onPress?.()),
      })}
    >
      {isBusy ? <span className={css.spinner} /> : icon && <Icon of={icon} size={iconSize} />}
      {children}
      {isBusy && <span className="visually-hidden">, working</span>}
      {endIcon && <Icon of={endIcon} size={12} />}
      {keys !== undefined && !isIconAlone && <Kbd keys={keys} />}
    </AriaButton>
  );
  if (!isIconAlone || props.hasTooltip === false) return button;
  return (
    <Tooltip text={label} keys={keys}>
      {button}
    </Tooltip>
  );
}
