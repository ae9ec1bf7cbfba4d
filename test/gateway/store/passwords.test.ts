import { describe, expect, it } from 'vitest'
import { createPasswords } from '../../../src/gateway/store/passwords.ts'
import { seededRandom } from '../../../src/kernel/ids.ts'

const light = { memory: 64, passes: 1, parallelism: 1 }
const passwords = createPasswords(seededRandom('salt'), light)

describe('staff passwords', () => {
  it('are kept as argon2id with the second recommended parameters of RFC 9106', async () => {
    const hash = await createPasswords(seededRandom('salt')).hash('correct horse')
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  })

  it('are known again, in whatever form the characters were typed, and others are not', async () => {
    const hash = await passwords.hash('cafe\u0301 书桥')
    expect(await passwords.check('caf\u00e9 书桥', hash)).toEqual({ ok: true, stale: false })
    expect(await passwords.check('cafe 书桥', hash)).toEqual({ ok: false, stale: false })
  })

  it('agree with the argon2id test vector of a reference implementation', async () => {
    const known = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    expect((await passwords.check('password', known)).ok).toBe(true)
  })

  it('say when a hash is of older parameters', async () => {
    const older = await createPasswords(seededRandom('s'), { ...light, passes: 2 }).hash('a')
    expect(await passwords.check('a', older)).toEqual({ ok: true, stale: true })
  })

  it('do not let anybody in who is unknown, though the work is done', async () => {
    expect(await passwords.check('', undefined)).toEqual({ ok: false, stale: false })
  })

  it('are hashed two at a time, and the thirty-fifth that asks is turned away', async () => {
    const asked = Array.from({ length: 35 }, () =>
      passwords.hash('a').then(
        () => 'done',
        e => e.problem.code,
      ),
    )
    const answers = await Promise.all(asked)
    expect(answers.filter(a => a === 'done')).toHaveLength(34)
    expect(answers.at(-1)).toBe('too-many-logins')
  })
})
