import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { RandomBytes } from '../../kernel/ids.ts'
import { ProblemError, unreachable } from '../../kernel/problem.ts'

const derive = promisify(argon2)

/** RFC 9106, section 4, second recommended option: 64 MiB, three passes, four lanes. */
const today = { memory: 65_536, passes: 3, parallelism: 4 }
const tagLength = 32

export interface PasswordCheck {
  readonly ok: boolean
  /** Hashed with older parameters: hash it again. */
  readonly stale: boolean
}

/** Each hashing takes 64 MiB: few at a time, and a short queue before the rest is turned away. */
const atOnce = 2
const queueLimit = 32

export interface Passwords {
  /** `$argon2id$v=19$m=..,t=..,p=..$salt$hash`. */
  hash(password: string): Promise<string>
  /** With `undefined` it works as long as with a real hash, and says no. */
  check(password: string, hash: string | undefined): Promise<PasswordCheck>
}

/** Throws `unreachable/too-many-logins` when too many wait. */
export const createPasswords = (random: RandomBytes = randomBytes, cost = today): Passwords => {
  let running = 0
  const waiting: (() => void)[] = []
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      if (waiting.length >= queueLimit)
        throw new ProblemError(
          unreachable('too-many-logins', {
            zh: '登录的人太多，请稍后再试。',
            en: 'too many people are logging in; try again shortly',
          }),
        )
      await new Promise<void>(resolve => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
  const compute = (password: string, nonce: Uint8Array, at: typeof today): Promise<Buffer> =>
    inTurn(() =>
      derive('argon2id', { message: Buffer.from(password.normalize('NFKC')), nonce, tagLength, ...at }),
    )
  const write = (at: typeof today, salt: Uint8Array, tag: Buffer): string =>
    `$argon2id$v=19$m=${at.memory},t=${at.passes},p=${at.parallelism}$${plain(salt)}$${plain(tag)}`
  const nobody = write(cost, new Uint8Array(16), Buffer.alloc(tagLength))

  return {
    hash: async password => {
      const salt = random(16)
      return write(cost, salt, await compute(password, salt, cost))
    },
    check: async (password, hash) => {
      const parsed = parse(hash ?? nobody)
      if (!parsed) throw new Error('a stored password hash cannot be read')
      const tag = await compute(password, parsed.salt, parsed.cost)
      const ok = timingSafeEqual(tag, parsed.tag) && hash !== undefined
      const stale = ok && (Object.keys(cost) as (keyof typeof cost)[]).some(k => parsed.cost[k] !== cost[k])
      return { ok, stale }
    },
  }
}

const plain = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

const parse = (hash: string): { cost: typeof today; salt: Buffer; tag: Buffer } | undefined => {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]{43})$/.exec(
    hash,
  )
  if (!match) return undefined
  const [, memory, passes, parallelism, salt, tag] = match
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag!, 'base64'),
  }
}
