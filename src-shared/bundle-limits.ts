// Limits of bundles that the console, its page and the command line know.

/** All files attached to one bundle together, in bytes. */
export const largestAttachments = 16 * 1024 * 1024;
