import { X509Certificate } from 'node:crypto'
import { type ConnectionOptions, createSecureContext, type TLSSocket } from 'node:tls'
import { z } from 'zod'

const pem = z.string().startsWith('-----BEGIN', 'must be PEM text, or file:<path> of it')
const certificates = pem.refine(areCertificates, 'holds no certificate that can be read')

/** TLS itself passes over what it cannot read, and would then trust nobody without saying why. */
function areCertificates(text: string): boolean {
  const parts = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    for (const part of parts) new X509Certificate(part)
    return parts.length > 0
  } catch {
    return false
  }
}
const hex = /^[0-9a-f]{64}$/

const plainHex = (text: string): string => text.replaceAll(/[:\s]/g, '').toLowerCase()

/**
 * Set (even to `{}`) where the library system, or a tunnel before it, speaks TLS. Its certificate is always
 * checked: by the public authorities, by `ca`, or by `fingerprint`. There is no way to leave the check out.
 */
export const tlsSettings = z
  .strictObject({
    ca: certificates
      .optional()
      .describe('PEM of the authority that signed its certificate, where it is not a public one'),
    fingerprint: z
      .string()
      .transform(plainHex)
      .refine(text => hex.test(text), 'must be the 64 hexadecimal digits of a SHA-256 fingerprint')
      .optional()
      .describe('SHA-256 of its certificate: taken in place of authorities, names and dates'),
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe('name asked for (SNI) and looked for in its certificate; the host when left out'),
    cert: certificates
      .optional()
      .describe('PEM of our own certificate, where the library system asks for one'),
    key: pem.optional().describe('PEM of its private key'),
    passphrase: z.string().optional().describe('of the private key'),
    minVersion: z
      .enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
      .optional()
      .describe('oldest version of TLS that is spoken; TLSv1.2 when left out'),
  })
  .superRefine((tls, context) => {
    if ((tls.cert === undefined) !== (tls.key === undefined))
      context.addIssue({ code: 'custom', path: ['cert'], message: 'cert and key go together' })
    const { ca, cert, key, passphrase } = tls
    try {
      createSecureContext({ ca, cert, key, passphrase })
    } catch (thrown) {
      // The reason names no secret: a wrong passphrase, or text that is no PEM.
      const why = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unreadable'
      context.addIssue({ code: 'custom', message: `the certificates or the key cannot be used: ${why}` })
    }
  })
export type TlsSettings = z.output<typeof tlsSettings>

/** What to connect with, beside host and port. */
export const tlsOptions = ({ ca, cert, key, passphrase, serverName, fingerprint, minVersion }: TlsSettings) =>
  ({
    minVersion: minVersion ?? 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    // A fingerprint is compared by `untrusted` before anything is sent.
    ...(fingerprint === undefined ? {} : { rejectUnauthorized: false }),
  }) satisfies ConnectionOptions

/** Why a connected socket is not to be trusted after all; undefined when it is. */
export const untrusted = (socket: TLSSocket, { fingerprint }: TlsSettings): string | undefined => {
  if (fingerprint === undefined) return socket.authorized ? undefined : 'not-authorized'
  const theirs = socket.getPeerCertificate().fingerprint256
  return theirs !== undefined && plainHex(theirs) === fingerprint ? undefined : 'wrong-fingerprint'
}
