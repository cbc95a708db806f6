// Where the API answers, for the lines one can copy; the default address until it is known.

import { useEffect, useState } from 'react';
import { call } from '../../api/client.ts';
import { apiUrl } from '../../app/curl-line.ts';

export function useApiBase(): string {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    call('console.status', {}).then(
      (status) => setAddress(status.api_address),
      // Who may not ask, or gets no answer, copies the default address.
      () => undefined,
    );
  }, []);
  return apiUrl(address);
}
