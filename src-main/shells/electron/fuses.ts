// Electron's fuses as a packaged Gatehouse must have them: bits in the executable that nothing at run time can switch back. They are
// set when a package is made; Electron's own runtime, as `npm start` uses it, has Electron's defaults.

/** Names as @electron/fuses and electron-builder (`electronFuses`) spell them. */
export const fuses = {
  /** The executable can't be used as a plain Node, past code signing and sandbox. */
  runAsNode: false,
  /** NODE_OPTIONS and NODE_EXTRA_CA_CERTS of the environment are not heard. */
  enableNodeOptionsEnvironmentVariable: false,
  /** --inspect and its kin are not heard: nobody attaches to the process that holds the keys. */
  enableNodeCliInspectArguments: false,
  /** The window's cookies lie encrypted on the disk (there are none; should there ever be). */
  enableCookieEncryption: true,
  /** The archive is checked against the digest in the executable before it is read. */
  enableEmbeddedAsarIntegrityValidation: true,
  /** Code is loaded from the archive and from nowhere beside it. */
  onlyLoadAppFromAsar: true,
  /** No snapshot file of its own for the browser process. */
  loadBrowserProcessSpecificV8Snapshot: false,
  /** Pages come over app://, so file:// needs no privileges. */
  grantFileProtocolExtraPrivileges: false,
} as const;
