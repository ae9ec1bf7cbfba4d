import type { Socket } from 'node:net'
import { type Clock, pause } from '../../../kernel/clock.ts'
import { type Answer, no, yes } from '../../../kernel/problem.ts'
import type { Profile } from './profile.ts'
import type { Sip2Settings } from './settings.ts'
import { loginRefused, lostConnection, noAnswer, unreadable } from './words.ts'

const mostChatter = 4096

/**
 * The log-in of servers that speak as a telnet line first: `login:`, `password:`, then a line that says it is
 * well. Gives the bytes that came behind that line. Some need a pause before each answer (Aspen).
 */
export const telnetLogin = async (
  socket: Socket,
  settings: Sip2Settings,
  profile: Profile,
  clock: Clock,
): Promise<Answer<Uint8Array>> => {
  const { user = '', password = '' } = settings.login ?? {}
  if (/[\r\n\0]/.test(user + password)) return no(loginRefused(''))
  const listener = listen(socket, clock, profile.connectTimeoutSeconds * 1000)
  try {
    for (const [prompt, reply] of [
      [/(?:login|user(?: ?name)?): ?$/i, user],
      [/pass(?:word|wd)?: ?$/i, password],
    ] as const) {
      const seen = await listener.until(text => (prompt.test(text) ? text.length : undefined))
      if (!seen.ok) return seen
      if (profile.telnetPauseSeconds > 0) await pause(clock, profile.telnetPauseSeconds * 1000)
      socket.write(`${reply}\r`)
    }
    const banner = await listener.until(text => endOfLine(text))
    if (!banner.ok) return banner
    if (/fail|incorrect|invalid|denied|(?:login|user ?name):/i.test(banner.value)) return no(loginRefused(''))
    return yes(listener.rest())
  } finally {
    listener.stop()
  }
}

/** Index behind the first line that says something. */
const endOfLine = (text: string): number | undefined => {
  const match = /[^\s\0][^\r\n]*[\r\n]+/.exec(text)
  return match ? match.index + match[0].length : undefined
}

interface Listener {
  /** Waits until `found` names an index in what has come, and takes what is before it. */
  until(found: (text: string) => number | undefined): Promise<Answer<string>>
  rest(): Uint8Array
  stop(): void
}

const listen = (socket: Socket, clock: Clock, patience: number): Listener => {
  let text = ''
  let closed = false
  let wake: () => void = () => {}
  const onData = (chunk: Uint8Array): void => {
    text += Buffer.from(chunk).toString('latin1')
    wake()
  }
  const onClose = (): void => {
    closed = true
    wake()
  }
  socket.on('data', onData)
  socket.on('close', onClose)
  return {
    until: found =>
      new Promise(resolve => {
        const end = (answer: Answer<string>): void => {
          cancel()
          wake = () => {}
          resolve(answer)
        }
        const look = (): void => {
          const at = found(text)
          if (at !== undefined) {
            const taken = text.slice(0, at)
            text = text.slice(at)
            end(yes(taken))
          } else if (closed) end(no(lostConnection()))
          else if (text.length > mostChatter) end(no(unreadable('no telnet prompt')))
        }
        const cancel = clock.after(patience, () => end(no(noAnswer())))
        wake = look
        look()
      }),
    rest: () => Buffer.from(text, 'latin1'),
    stop: () => {
      socket.off('data', onData)
      socket.off('close', onClose)
    },
  }
}
