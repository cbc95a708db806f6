// What the system says about a file, in words for people that say what to do. Beside connection-words.ts, which does it for connections.

const words: Readonly<Record<string, string>> = {
  EACCES: 'this user has no right to it; ask its owner, or change its permissions',
  EBUSY: 'another program holds it; close that, then try again',
  EDQUOT: 'the disk quota is used up; free some space',
  EEXIST: 'it is there already',
  EFBIG: 'it is larger than the disk takes',
  EINVAL: 'the system can not use this path or file; name another',
  EIO: 'the disk failed; check it',
  EISDIR: 'it is a folder; name a file',
  ELOOP: 'its links lead in a circle; name the file itself',
  EMFILE: 'too many files are open; close other programs',
  ENAMETOOLONG: 'the path is too long; name a shorter one',
  ENFILE: 'too many files are open; close other programs',
  ENODEV: 'it is no file that can be read; name another',
  ENOENT: 'it does not exist; check the path',
  ENOSPC: 'the disk is full; free some space',
  ENOTDIR: 'a part of the path is a file and no folder; check the path',
  ENXIO: 'it is no file that can be read; name another',
  EPERM: 'the system does not allow it to this user',
  EROFS: 'the disk can only be read; choose another place',
  ERR_FS_FILE_TOO_LARGE: 'it is too large to be read at once',
  ERR_INVALID_ARG_VALUE: 'the path holds a character that no path may hold',
  ETXTBSY: 'another program holds it; close that, then try again',
};

/** undefined for an error that is not about a file. */
export function fileWords(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return Object.hasOwn(words, code) ? words[code] : undefined;
}

/** Why something with a file failed: the system's reason in words, or what our own code says. */
export function reasonOf(error: unknown): string {
  return fileWords(error) ?? (error instanceof Error ? error.message : String(error));
}
