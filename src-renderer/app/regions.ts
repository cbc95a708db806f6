// F6: from one region of the window to the next, coming back to the control that had the focus there.

const remembered = new WeakMap<Element, HTMLElement>();

/** Regions are marked `data-region`; a detail pane marks itself. Returns the name of the region entered. */
export function cycleRegion(page: Document, step: 1 | -1): string | undefined {
  const regions = Array.from(page.querySelectorAll<HTMLElement>('[data-region]')).filter(
    (region) => region.offsetParent !== null || region.getClientRects().length > 0,
  );
  const active = page.activeElement instanceof HTMLElement ? page.activeElement : undefined;
  // The innermost region counts: a pane lies inside the screen.
  const current = active?.closest<HTMLElement>('[data-region]') ?? undefined;
  if (current && active) remembered.set(current, active);
  const position = current === undefined ? -1 : regions.indexOf(current);
  const next = regions[(position + step + regions.length) % regions.length];
  if (next === undefined) return undefined;
  const last = remembered.get(next);
  const target = last?.isConnected === true ? last : (firstStop(next) ?? next);
  target.focus();
  return next.dataset.region;
}

/** Prefers what a list marks as its place in the tab order. */
function firstStop(region: HTMLElement): HTMLElement | undefined {
  const stops = region.querySelectorAll<HTMLElement>(
    'a[href], button:not([disabled]), input:not([disabled]), select, textarea, [tabindex="0"]',
  );
  return Array.from(stops).find((stop) => stop.tabIndex >= 0 && stop.closest('[data-region]') === region);
}
