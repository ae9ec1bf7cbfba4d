import { once } from 'node:events'
import { connect } from 'node:net'
import { usualLimits } from '../../src/gateway/sip2-server/accounts.ts'
import { type KioskServer, startKioskServer } from '../../src/gateway/sip2-server/server.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createIds, seededRandom } from '../../src/kernel/ids.ts'
import { noLog } from '../../src/kernel/log.ts'
import { Chance } from './random.ts'
import { linesOf } from './server-lines.ts'
import { account, worldOf } from './server-world.ts'
import { must } from './target.ts'

const linesOfOne = 16
/** Connections side by side. */
const together = 20
/** Wrong log-ins are made to wait; whatever takes longer than this hangs. */
const longest = 180_000

const inTime = <T>(work: Promise<T>, what: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = systemClock.after(longest, () => reject(new Error(`${what} hang`)))
    work.then(resolve, reject).finally(cancel)
  })

/**
 * The same over real sockets, cut at random: every line of a machine that logs in rightly at the end is still
 * served, and no machine takes anything from the others.
 */
export const overSockets = async (seed: number, connections: number): Promise<number> => {
  const world = worldOf(true)
  const clock = systemClock
  const server = await startKioskServer({
    ours: world.ours,
    ils: () => world.ils,
    clock,
    wire: clock,
    ids: createIds(clock),
    log: noLog,
    random: seededRandom('fuzz'),
    listeners: [{ host: '127.0.0.1', port: 0 }],
    accounts: [{ ...account, connections: 1000 }],
    limits: { ...usualLimits, requestsPerSecond: 100_000, connectionsPerAddress: 1000 },
  })
  try {
    let lines = 0
    for (let from = 0; from < connections; from += together) {
      const numbers = Array.from({ length: Math.min(together, connections - from) }, (_, i) => from + i)
      const talks = Promise.all(numbers.map(number => talk(server, new Chance(seed, number))))
      lines += (await inTime(talks, `connections ${from} to ${from + together}`)).reduce((a, b) => a + b, 0)
    }
    must(await isWell(server), 'the server does not answer any more')
    must(
      server.stats().accounts.every(({ errors }) => (errors.bug ?? 0) === 0),
      'a request stumbled',
    )
    return lines
  } finally {
    await server.close()
  }
}

const dial = async (server: KioskServer) => {
  const socket = connect({ port: server.addresses[0]!.port, host: '127.0.0.1' })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Says all lines in pieces, and waits until the server has hung up behind our end. */
const talk = async (server: KioskServer, chance: Chance): Promise<number> => {
  const socket = await dial(server)
  const lines = linesOf(chance, 'utf-8', linesOfOne)
  const stream = Buffer.concat(lines.flatMap(line => [line, Buffer.from('\r')]))
  const gone = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.resume()
  for (let from = 0; from < stream.length && !socket.destroyed; ) {
    const to = Math.min(stream.length, from + 1 + chance.below(200))
    socket.write(stream.subarray(from, to))
    from = to
  }
  if (chance.once(8)) socket.resetAndDestroy()
  else socket.end()
  await gone
  return lines.length
}

const isWell = async (server: KioskServer): Promise<boolean> => {
  const socket = await dial(server)
  socket.write('9900802.00\r')
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return chunk.toString('latin1').startsWith('98')
}
