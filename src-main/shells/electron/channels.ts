// The names of the IPC channels, for the preload and the main process alike. Nothing else is ever sent or answered.

export const channels = {
  /** Window to main, answered: an operation of the contract. */
  call: 'gatehouse:call',
  /** Window to main: whether the page listens to announcements. */
  listen: 'gatehouse:listen',
  /** Main to window: an announcement. */
  announce: 'gatehouse:announce',
} as const;
