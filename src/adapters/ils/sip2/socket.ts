import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Clock } from '../../../kernel/clock.ts'
import { type Answer, no, yes } from '../../../kernel/problem.ts'
import type { Profile } from './profile.ts'
import type { Sip2Settings } from './settings.ts'
import { tlsOptions, untrusted } from './tls.ts'
import { notConnected } from './words.ts'

/**
 * A connected socket, by TLS (with the certificate checked) where the settings say so, within its time.
 * `signal` gives up, also after connecting: the socket is destroyed.
 */
export const connectSocket = (
  settings: Pick<Sip2Settings, 'host' | 'port' | 'tls'>,
  profile: Pick<Profile, 'connectTimeoutSeconds'>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Answer<Socket>> =>
  new Promise(resolve => {
    const { host, port, tls } = settings
    const socket: Socket | TLSSocket = tls
      ? connectTls({ host, port, ...tlsOptions(tls) })
      : connectTcp({ host, port })
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    const end = (code: string): void => {
      cancel()
      socket.destroy()
      resolve(no(notConnected(code)))
    }
    const cancel = clock.after(profile.connectTimeoutSeconds * 1000, () => end('timeout'))
    // Kept for good: an error after `end` (or before anyone else listens) must not be thrown.
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'))
    signal?.addEventListener('abort', () => socket.destroy(new Error('given up')), { once: true })
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      const reason = tls && untrusted(socket as TLSSocket, tls)
      if (reason) return end(reason)
      cancel()
      resolve(yes(socket))
    })
  })
