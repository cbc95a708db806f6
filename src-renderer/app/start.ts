// What the first paint waits for, and for how long at most.

const patienceMs = 150;

/** The fonts come from the same place as the page, so waiting a moment is cheaper than text that jumps. */
export async function fontsReady(fonts: FontFaceSet): Promise<void> {
  const loaded = Promise.all([fonts.load('13px "Inter Variable"'), fonts.load('12px "JetBrains Mono Variable"')]);
  const patience = new Promise<void>((resolve) => setTimeout(resolve, patienceMs));
  await Promise.race([loaded.catch(() => undefined), patience]);
}
