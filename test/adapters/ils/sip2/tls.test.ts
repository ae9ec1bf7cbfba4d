import { X509Certificate } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { Sip2SettingsInput } from '../../../../src/adapters/ils/sip2/settings.ts'
import { tlsSettings } from '../../../../src/adapters/ils/sip2/tls.ts'
import { patiently } from '../../../contracts/ils.ts'
import { authority } from '../../../harness/certificates.ts'
import { type AcsOptions, friendly } from './acs.ts'
import { type Rig, rig } from './client.ts'

const town = authority('Town')
const server = town.issue('ils.test', { names: ['ils.test'] })
const stranger = authority('Stranger').issue('ils.test', { names: ['ils.test'] })
const fingerprint = new X509Certificate(server.cert).fingerprint256

let open: Rig[] = []
afterEach(async () => {
  for (const each of open) await each.end()
  open = []
})

/** What came of one question, and whether the library system heard a word. */
const ask = async (tls: Sip2SettingsInput['tls'], acs: AcsOptions['tls'] = server) => {
  const settings = { tls, deadlineSeconds: { person: 2, work: 2 } }
  const r = await rig(friendly, settings, { tls: acs! })
  open.push(r)
  const answer = await patiently(r.ils.item('B1'), r.clock)
  return {
    came: answer.ok ? 'an answer' : 'nothing',
    heard: r.acs.lines.length > 0,
    warned: r.warnings.join('\n'),
    named: r.acs.named,
  }
}

describe('TLS to a library system', () => {
  it('speaks to the one whose certificate the authority has signed, under the name asked for', async () => {
    const told = await ask({ ca: town.cert, serverName: 'ils.test' })
    expect(told).toMatchObject({ came: 'an answer', heard: true })
    expect(told.named).toContain('ils.test')
  })

  it.each([
    ['signed by nobody known', { serverName: 'ils.test' }, server],
    ['signed by another authority', { ca: town.cert, serverName: 'ils.test' }, stranger],
    ['for another name', { ca: town.cert, serverName: 'other.test' }, server],
    ['for a name while an address was dialled', { ca: town.cert }, server],
    [
      'that has run out',
      { ca: town.cert, serverName: 'ils.test' },
      town.issue('ils.test', { names: ['ils.test'], notAfter: '20010101000000Z' }),
    ],
    ['with another fingerprint', { fingerprint }, stranger],
  ])('says not a word to one with a certificate %s', async (_, tls, acs) => {
    expect(await ask(tls, acs)).toMatchObject({ came: 'nothing', heard: false })
  })

  it('takes a certificate by its fingerprint, whoever has signed it and whatever its name', async () => {
    expect(await ask({ fingerprint })).toMatchObject({ came: 'an answer' })
    expect(await ask({ fingerprint: fingerprint.replaceAll(':', '').toLowerCase() })).toMatchObject({
      came: 'an answer',
    })
  })

  it('shows its own certificate to one that asks for it', async () => {
    const asking = { ...server, ca: town.cert, requestCert: true, rejectUnauthorized: true }
    const gateway = town.issue('gateway')
    const trust = { ca: town.cert, serverName: 'ils.test' }
    expect(await ask({ ...trust, ...gateway }, asking)).toMatchObject({ came: 'an answer' })
    expect(await ask(trust, asking)).toMatchObject({ came: 'nothing', heard: false })
    const foreign = authority('Elsewhere').issue('gateway')
    expect(await ask({ ...trust, ...foreign }, asking)).toMatchObject({ came: 'nothing', heard: false })
  })

  it('speaks no version older than asked for', async () => {
    const old = { ...server, maxVersion: 'TLSv1.2' } as const
    const trust = { ca: town.cert, serverName: 'ils.test' }
    expect(await ask(trust, old)).toMatchObject({ came: 'an answer' })
    expect(await ask({ ...trust, minVersion: 'TLSv1.3' }, old)).toMatchObject({ came: 'nothing' })
  })

  it('speaks to nobody in clear where TLS was asked for', async () => {
    const r = await rig(friendly, { tls: {}, deadlineSeconds: { person: 2, work: 2 } })
    open.push(r)
    expect(await patiently(r.ils.item('B1'), r.clock)).toMatchObject({ ok: false })
    expect(r.acs.lines.filter(({ line }) => line.includes('hunter2'))).toEqual([])
  })
})

describe('settings of TLS', () => {
  const faults = (tls: unknown): string =>
    (tlsSettings.safeParse(tls).error?.issues ?? [])
      .map(({ path, message }) => `${path.join('.')}: ${message}`)
      .join('; ')

  it.each([
    [{}, ''],
    [{ ca: town.cert }, ''],
    [town.issue('gateway'), ''],
    [{ fingerprint: 'AB:CD' }, 'fingerprint: must be the 64 hexadecimal digits'],
    [{ cert: town.cert }, 'cert: cert and key go together'],
    [{ ca: '/etc/ca.pem' }, 'ca: must be PEM text, or file:<path> of it'],
    [{ ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }, 'holds no certificate'],
    [{ ca: town.key }, 'holds no certificate'],
    [{ cert: town.cert, key: server.key }, 'cannot be used'],
    [{ verify: false }, 'verify'],
    [{ rejectUnauthorized: false }, 'rejectUnauthorized'],
  ])('%j: "%s"', (tls, fault) => {
    if (fault === '') expect(faults(tls)).toBe('')
    else expect(faults(tls)).toContain(fault)
  })

  it('that are wrong never show the key', () => {
    const told = faults({ cert: town.cert, key: server.key, passphrase: 'secret-word' })
    expect(told).not.toContain('secret-word')
    expect(told).not.toContain(server.key.split('\n')[1]!)
  })
})
