import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate and its private key, as PEM. They are made when the test runs and are worth nothing after it. */
export interface Identity {
  readonly cert: string
  readonly key: string
}
export interface Authority extends Identity {
  /** `names`: host names the certificate is for; none for a client. */
  issue(subject: string, how?: { names?: readonly string[]; notAfter?: string }): Identity
}

/** DER: a tag, the length, the content. */
const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content)
  const { length } = body
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), body])
}
const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content)
const integer = (bytes: Uint8Array): Buffer => der(0x02, bytes)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const yes = der(0x01, Buffer.from([0xff]))
/** `YYYYMMDDHHMMSSZ`, or without the century before 2050. */
const time = (text: string): Buffer =>
  text < '2050' ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text))

const commonName = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), der(0x04, value))

const pem = (bytes: Uint8Array): string => {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

interface Wanted {
  readonly subject: string
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly notAfter?: string | undefined
  readonly authority: boolean
  readonly names: readonly string[]
}

const certificate = (wanted: Wanted): string => {
  const { subject, issuer, publicKey, signer, authority, names, notAfter = '20991231235959Z' } = wanted
  const extensions = [
    extension('551d13', true, sequence(...(authority ? [yes] : []))),
    ...(names.length === 0
      ? []
      : [extension('551d11', false, sequence(...names.map(name => der(0x82, Buffer.from(name)))))]),
  ]
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time('20000101000000Z'), time(notAfter)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, signer)
  return pem(sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature)))
}

const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const written = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** An authority of one's own, which signs certificates for servers and clients. */
export const authority = (name = 'Test Authority'): Authority => {
  const own = pair()
  const shared = { issuer: name, signer: own.privateKey }
  return {
    cert: certificate({ ...shared, subject: name, publicKey: own.publicKey, authority: true, names: [] }),
    key: written(own.privateKey),
    issue: (subject, { names = [], notAfter } = {}) => {
      const { publicKey, privateKey } = pair()
      const cert = certificate({ ...shared, subject, publicKey, authority: false, names, notAfter })
      return { cert, key: written(privateKey) }
    },
  }
}
