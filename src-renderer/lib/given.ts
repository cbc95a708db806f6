// The component library's optional props do not take `undefined`; this leaves those that were not given out.

export type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

export function given<T extends object>(props: T): Given<T> {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as Given<T>;
}
