import { lookup } from 'node:dns/promises'

/** Every address of a name; none where it is not known. */
export const addressesOf = (host: string): Promise<readonly string[]> =>
  lookup(host, { all: true }).then(
    found => found.map(one => one.address),
    () => [],
  )
