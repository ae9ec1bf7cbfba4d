import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { RandomBytes } from '../../kernel/ids.ts'
import { within } from '../../kernel/networks.ts'
import { isScryptText, readScryptText, type ScryptText, writeScryptText } from '../../kernel/scrypt-text.ts'
import type { Account } from './accounts.ts'

const derive = promisify<
  string,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt)

const cost = { N: 16_384, r: 8, p: 1 }
const length = 32

/** `scrypt$16384$8$1$<salt>$<hash>`, as it may stand in the settings file. */
export const hashKioskPassword = async (
  password: string,
  random: RandomBytes = randomBytes,
): Promise<string> => {
  const salt = Buffer.from(random(16))
  return writeScryptText({ salt, hash: await work(password, salt, cost), cost })
}

const work = (password: string, salt: Uint8Array, { N, r, p }: ScryptText['cost']): Promise<Buffer> =>
  derive(password.normalize('NFKC'), salt, length, { N, r, p, maxmem: 256 * N * r })

export interface Logins {
  /** The account that is known by its address alone. */
  byAddress(address: string): Account | undefined
  /** The one account that can be meant by an address, for the way it speaks before it logs in. */
  likely(address: string): Account | undefined
  /** Takes as long for a user nobody knows, and for one at a wrong address, as for a wrong password. */
  check(user: string, password: string, address: string): Promise<Account | undefined>
}

/** Checks log-ins in constant time; a password that was right once is not derived again. */
export const createLogins = (accounts: readonly Account[], random: RandomBytes = randomBytes): Logins => {
  const key = random(32)
  const mark = (text: string): Buffer => createHmac('sha256', key).update(text.normalize('NFKC')).digest()
  const known = accounts.map(account => ({
    account,
    allows: account.addresses.length === 0 ? () => true : within(account.addresses),
    stored: account.password === undefined ? undefined : readScryptText(account.password),
    // What the password must look like under the key; of a derived one only once it was seen.
    mark: isScryptText(account.password ?? '') ? undefined : mark(account.password ?? ''),
  }))
  const nobody = { salt: random(16), hash: Buffer.from(random(length)), cost }
  const anyDerived = known.some(one => one.stored !== undefined)

  return {
    byAddress: address =>
      known.find(
        one => one.account.user === undefined && one.account.addresses.length > 0 && one.allows(address),
      )?.account,
    likely: address => {
      const possible = known.filter(one => one.account.addresses.length > 0 && one.allows(address))
      return possible.length === 1 ? possible[0]!.account : undefined
    },
    check: async (user, password, address) => {
      const given = mark(password)
      const found = known.find(
        one => one.account.user === user && one.account.user !== undefined && one.allows(address),
      )
      const seen = found?.mark
      let right = timingSafeEqual(given, seen ?? mark(''))
      right &&= seen !== undefined && password !== ''
      const stored = found?.stored ?? (anyDerived ? nobody : undefined)
      if (stored && !right) {
        const tag = await work(password, stored.salt, stored.cost)
        right = timingSafeEqual(tag, stored.hash) && stored !== nobody
        if (right && found) found.mark = given
      }
      return right ? found?.account : undefined
    },
  }
}

const freeGuesses = 6
const longestDelay: Millis = 8000
const rememberedFor: Millis = 15 * 60_000
const addressesKept = 10_000

/**
 * How long a wrong log-in waits for its answer: nothing at first, then longer with each from the same address. A
 * right one never waits, so that one machine with an old password keeps none of its neighbours out.
 */
export const createGuesses = (clock: Pick<Clock, 'now'>) => {
  const wrong = new Map<string, { count: number; at: Millis }>()
  return {
    /** Counts one more. */
    delayAfter: (address: string): Millis => {
      const now = clock.now()
      const known = wrong.get(address)
      const count = known && now - known.at < rememberedFor ? known.count + 1 : 1
      wrong.delete(address)
      wrong.set(address, { count, at: now })
      if (wrong.size > addressesKept) for (const [oldest] of wrong) if (wrong.delete(oldest)) break
      return Math.min(longestDelay, Math.max(0, count - freeGuesses) * 1000)
    },
  }
}
