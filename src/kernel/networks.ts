import { BlockList, isIP, SocketAddress } from 'node:net'

/** Networks of a building: RFC 1918, and unique local addresses of IPv6. Not this machine itself, nor link-local. */
export const privateNetworks: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
]

/** `192.168.0.0/16`, `10.1.2.3`, `fc00::/7`. */
export const isNetwork = (text: string): boolean => {
  const [address = '', bits, more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** The one way an address is written: IPv6 shortened, IPv4 in IPv6's clothes as IPv4. What is no address stays. */
export const plainAddress = (text: string): string => {
  const [bare = ''] = text.split('%')
  if (isIP(bare) !== 6) return text
  return new SocketAddress({ address: bare, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Whether an address (not a name) lies in one of the networks; IPv4 in IPv6's clothes counts as IPv4. */
export const within = (networks: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList()
  for (const one of networks) {
    const [address = '', bits] = one.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return address => {
    const plain = plainAddress(address)
    const family = isIP(plain)
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
  }
}
