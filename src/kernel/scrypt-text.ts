/** A derived password as it stands in settings: `scrypt$N$r$p$salt$hash`, salt and hash (32 bytes) in base64url. */
export interface ScryptText {
  readonly salt: Buffer
  readonly hash: Buffer
  readonly cost: { readonly N: number; readonly r: number; readonly p: number }
}

export const writeScryptText = ({ salt, hash, cost: { N, r, p } }: ScryptText): string =>
  `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`

export const isScryptText = (text: string): boolean => text.startsWith('scrypt$')

/** Half a gibibyte of work for one log-in: nobody means more. */
const mostWork = 2 ** 22

/** Undefined where it is none, or where its cost is one that nobody can work. */
export const readScryptText = (text: string): ScryptText | undefined => {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,3})\$(\d{1,2})\$([\w-]{8,128})\$([\w-]{43})$/.exec(text)
  if (!match) return undefined
  const [, N, r, p, salt, hash] = match
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const isPower = cost.N >= 2 && (cost.N & (cost.N - 1)) === 0
  if (!isPower || cost.r < 1 || cost.p < 1 || cost.N * cost.r > mostWork) return undefined
  return { salt: Buffer.from(salt!, 'base64url'), hash: Buffer.from(hash!, 'base64url'), cost }
}
