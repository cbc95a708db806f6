// A PDF that goes with a bundle, opened by the browser in a window at the right half of the screen, so that its pages can be read beside
// the entries. The desktop window opens no others: there it is saved and opened by what the system has for it.

/** Kept until the next: whoever shows it may read it again while one scrolls. */
let shown: string | undefined;

export function mayOpenBeside(): boolean {
  return window.gatehouse === undefined;
}

export function openBeside(pdf: Blob): void {
  if (shown !== undefined) URL.revokeObjectURL(shown);
  // SECURITY: always as a PDF, whatever a stranger's bundle calls it: as a page it would be one of this origin's.
  shown = URL.createObjectURL(new Blob([pdf], { type: 'application/pdf' }));
  const { availWidth, availHeight } = window.screen;
  const half = Math.floor(availWidth / 2);
  const place = `popup,left=${availWidth - half},top=0,width=${half},height=${availHeight}`;
  window.open(shown, '_blank', `noopener,${place}`);
}
