// Limits of bundles that the console, its page and the command line know.

/** All files attached to one bundle together, in bytes. */
export const largestAttachments = 16 * 1024 * 1024;

/**
 * Entries of a bundle that takes the report for people with it: setting so many takes half a minute and half a gigabyte, and the report
 * makes the file larger by 60 MB. Of more the command line makes the report from the file.
 */
export const mostReported = 50_000;
