import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { RandomBytes } from '../../kernel/ids.ts'
import { misconfigured, ProblemError } from '../../kernel/problem.ts'

/** The only door to names, phones, addresses, card and ID numbers at rest. */
export interface Personal {
  /** AES-256-GCM under the newest key: `1.<key id>.<base64url of iv, text, tag>`. */
  seal(text: string): string
  /** Throws `bug/unreadable-personal-data` when the key is gone or the text was changed. */
  open(sealed: string): string
  /** A keyed hash, the same for the same text and kind, for finding a row by what is sealed in it. */
  lookup(kind: string, text: string): string
}

/** Newest key last. `lookup` never changes, or nothing would be found again. */
export interface PersonalKeys {
  readonly lookup: Uint8Array
  readonly keys: readonly { readonly id: string; readonly key: Uint8Array }[]
}

const unreadable = (why: string): Error => new Error(`personal data cannot be read: ${why}`)

export const createPersonal = (ring: PersonalKeys, random: RandomBytes = randomBytes): Personal => {
  const newest = ring.keys.at(-1)
  if (!newest) throw new Error('a key ring needs a key')
  const byId = new Map(ring.keys.map(k => [k.id, k.key]))
  const hashKeys = new Map<string, Uint8Array>()
  const hashKey = (kind: string): Uint8Array => {
    const known = hashKeys.get(kind)
    if (known) return known
    const key = new Uint8Array(hkdfSync('sha256', ring.lookup, '', `lookup:${kind}`, 32))
    hashKeys.set(kind, key)
    return key
  }
  return {
    seal: text => {
      const iv = random(12)
      const cipher = createCipheriv('aes-256-gcm', newest.key, iv)
      cipher.setAAD(Buffer.from(newest.id))
      const body = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `1.${newest.id}.${body.toString('base64url')}`
    },
    open: sealed => {
      const [version, id = '', text = ''] = sealed.split('.')
      const key = byId.get(id)
      if (version !== '1') throw unreadable('unknown form')
      if (!key) throw unreadable(`key "${id}" is not in the key ring`)
      const body = Buffer.from(text, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(Buffer.from(id))
      decipher.setAuthTag(body.subarray(-16))
      return Buffer.concat([decipher.update(body.subarray(12, -16)), decipher.final()]).toString('utf8')
    },
    lookup: (kind, text) =>
      createHmac('sha256', hashKey(kind)).update(text.normalize('NFC')).digest('base64url'),
  }
}

/**
 * Reads `lookup:<base64url>,<id>:<base64url>,...`: 32 bytes each, separated by commas or lines.
 * Throws `misconfigured/personal-keys`.
 */
export const parsePersonalKeys = (text: string): PersonalKeys => {
  const entries = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(entry => /^([a-z0-9]{1,16}):([A-Za-z0-9_-]{43})=?$/.exec(entry))
  const found = entries.flatMap(match =>
    match ? [{ id: match[1]!, key: new Uint8Array(Buffer.from(match[2]!, 'base64url')) }] : [],
  )
  const lookup = found.find(k => k.id === 'lookup')
  const keys = found.filter(k => k.id !== 'lookup')
  if (found.length !== entries.length || !lookup || keys.length === 0)
    throw new ProblemError(
      misconfigured('personal-keys', {
        zh: '个人数据密钥格式不对：应为 lookup:<32 字节>,k1:<32 字节>。',
        en: 'the keys for personal data must read lookup:<32 bytes>,k1:<32 bytes> (base64url)',
      }),
    )
  return { lookup: lookup.key, keys }
}

/** A fresh key ring as text. */
export const newPersonalKeys = (random: RandomBytes = randomBytes): string =>
  ['lookup', 'k1'].map(id => `${id}:${Buffer.from(random(32)).toString('base64url')}`).join('\n')

/** The key ring of a file readable by its owner alone; the first start makes it. */
export const personalKeysFile = (path: string, random: RandomBytes = randomBytes): PersonalKeys => {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${newPersonalKeys(random)}\n`, { mode: 0o600, flag: 'wx' })
  }
  return parsePersonalKeys(readFileSync(path, 'utf8'))
}
