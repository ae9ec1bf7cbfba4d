import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  createPersonal,
  newPersonalKeys,
  parsePersonalKeys,
  personalKeysFile,
} from '../../../src/gateway/store/personal.ts'
import { seededRandom } from '../../../src/kernel/ids.ts'

const ring = parsePersonalKeys(newPersonalKeys(seededRandom('a')))
const personal = createPersonal(ring)

describe('personal data', () => {
  it('opens to what was sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => personal.open(personal.seal(text)) === text),
    )
  })

  it('is sealed differently each time and shows nothing of the text', () => {
    const one = personal.seal('李小明 13800000000')
    expect(one).not.toBe(personal.seal('李小明 13800000000'))
    expect(Buffer.from(one.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('138')
  })

  it('does not open when any one character of it was changed', () => {
    const sealed = personal.seal('李小明')
    const at = sealed.lastIndexOf('.') + 1
    for (let i = at; i < sealed.length - 1; i++) {
      const other = sealed[i] === 'A' ? 'B' : 'A'
      expect(() => personal.open(sealed.slice(0, i) + other + sealed.slice(i + 1))).toThrow()
    }
    expect(() => personal.open('李小明')).toThrow('unknown form')
  })

  it('still opens after the keys were rotated, and seals with the newest', () => {
    const newer = parsePersonalKeys(newPersonalKeys(seededRandom('b'))).keys[0]!
    const rotated = createPersonal({ ...ring, keys: [...ring.keys, { id: 'k2', key: newer.key }] })
    expect(rotated.open(personal.seal('李'))).toBe('李')
    expect(rotated.seal('李')).toMatch(/^1\.k2\./)
    expect(() => personal.open(rotated.seal('李'))).toThrow('"k2" is not in the key ring')
    expect(rotated.lookup('card', '1')).toBe(personal.lookup('card', '1'))
  })

  it('is found by a keyed hash that differs by kind and by key', () => {
    const other = createPersonal(parsePersonalKeys(newPersonalKeys(seededRandom('c'))))
    const hashes = [personal.lookup('card', '1'), personal.lookup('phone', '1'), other.lookup('card', '1')]
    expect(new Set(hashes).size).toBe(3)
  })
})

describe('the keys for personal data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuqiao-keys-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('are made once, in a file for its owner alone', () => {
    const path = join(folder, 'data', 'keys')
    const made = personalKeysFile(path)
    expect(personalKeysFile(path)).toEqual(made)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each(['', 'k1:short', 'lookup:AAAA', `k1:${'A'.repeat(43)}`, `lookup:${'A'.repeat(43)}`])(
    'are refused when they read %j',
    text => {
      expect(() => parsePersonalKeys(text)).toThrow('the keys for personal data must read')
    },
  )
})
