// Saves a file through the page's own download; nothing leaves the computer.

export function saveText(name: string, text: string, type = 'text/plain'): void {
  saveFile(name, new Blob([text], { type }));
}

export function saveFile(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken its own hold of the data by the next turn; the address must not outlive it.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}

/** 'Nordkai Console' → 'nordkai-console': a file name that every system takes. */
export function fileNamePart(text: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return plain === '' ? 'gatehouse' : plain.slice(0, 60);
}
