import { expect, it } from 'vitest'
import { isNetwork, privateNetworks, within } from '../../src/kernel/networks.ts'

it('private networks hold the addresses of buildings, and neither this machine nor the world', () => {
  const may = within(privateNetworks)
  for (const inside of ['10.1.2.3', '172.31.255.255', '192.168.0.7', 'fd00::7', '::ffff:192.168.0.7'])
    expect(may(inside), inside).toBe(true)
  for (const outside of [
    '127.0.0.1',
    '169.254.169.254',
    '172.32.0.1',
    '8.8.8.8',
    '::1',
    'fe80::1',
    'host',
    '',
  ])
    expect(may(outside), outside).toBe(false)
})

it('a network is an address, with or without its bits', () => {
  for (const good of ['127.0.0.1', '10.0.0.0/8', 'fc00::/7']) expect(isNetwork(good)).toBe(true)
  for (const bad of ['', 'host', '10.0.0.0/33', '10.0.0.0/8/8', 'fc00::/129', '10/8'])
    expect(isNetwork(bad)).toBe(false)
})
