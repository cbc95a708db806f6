// Which dialog of this screen is open, and over which secret.

import type { SecretDetail } from '../../../src-shared/contract/secrets.ts';

export type DialogKind = 'edit' | 'rotate' | 'grants' | 'delete' | 'purge';

export type OpenDialog =
  | { readonly kind: 'create' | 'import' }
  | { readonly kind: DialogKind; readonly detail: SecretDetail };
