// A new step is a new page: where no field takes the focus, its heading does, so that reading goes on from there.

export function focusAtStart(title: string): void {
  document.title = title;
  const active = document.activeElement;
  if (active?.closest('main') && active.matches('input, textarea')) return;
  const heading = document.querySelector<HTMLElement>('main h1');
  if (heading === null) return;
  heading.tabIndex = -1;
  // Where reading goes on, not where something can be pressed.
  heading.style.outline = 'none';
  heading.focus();
}
