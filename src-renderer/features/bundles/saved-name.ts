// Names under which files are saved: whatever a stranger called them, every system takes these, and the desktop window's guard too.

/** Keeps the ending. `Prüfung/№ 3.pdf` → `Pr_fung_ 3.pdf`. */
export function savedName(name: string): string {
  const plain = name.replace(/[^\w. ()+-]+/g, '_');
  const dot = plain.lastIndexOf('.');
  return dot <= 0 ? plain.slice(0, 100) : `${plain.slice(0, Math.min(dot, 90))}${plain.slice(dot).slice(0, 20)}`;
}
